//! Pausing a webhook, and going on.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::owner::lock;
use crate::{
    account::Caller,
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
};

/// Pauses a webhook: what happens is kept for it, and nothing more is posted than what is under way. A second request changes
/// nothing.
///
/// # Errors
/// `NOT_FOUND`, also for that of somebody else; `VALIDATION_FAILED` where it has ended.
pub async fn pause(database: &Database, caller: &Caller, id: i64) -> Result<(), AppError> {
    let caller = caller.clone();
    database
        .write("webhook.pause", move |mut tx| {
            let caller = caller.clone();
            async move {
                lock(&mut tx, &caller, id).await?.must_not_have_ended()?;
                sqlx::query!(
                    "update webhooks set state = 'paused', because = 'by_hand' where id = $1 and state = 'active'",
                    id,
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await
}

/// Lets a webhook go on: what was kept for it is posted now, and has three days again. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND`, also for that of somebody else; `VALIDATION_FAILED` where it has ended.
pub async fn resume(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<(), AppError> {
    let caller = caller.clone();
    database
        .write("webhook.resume", move |tx| go_on(tx, caller.clone(), id, now))
        .await
}

async fn go_on(mut tx: Tx, caller: Caller, id: i64, now: Timestamp) -> Result<(), Failure> {
    lock(&mut tx, &caller, id).await?.must_not_have_ended()?;
    let was_paused = sqlx::query!(
        "update webhooks set state = 'active', because = null, failures = 0, rest_until = null
         where id = $1 and state = 'paused'",
        id,
    )
    .execute(&mut *tx)
    .await?
    .rows_affected()
        > 0;
    if was_paused {
        // What was only kept is as it has to be: of a hundred thousand rows, few are written.
        sqlx::query!(
            "update webhook_deliveries set due_at = least(due_at, $2), attempts = 0, first_tried_at = null
             where webhook_id = $1 and state = 'due' and (attempts > 0 or due_at > $2)",
            id,
            now.to_sqlx(),
        )
        .execute(&mut *tx)
        .await?;
        tx.tell(Event::WebhookDue);
    }
    tx.commit().await
}
