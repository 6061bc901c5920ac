//! A new secret in place of the one before.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{owner::lock, secret::SigningSecret, tell::TELL_MINUTES};
use crate::{
    account::{Caller, factor::seal::SecretKey, note_by, secret::Holder},
    audit::{self, Kind},
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
    time::plus_minutes,
};

/// The hours for which requests are signed with the secret before as well, so that its owner can put the new one in place.
pub const OLD_SECRET_HOURS: i64 = 24;

/// The command to give a webhook a new secret.
#[derive(Clone, Debug)]
pub struct RotateSecret {
    pub caller: Caller,
    pub id: i64,
    /// The browser in which [`tell`](super::tell) shows the secret.
    pub browser: Option<Holder>,
    /// The key of this installation, which seals the secret.
    pub secret_key: Option<SecretKey>,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Gives a webhook a new secret, and answers with it. The one before is good for some time beside it; one before that no more.
/// Where the same request has made it before, it is no longer told.
///
/// # Errors
/// `NOT_FOUND`, also for that of somebody else; `VALIDATION_FAILED` where it has ended; `IDEMPOTENCY_CONFLICT`.
pub async fn rotate(
    database: &Database,
    command: RotateSecret,
    now: Timestamp,
) -> Result<Option<SigningSecret>, AppError> {
    let secret = SigningSecret::random();
    let new = secret.clone();
    let note = note_by(&command.caller, Kind::WebhookChanged).about("secret");
    let told = note.clone();
    let is_new = database
        .write("webhook.rotate", move |tx| {
            attempt(tx, command.clone(), new.clone(), note.clone(), now)
        })
        .await?;
    if is_new {
        audit::tell(database, &told);
    }
    Ok(is_new.then_some(secret))
}

async fn attempt(
    mut tx: Tx,
    command: RotateSecret,
    secret: SigningSecret,
    note: audit::Note,
    now: Timestamp,
) -> Result<bool, Failure> {
    let key = command.key.as_ref();
    if idempotency::claim::<bool>(&mut tx, key, now).await?.is_some() {
        return Ok(false);
    }
    let webhook = lock(&mut tx, &command.caller, command.id).await?;
    webhook.must_not_have_ended()?;
    let browser = command.browser.as_ref().map(Holder::digest);
    let tell_until = browser.as_ref().map(|_| plus_minutes(now, TELL_MINUTES));
    sqlx::query!(
        "update webhooks
         set old_secret = secret, old_secret_until = $3, secret = $2, told_to = $4, tell_until = $5
         where id = $1",
        webhook.id,
        secret.seal(command.secret_key.as_ref(), webhook.staff_id)?,
        plus_minutes(now, OLD_SECRET_HOURS * 60).to_sqlx(),
        browser,
        tell_until.map(ToSqlx::to_sqlx) as _,
    )
    .execute(&mut *tx)
    .await?;
    audit::write(&mut tx, &note).await?;
    idempotency::answer(&mut tx, key, &true, &[]).await?;
    tx.commit().await?;
    Ok(true)
}
