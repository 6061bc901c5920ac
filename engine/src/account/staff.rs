//! Staff accounts (I3), and the names of patients.

use std::sync::LazyLock;

use jiff::Timestamp;

use super::{
    Limits, Role, access, limit, note_of,
    password::{self, Work, check_new_password, hash_password, hashing, password_hash},
    place::{self, place},
    session::SignedIn,
    tries::{self, Allowed, Guess, Subject},
};
use crate::{
    audit::{self, Kind},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    text,
};

/// Checks e-mail and password, and answers with the id of the staff member. It takes as long for an
/// account that does not exist.
///
/// # Errors
/// `UNAUTHENTICATED`; `RATE_LIMITED` where wrong passwords make the next one wait.
pub async fn staff_sign_in(
    database: &Database,
    limits: Limits,
    email: &str,
    password: String,
    address: String,
    now: Timestamp,
) -> Result<i64, AppError> {
    let email = email.trim().to_lowercase();
    let place = place(&address);
    let attempt = {
        let place = place.clone();
        database
            .write("staff.sign_in", move |tx| {
                look_up(tx, limits, email.clone(), place.clone(), now)
            })
            .await?
    };
    for (_, allowed) in &attempt.tries {
        tries::check(*allowed)?;
    }
    let (id, hash) = match attempt.account {
        Some(account) => (Some(account.id), account.hash),
        None => (None, hashing(Work::SignIn, || DECOY.clone()).await??),
    };
    let right = hashing(Work::SignIn, move || password::matches(&password, &hash)).await?;
    let Some(id) = id.filter(|_| right) else {
        for (subject, allowed) in &attempt.tries {
            if let Allowed::Yes { count, .. } = allowed {
                tries::report(database, subject, *count);
            }
        }
        return Err(AppError::WrongPassword);
    };
    let subjects: Vec<Subject> = attempt.tries.into_iter().map(|(subject, _)| subject).collect();
    database
        .write("staff.signed_in", move |tx| {
            signed_in(tx, id, subjects.clone(), place.clone(), now)
        })
        .await?;
    Ok(id)
}

#[derive(Clone, Debug)]
struct Account {
    id: i64,
    hash: String,
}

/// A try to sign in, counted.
#[derive(Clone, Debug)]
struct Attempt {
    account: Option<Account>,
    tries: Vec<(Subject, Allowed)>,
}

/// A hash to compare with where there is no account, so that the answer takes as long.
static DECOY: LazyLock<Result<String, AppError>> = LazyLock::new(|| hash_password("no account"));

