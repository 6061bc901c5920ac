//! The second step of a sign-in, and being asked again who one is.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};

use super::{Policy, load, recovery, seal::SecretKey, totp};
use crate::{
    account::{Role, session::random_token, tries},
    database::{Database, Failure, Tx},
    error::AppError,
    phone,
    time::plus_minutes,
};

/// The time in which the second step follows the first, in minutes.
pub const LIFETIME_MINUTES: i64 = 10;

/// What follows a right password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: whoever it is has signed in.
    Done,
    /// A factor is asked for, under this challenge.
    Factor(String),
    /// A factor has to be set up first, under this challenge.
    Enrol(String),
}

pub(super) fn hash(challenge: &str) -> Vec<u8> {
    Sha256::digest(challenge).to_vec()
}

/// Says what follows a right password.
///
/// # Errors
/// `UNAUTHENTICATED` for who is no longer active.
pub async fn next_step(
    database: &Database,
    policy: Policy,
    staff_id: i64,
    now: Timestamp,
) -> Result<Step, AppError> {
    if policy == Policy::Off {
        return Ok(Step::Done);
    }
    database
        .write("factor.next_step", move |mut tx| async move {
            let role = sqlx::query_scalar!("select role from staff where id = $1 and active", staff_id)
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(AppError::Unauthenticated)?;
            let has_factor = load(&mut tx, staff_id).await?.is_any();
            let is_required = Role::parse(&role).is_some_and(|role| policy.requires(role));
            if !has_factor && !is_required {
                return Ok(Step::Done);
            }
            let challenge = random_token();
            let (purpose, step) = match has_factor {
                true => ("sign_in", Step::Factor(challenge.clone())),
                false => ("enrol", Step::Enrol(challenge.clone())),
            };
            sqlx::query!(
                "insert into factor_challenges (hash, staff_id, purpose, made_at, expires_at) values ($1, $2, $3, $4, $5)",
                &hash(&challenge),
                staff_id,
                purpose,
                now.to_sqlx(),
                plus_minutes(now, LIFETIME_MINUTES).to_sqlx(),
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(step)
        })
        .await
}

/// Whoever has taken the second step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    pub staff_id: i64,
    /// When the first step was taken: what has ended since does not let anybody in.
    pub since: Timestamp,
}

/// Looks up whom a challenge is of.
async fn whose(
    database: &Database,
    challenge: &str,
    purpose: &'static str,
    now: Timestamp,
) -> Result<Answered, AppError> {
    let hash = hash(challenge);
    database
        .read("factor.whose", move |mut connection| async move {
            let row = sqlx::query!(
                "select staff_id, made_at from factor_challenges where hash = $1 and purpose = $2 and expires_at > $3",
                &hash,
                purpose,
                now.to_sqlx(),
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::WrongCode)?;
            Ok(Answered {
                staff_id: row.staff_id,
                since: row.made_at.to_jiff(),
            })
        })
        .await
}

/// Whoever has to set up a factor before they are let in.
///
/// # Errors
/// `UNAUTHENTICATED` for a challenge that is not theirs, or too old.
pub async fn enrolling(database: &Database, challenge: &str, now: Timestamp) -> Result<Answered, AppError> {
    whose(database, challenge, "enrol", now).await
}

/// Whoever is asked for a factor.
///
/// # Errors
/// `UNAUTHENTICATED` for a challenge that is not theirs, or too old.
pub(super) async fn signing_in(
    database: &Database,
    challenge: &str,
    now: Timestamp,
) -> Result<Answered, AppError> {
    whose(database, challenge, "sign_in", now).await
}

/// Takes the second step with a code of the app, or a recovery code. The challenge is used up by the right one.
///
/// # Errors
/// `UNAUTHENTICATED` for a wrong code, which counts, and for a challenge that is too old; `RATE_LIMITED`.
pub async fn answer(
    database: &Database,
    key: Option<SecretKey>,
    challenge: &str,
    code: &str,
    now: Timestamp,
) -> Result<Answered, AppError> {
    let answered = signing_in(database, challenge, now).await?;
    let guesses = totp::count_try(database, answered.staff_id, now).await?;
    let (code, hash) = (code.to_owned(), hash(challenge));
    let result = database
        .write("factor.answer", move |mut tx| {
            let (key, code, hash, guesses) = (key.clone(), code.clone(), hash.clone(), guesses.clone());
            async move {
                tries::take_back(&mut tx, &guesses).await?;
                use_up(&mut tx, &hash).await?;
                spend(&mut tx, key.as_ref(), answered.staff_id, &code, now).await?;
                tx.commit().await?;
                Ok(answered)
            }
        })
        .await;
    totp::report(database, answered.staff_id, &result);
    result
}

/// Uses a challenge up.
///
/// # Errors
/// `UNAUTHENTICATED` where somebody else has.
pub(super) async fn use_up(tx: &mut Tx, hash: &[u8]) -> Result<(), Failure> {
    let used = sqlx::query!("delete from factor_challenges where hash = $1", hash)
        .execute(&mut **tx)
        .await?;
    match used.rows_affected() {
        0 => Err(AppError::WrongCode.into()),
        _ => Ok(()),
    }
}

/// Ends what somebody began who had no factor yet: they have one now.
///
/// # Errors
/// Those of the database.
pub(super) async fn end_enrolling(tx: &mut Tx, staff_id: i64) -> Result<(), Failure> {
    sqlx::query!(
        "delete from factor_challenges where staff_id = $1 and purpose = 'enrol'",
        staff_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn spend(
    tx: &mut Tx,
    key: Option<&SecretKey>,
    staff_id: i64,
    code: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    match recovery::is_one(code) {
        true => recovery::spend(tx, staff_id, code).await,
        false => {
            let code = phone::code(code).map_err(|_| AppError::WrongCode)?;
            totp::spend(tx, key, staff_id, &code, true, now).await
        }
    }
}

/// Proves again who one is, with a code of the app or a recovery code.
///
/// # Errors
/// `UNAUTHENTICATED` for a wrong code, which counts; `RATE_LIMITED`.
pub async fn confirm(
    database: &Database,
    key: Option<SecretKey>,
    staff_id: i64,
    code: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    let guesses = totp::count_try(database, staff_id, now).await?;
    let code = code.to_owned();
    let result = database
        .write("factor.confirm", move |mut tx| {
            let (key, code, guesses) = (key.clone(), code.clone(), guesses.clone());
            async move {
                tries::take_back(&mut tx, &guesses).await?;
                spend(&mut tx, key.as_ref(), staff_id, &code, now).await?;
                tx.commit().await
            }
        })
        .await;
    totp::report(database, staff_id, &result);
    result
}

/// Deletes challenges that are good no more, and apps that nobody finished setting up.
///
/// # Errors
/// Those of the database.
pub(in crate::account) async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "delete from factor_challenges where expires_at <= $1",
        now.to_sqlx()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from totp_factors where confirmed_at is null and made_at <= $1",
        plus_minutes(now, -24 * 60).to_sqlx()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
