//! Staff accounts (I3), and what patients say about themselves.

use std::sync::LazyLock;

use argon2::{PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use jiff::Timestamp;

use super::{
    Limits, Role,
    limit::{self, Action},
    otp::{blocking, hasher},
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
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
    let account = database
        .write("staff.sign_in", move |tx| {
            look_up(tx, limits, email.clone(), address.clone(), now)
        })
        .await?
        .ok_or(AppError::RateLimited)?;
    let (id, hash) = match account {
        Lookup::Found { id, hash } => (Some(id), hash),
        Lookup::Unknown => (None, blocking(|| DECOY.clone()).await??),
    };
    let right = blocking(move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?;
    id.filter(|_| right).ok_or(AppError::WrongPassword)
}

enum Lookup {
    Found { id: i64, hash: String },
    Unknown,
}

/// A hash to compare with where there is no account, so that the answer takes as long.
static DECOY: LazyLock<Result<String, AppError>> = LazyLock::new(|| hash_password("no account"));

/// `None` when it was asked too often. Commits either way: what is refused counts, too.
async fn look_up(
    mut tx: Tx,
    limits: Limits,
    email: String,
    address: String,
    now: Timestamp,
) -> Result<Option<Lookup>, Failure> {
    let within = limit::count(&mut tx, Action::SignInByEmail, &email, limits.sign_ins, now).await?
        && limit::count(&mut tx, Action::SignInByAddress, &address, limits.sign_ins, now).await?;
    let account = if within {
        let row = sqlx::query!(
            "select id, password_hash from staff where email = $1 and active",
            email,
        )
        .fetch_optional(&mut *tx)
        .await?;
        Some(match row {
            Some(row) => Lookup::Found {
                id: row.id,
                hash: row.password_hash,
            },
            None => Lookup::Unknown,
        })
    } else {
        None
    };
    tx.commit().await?;
    Ok(account)
}

/// argon2id, as a PHC string. Slow on purpose: not for an async task.
///
/// # Errors
/// `INTERNAL`.
pub fn hash_password(password: &str) -> Result<String, AppError> {
    hasher()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| AppError::Internal)
}

/// Makes a staff account, or gives an existing one this name and password: how an installation
/// gets its first admin (`janji admin`).
///
/// # Errors
/// Those of the database.
pub async fn put_staff(
    database: &Database,
    role: Role,
    name: String,
    email: String,
    password: String,
) -> Result<i64, AppError> {
    let password_hash = blocking(move || hash_password(&password)).await??;
    let email = email.trim().to_lowercase();
    database
        .write("staff.put", move |mut tx| {
            let (name, email, password_hash) = (name.clone(), email.clone(), password_hash.clone());
            async move {
                let id = sqlx::query_scalar!(
                    "insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4)
                     on conflict on constraint staff_email_key do update set
                         name = excluded.name, password_hash = excluded.password_hash
                     returning id",
                    role.as_str(),
                    name,
                    email,
                    password_hash,
                )
                .fetch_one(&mut *tx)
                .await?;
                tx.commit().await?;
                Ok(id)
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