/// Finds the account, and counts the try: where it has not signed in from this address before, for the address and for the
/// account, too. What comes too early is not counted.
async fn look_up(
    mut tx: Tx,
    limits: Limits,
    email: String,
    place: String,
    now: Timestamp,
) -> Result<Attempt, Failure> {
    let row = sqlx::query!(
        "select id, password_hash from staff where email = $1 and active",
        email,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let account = row.map(|row| Account {
        id: row.id,
        hash: row.password_hash,
    });
    let is_known = match &account {
        Some(account) => place::is_known(&mut tx, SignedIn::Staff(account.id), &place, now).await?,
        None => false,
    };
    let mut subjects: Vec<(Guess, Vec<&str>)> =
        vec![(Guess::PasswordByAccountAndAddress, vec![&email, &place])];
    if !is_known {
        subjects.insert(0, (Guess::PasswordByAddress, vec![&place]));
        subjects.push((Guess::PasswordByAccount, vec![&email]));
    }
    if limits.sign_ins == 0 {
        subjects.clear();
    }
    let mut tries = Vec::new();
    for (guess, subject) in subjects {
        let subject = Subject::new(guess, &subject, limits.sign_ins);
        let allowed = tries::count(&mut tx, &subject, now).await?;
        tries.push((subject, allowed));
        if !matches!(allowed, Allowed::Yes { .. }) {
            // Nothing is counted of it.
            return Ok(Attempt { account: None, tries });
        }
    }
    tx.commit().await?;
    Ok(Attempt { account, tries })
}

/// Takes the tries back, and notes where somebody signed in from.
async fn signed_in(
    mut tx: Tx,
    id: i64,
    subjects: Vec<Subject>,
    place: String,
    now: Timestamp,
) -> Result<(), Failure> {
    for subject in &subjects {
        tries::take_back(&mut tx, subject).await?;
    }
    place::remember(&mut tx, SignedIn::Staff(id), &place, now).await?;
    tx.commit().await
}

/// Checks the password of somebody who has signed in, before they change what others sign in with.
///
/// # Errors
/// `VALIDATION_FAILED` for the own password; `RATE_LIMITED` where wrong ones make the next one wait.
pub async fn check_own_password(
    database: &Database,
    limits: Limits,
    staff_id: i64,
    password: Option<String>,
    now: Timestamp,
) -> Result<(), AppError> {
    let missing = AppError::invalid(Field::OwnPassword, FieldProblem::Missing);
    let password = password.filter(|password| !password.is_empty()).ok_or(missing)?;
    let subject = Subject::new(
        Guess::PasswordByAccountAndAddress,
        &["own", &staff_id.to_string()],
        // 0 is no limit.
        match limits.sign_ins {
            0 => u32::MAX,
            sign_ins => sign_ins,
        },
    );
    let (hash, allowed) = {
        let subject = subject.clone();
        database
            .write("staff.own_password", move |mut tx| {
                let subject = subject.clone();
                async move {
                    let hash = sqlx::query_scalar!(
                        "select password_hash from staff where id = $1 and active",
                        staff_id
                    )
                    .fetch_optional(&mut *tx)
                    .await?
                    .ok_or(AppError::Unauthenticated)?;
                    let allowed = tries::count(&mut tx, &subject, now).await?;
                    tx.commit().await?;
                    Ok((hash, allowed))
                }
            })
            .await?
    };
    if let Allowed::Later(counted) = allowed {
        limit::check(Some(counted))?;
    }
    if !hashing(Work::SignIn, move || password::matches(&password, &hash)).await? {
        if let Allowed::Yes { count, .. } = allowed {
            tries::report(database, &subject, count);
        }
        return Err(AppError::invalid(Field::OwnPassword, FieldProblem::Malformed));
    }
    database
        .write("staff.own_password_right", move |mut tx| {
            let subject = subject.clone();
            async move {
                tries::take_back(&mut tx, &subject).await?;
                tx.commit().await
            }
        })
        .await
}

/// Makes a staff account, or gives an existing one this name and password, and returns whether it is new. The new password
/// ends all that the old one opened. An installation gets its first admin by this (`janji admin`).
///
/// # Errors
/// `FORBIDDEN` where the e-mail belongs to somebody in another role; `VALIDATION_FAILED` for a password that is easily
/// guessed.
pub async fn put_staff(
    database: &Database,
    role: Role,
    name: String,
    email: String,
    password: String,
) -> Result<bool, AppError> {
    check_new_password(&password, &[&name, &email])?;
    let password_hash = password_hash(password).await?;
    let name = text::line(&name);
    let email = email.trim().to_lowercase();
    let now = database.now();
    let (is_new, note) = database
        .write("staff.put", move |mut tx| {
            let (name, email, password_hash) = (name.clone(), email.clone(), password_hash.clone());
            async move {
                let put = sqlx::query!(
                    r#"insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4)
                     on conflict on constraint staff_email_key do update set
                         name = excluded.name, password_hash = excluded.password_hash,
                         active = staff.active or staff.invited_at is not null, invited_at = null
                     where staff.role = excluded.role
                     returning id, xmax = 0 as "is_new!""#,
                    role.as_str(),
                    name,
                    email,
                    password_hash,
                )
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(AppError::Forbidden)?;
                if !put.is_new {
                    access::end_access(&mut tx, SignedIn::Staff(put.id), now).await?;
                }
                let kind = match put.is_new {
                    true => Kind::AccountChanged,
                    false => Kind::PasswordChanged,
                };
                let note = note_of(None, kind).of_staff(put.id).about("janji admin");
                audit::write(&mut tx, &note).await?;
                tx.commit().await?;
                Ok((put.is_new, note))
            }
        })
        .await?;
    audit::tell(database, &note);
    Ok(is_new)
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
