//! One-time codes by phone (I1): one active code per phone, six digits, ten minutes, used once, bound
//! to the request that asked for it, five attempts that count even when the check fails.

use argon2::{PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use sha2::{Digest, Sha256};

use super::{
    Limits, Phone,
    limit::{self, Action, Counted},
    password::{blocking, hasher},
    session::random_token,
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::{Locale, Texts},
    notification::{Channel, outbox},
    time::plus_minutes,
};

/// The lifetime of a code, in minutes.
pub const LIFETIME_MINUTES: i64 = 10;
const ATTEMPTS: i16 = 5;

/// Asks for a code for this phone, and answers with the challenge that the code will belong to.
/// What is answered does not depend on whether the phone is known.
///
/// # Errors
/// `RATE_LIMITED`; the request counts all the same.
pub async fn request(
    database: &Database,
    limits: Limits,
    phone: Phone,
    address: String,
    texts: Texts,
    now: Timestamp,
) -> Result<String, AppError> {
    // Counted before anything else is done: what is refused costs no hashing.
    let counted = {
        let phone = phone.clone();
        database
            .write("otp.count", move |tx| {
                count(tx, limits, phone.clone(), address.clone(), now)
            })
            .await?
    };
    limit::check(counted)?;
    let code = format!("{:06}", rand::rng().random_range(0..1_000_000u32));
    let code_hash = hash(code.clone()).await?;
    let challenge = random_token();
    let stored = Sha256::digest(&challenge).to_vec();
    let body = texts.with(
        "sms-code",
        &[("code", code.into()), ("minutes", LIFETIME_MINUTES.into())],
    );
    database
        .write("otp.replace", move |tx| {
            replace(
                tx,
                phone.clone(),
                stored.clone(),
                code_hash.clone(),
                (texts.locale(), body.clone()),
                now,
            )
        })
        .await?;
    Ok(challenge)
}

/// Counts the request, up to the limit that it is not within. Commits either way.
///
/// The address comes first: one that is over its limit cannot use up that of a phone. Every request
/// counts in this order, so that two of them never wait for each other in a circle.
async fn count(
    mut tx: Tx,
    limits: Limits,
    phone: Phone,
    address: String,
    now: Timestamp,
) -> Result<Option<Counted>, Failure> {
    let mut nearest = None;
    for (action, subject, most) in [
        (Action::CodeByAddress, address.as_str(), limits.codes_per_address),
        (Action::CodeByPhone, phone.as_str(), limits.codes_per_phone),
        (Action::CodeOverall, "", limits.codes_overall),
    ] {
        let counted = limit::count(&mut tx, action, subject, most, now).await?;
        nearest = Counted::nearer(nearest, counted);
        if !counted.is_none_or(Counted::is_within) {
            break;
        }
    }
    tx.commit().await?;
    Ok(nearest)
}

/// Replaces the active code of a phone, and puts the message out.
async fn replace(
    mut tx: Tx,
    phone: Phone,
    challenge: Vec<u8>,
    code_hash: String,
    (locale, body): (Locale, String),
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into login_codes (phone, challenge, code_hash, expires_at, attempts_left)
         values ($1, $2, $3, $4, $5)
         on conflict (phone) do update set
             challenge = excluded.challenge,
             code_hash = excluded.code_hash,
             expires_at = excluded.expires_at,
             attempts_left = excluded.attempts_left",
        phone.as_str(),
        &challenge,
        code_hash,
        plus_minutes(now, LIFETIME_MINUTES).to_sqlx(),
        ATTEMPTS,
    )
    .execute(&mut *tx)
    .await?;
    let until = plus_minutes(now, LIFETIME_MINUTES);
    outbox::enqueue_secret(&mut tx, Channel::Sms, phone.as_str(), (locale, &body), until).await?;
    tx.commit().await?;
    Ok(())
}

/// Checks a code against its challenge. If it is right, finds or creates the holder of its phone number (I2).
///
/// # Errors
/// `UNAUTHENTICATED` for a code that is wrong, too old, used, replaced, or out of attempts: which
/// of these it is, is nobody's business.
pub async fn verify(
    database: &Database,
    challenge: &str,
    code: &str,
    now: Timestamp,
) -> Result<i64, AppError> {
    let challenge = Sha256::digest(challenge).to_vec();
    let counted = {
        let challenge = challenge.clone();
        database
            .write("otp.attempt", move |tx| spend_attempt(tx, challenge.clone(), now))
            .await?
    };
    let Some(code_hash) = counted else {
        return Err(AppError::WrongCode);
    };
    if !matches(code.to_owned(), code_hash.clone()).await? {
        return Err(AppError::WrongCode);
    }
    database
        .write("otp.redeem", move |tx| {
            redeem(tx, challenge.clone(), code_hash.clone(), now)
        })
        .await
}

/// Takes one attempt and answers with the hash to compare with. It commits before the comparison:
/// an attempt counts whatever becomes of it.
async fn spend_attempt(mut tx: Tx, challenge: Vec<u8>, now: Timestamp) -> Result<Option<String>, Failure> {
    let code_hash = sqlx::query_scalar!(
        "update login_codes set attempts_left = attempts_left - 1
         where challenge = $1 and attempts_left > 0 and expires_at > $2
         returning code_hash",
        &challenge,
        now.to_sqlx(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(code_hash)
}

/// Uses the code up. Of two that redeem it at once, the one that deletes the row is signed in.
async fn redeem(mut tx: Tx, challenge: Vec<u8>, code_hash: String, now: Timestamp) -> Result<i64, Failure> {
    let phone = sqlx::query_scalar!(
        "delete from login_codes where challenge = $1 and code_hash = $2 and expires_at > $3 returning phone",
        &challenge,
        code_hash,
        now.to_sqlx(),
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::WrongCode)?;
    let patient_id = find_or_create_patient(&mut tx, &phone).await?;
    tx.commit().await?;
    Ok(patient_id)
}

/// Finds or creates the holder of this phone number (I2). The unique index decides between concurrent calls.
///
/// # Errors
/// Those of the database; `UNAUTHENTICATED` where the clinic has deactivated the patient.
pub async fn find_or_create_patient(tx: &mut Tx, phone: &str) -> Result<i64, Failure> {
    sqlx::query!(
        "insert into patients (phone) values ($1) on conflict (phone) where holder_id is null do nothing",
        phone,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query_scalar!(
        "select id from patients where phone = $1 and holder_id is null and active",
        phone
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(Failure::Refused(AppError::WrongCode))
}

/// argon2id. A million codes are few: what protects them is that attempts are counted, and the slow
/// hash is for who reads the table.
async fn hash(code: String) -> Result<String, AppError> {
    blocking(move || {
        hasher()
            .hash_password(code.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|_| AppError::Internal)
    })
    .await?
}

async fn matches(code: String, hash: String) -> Result<bool, AppError> {
    blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| hasher().verify_password(code.as_bytes(), &hash).is_ok())
    })
    .await
}
