//! Staff accounts (I3), and the names of patients.

use std::sync::LazyLock;

use argon2::{PasswordVerifier, password_hash::phc::PasswordHash};
use jiff::Timestamp;

use super::{
    Limits, Role,
    limit::{self, Action, Counted},
    password::{blocking, hash_password, hasher, password_hash},
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    text,
};

/// Checks e-mail and password, and answers with the id of the staff member. It takes as long for an
/// account that does not exist.
///
/// # Errors
/// `UNAUTHENTICATED`, `RATE_LIMITED`.
pub async fn staff_sign_in(
    database: &Database,
    limits: Limits,
    email: &str,
    password: String,
    address: String,
    now: Timestamp,
) -> Result<i64, AppError> {
    let email = email.trim().to_lowercase();
    let (counted, account) = database
        .write("staff.sign_in", move |tx| {
            look_up(tx, limits, email.clone(), address.clone(), now)
        })
        .await?;
    limit::check(counted)?;
    let (id, hash) = match account {
        Some(account) => (Some(account.id), account.hash),
        None => (None, blocking(|| DECOY.clone()).await??),
    };
    let right = blocking(move || is_right(&password, &hash)).await?;
    id.filter(|_| right).ok_or(AppError::WrongPassword)
}

/// Whether this is the password of a hash. Hashes from before passwords were normalised are of what was typed.
fn is_right(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    let is = |password: &str| hasher().verify_password(password.as_bytes(), &hash).is_ok();
    let normalised = text::password(password);
    is(&normalised) || normalised != password && is(password)
}

struct Account {
    id: i64,
    hash: String,
}

/// A hash to compare with where there is no account, so that the answer takes as long.
static DECOY: LazyLock<Result<String, AppError>> = LazyLock::new(|| hash_password("no account"));

/// Finds nobody when it was asked too often. Commits either way: what is refused counts, too.
async fn look_up(
    mut tx: Tx,
    limits: Limits,
    email: String,
    address: String,
    now: Timestamp,
) -> Result<(Option<Counted>, Option<Account>), Failure> {
    // The address first: one that is over its limit cannot lock an account out.
    let mut counted = limit::count(&mut tx, Action::SignInByAddress, &address, limits.sign_ins, now).await?;
    if counted.is_none_or(Counted::is_within) {
        let by_email = limit::count(&mut tx, Action::SignInByEmail, &email, limits.sign_ins, now).await?;
        counted = Counted::nearer(counted, by_email);
    }
    let account = if counted.is_none_or(Counted::is_within) {
        let row = sqlx::query!(
            "select id, password_hash from staff where email = $1 and active",
            email,
        )
        .fetch_optional(&mut *tx)
        .await?;
        row.map(|row| Account {
            id: row.id,
            hash: row.password_hash,
        })
    } else {
        None
    };
    tx.commit().await?;
    Ok((counted, account))
}

/// Makes a staff account, or gives an existing one this name and password, and returns whether it is new. An installation
/// gets its first admin by this (`janji admin`).
///
/// # Errors
/// `FORBIDDEN` where the e-mail belongs to somebody in another role.
pub async fn put_staff(
    database: &Database,
    role: Role,
    name: String,
    email: String,
    password: String,
) -> Result<bool, AppError> {
    let password_hash = password_hash(password).await?;
    let name = text::line(&name);
    let email = email.trim().to_lowercase();
    database
        .write("staff.put", move |mut tx| {
            let (name, email, password_hash) = (name.clone(), email.clone(), password_hash.clone());
            async move {
                let is_new = sqlx::query_scalar!(
                    r#"insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4)
                     on conflict on constraint staff_email_key do update set
                         name = excluded.name, password_hash = excluded.password_hash
                     where staff.role = excluded.role
                     returning xmax = 0 as "is_new!""#,
                    role.as_str(),
                    name,
                    email,
                    password_hash,
                )
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(AppError::Forbidden)?;
                tx.commit().await?;
                Ok(is_new)
            }
        })
        .await
}

/// Gives a patient who has no name yet this one; a name that is there stays.
///
/// # Errors
/// Those of the database.
pub async fn name_patient(tx: &mut Tx, patient_id: i64, name: &str) -> Result<(), Failure> {
    sqlx::query!(
        "update patients set name = $2 where id = $1 and name is null",
        patient_id,
        name,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
