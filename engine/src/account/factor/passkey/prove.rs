//! Proofs with a passkey: as the second step of a sign-in, and of who is signed in already.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use webauthn_rs::prelude::{PasskeyAuthentication, PublicKeyCredential};

use super::{Asked, json, keep, keys, read, take, webauthn};
use crate::{
    account::{
        factor::challenge::{self, Answered, signing_in, use_up},
        link::PublicUrl,
    },
    audit::{self, Kind, Note},
    database::{Database, Failure, Tx},
    error::AppError,
};

/// Asks the authenticators of somebody to prove who they are.
///
/// # Errors
/// `NOT_FOUND` for who has no passkey.
pub async fn begin(
    database: &Database,
    site: &PublicUrl,
    staff_id: i64,
    now: Timestamp,
) -> Result<Asked, AppError> {
    let keys = keys(database, staff_id).await?;
    if keys.is_empty() {
        return Err(AppError::NotFound);
    }
    let (options, state) = webauthn(site)?
        .start_passkey_authentication(&keys)
        .map_err(|_| AppError::Internal)?;
    Ok(Asked {
        token: keep(database, staff_id, json(&state)?, now).await?,
        options: json(&options)?.to_string(),
    })
}

/// The same in the second step of a sign-in.
///
/// # Errors
/// `UNAUTHENTICATED` for a challenge that is too old; those of [`begin`].
pub async fn begin_answer(
    database: &Database,
    site: &PublicUrl,
    challenge: &str,
    now: Timestamp,
) -> Result<Asked, AppError> {
    let answered = signing_in(database, challenge, now).await?;
    begin(database, site, answered.staff_id, now).await
}

/// Checks the answer of an authenticator, and notes that it was used.
async fn check(
    database: &Database,
    site: &PublicUrl,
    staff_id: i64,
    (token, answer): (&str, &str),
    now: Timestamp,
) -> Result<(Vec<u8>, serde_json::Value), AppError> {
    let answer: PublicKeyCredential = read(answer)?;
    let state: PasskeyAuthentication = take(database, staff_id, token, now).await?;
    let result = webauthn(site)?
        .finish_passkey_authentication(&answer, &state)
        .map_err(|_| AppError::WrongCode);
    if result.is_err() {
        let note = Note::new(Kind::CodeFailed).of_staff(staff_id).about("passkey");
        audit::note(database, note).await;
    }
    let result = result?;
    let id = result.cred_id().to_vec();
    let mut used = keys(database, staff_id)
        .await?
        .into_iter()
        .find(|key| key.cred_id().as_slice() == id.as_slice())
        // It was taken away while it answered.
        .ok_or(AppError::WrongCode)?;
    used.update_credential(&result);
    Ok((id, json(&used)?))
}

async fn note_use(
    tx: &mut Tx,
    staff_id: i64,
    (id, key): (&[u8], &serde_json::Value),
    now: Timestamp,
) -> Result<(), Failure> {
    let used = sqlx::query!(
        "update passkeys set passkey = $3, last_used_at = $4 where staff_id = $1 and credential_id = $2",
        staff_id,
        id,
        key,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    match used.rows_affected() {
        0 => Err(AppError::WrongCode.into()),
        _ => Ok(()),
    }
}

/// Takes the second step of a sign-in with a passkey.
///
/// # Errors
/// `UNAUTHENTICATED` for an answer that does not fit, or comes too late.
pub async fn answer(
    database: &Database,
    site: &PublicUrl,
    challenge: &str,
    answer: (&str, &str),
    now: Timestamp,
) -> Result<Answered, AppError> {
    let answered = signing_in(database, challenge, now).await?;
    let used = check(database, site, answered.staff_id, answer, now).await?;
    let hash = challenge::hash(challenge);
    database
        .write("passkey.answer", move |mut tx| {
            let (hash, used) = (hash.clone(), used.clone());
            async move {
                use_up(&mut tx, &hash).await?;
                note_use(&mut tx, answered.staff_id, (&used.0, &used.1), now).await?;
                tx.commit().await?;
                Ok(answered)
            }
        })
        .await
}

/// Proves again who one is, with a passkey.
///
/// # Errors
/// `UNAUTHENTICATED` for an answer that does not fit, or comes too late.
pub async fn confirm(
    database: &Database,
    site: &PublicUrl,
    staff_id: i64,
    answer: (&str, &str),
    now: Timestamp,
) -> Result<(), AppError> {
    let used = check(database, site, staff_id, answer, now).await?;
    database
        .write("passkey.confirm", move |mut tx| {
            let used = used.clone();
            async move {
                note_use(&mut tx, staff_id, (&used.0, &used.1), now).await?;
                tx.commit().await
            }
        })
        .await
}
