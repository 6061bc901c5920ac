//! Deleting a webhook.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    owner::lock,
    rules::{Because, State},
};
use crate::{
    account::{Caller, note_by},
    audit::{self, Kind, Note},
    database::{Database, Failure, Tx},
    error::AppError,
};

/// Deletes a webhook: nothing more is posted but what is under way, and what waited is dropped. Its row stays for some weeks,
/// without its secrets, for whoever looks into what was told.
///
/// # Errors
/// `NOT_FOUND`, also for that of somebody else and for one that was deleted before.
pub async fn delete(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<(), AppError> {
    let note = note_by(caller, Kind::WebhookChanged).about("deleted");
    let (caller, told) = (caller.clone(), note.clone());
    database
        .write("webhook.delete", move |tx| {
            attempt(tx, caller.clone(), id, note.clone(), now)
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

async fn attempt(mut tx: Tx, caller: Caller, id: i64, note: Note, now: Timestamp) -> Result<(), Failure> {
    let webhook = lock(&mut tx, &caller, id).await?;
    match webhook.state {
        State::Active | State::Paused => end(&mut tx, id, Because::Deleted, now).await?,
        State::Ended => {
            sqlx::query!("update webhooks set because = 'deleted' where id = $1", id)
                .execute(&mut *tx)
                .await?;
        }
    }
    audit::write(&mut tx, &note).await?;
    tx.commit().await
}

/// Ends a locked webhook for good. What waits for it, however much that is, is posted no more and dropped by the worker; so is
/// what a transaction that is under way tells meanwhile.
///
/// # Errors
/// Those of the database.
pub(super) async fn end(tx: &mut Tx, id: i64, because: Because, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update webhooks
         set state = 'ended', because = $2, ended_at = $3, secret = '', old_secret = null, old_secret_until = null,
             told_to = null, tell_until = null, claimed_by = null, claimed_until = null
         where id = $1",
        id,
        because.as_str(),
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
