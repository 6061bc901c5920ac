//! Telling a secret once.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{owner::lock, secret::SigningSecret};
use crate::{
    account::{Caller, factor::seal::SecretKey, secret::Holder},
    database::{Database, Failure, Tx},
    error::AppError,
};

/// The time for which a new secret waits to be shown, in minutes. The page that shows it follows at once.
pub(super) const TELL_MINUTES: i64 = 10;

/// The secret of a webhook, where it was just made in this browser and has not been shown yet: whoever asks is told once, and
/// of two who ask at once one.
///
/// # Errors
/// `NOT_FOUND`; `INTERNAL` where the key of the installation is another one by now.
pub async fn tell(
    database: &Database,
    caller: &Caller,
    id: i64,
    browser: &Holder,
    secret_key: Option<SecretKey>,
    now: Timestamp,
) -> Result<Option<SigningSecret>, AppError> {
    let (caller, browser) = (caller.clone(), browser.digest());
    database
        .write("webhook.tell", move |tx| {
            let (caller, browser, secret_key) = (caller.clone(), browser.clone(), secret_key.clone());
            attempt(tx, caller, id, browser, secret_key, now)
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    caller: Caller,
    id: i64,
    browser: String,
    secret_key: Option<SecretKey>,
    now: Timestamp,
) -> Result<Option<SigningSecret>, Failure> {
    let webhook = lock(&mut tx, &caller, id).await?;
    let waited = sqlx::query!(
        "update webhooks set told_to = null, tell_until = null
         where id = $1 and told_to = $2 and tell_until > $3 and state <> 'ended'",
        webhook.id,
        browser,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?
    .rows_affected()
        > 0;
    if !waited {
        return Ok(None);
    }
    let secret = SigningSecret::open(secret_key.as_ref(), &webhook.secret, webhook.staff_id)?;
    tx.commit().await?;
    Ok(Some(secret))
}
