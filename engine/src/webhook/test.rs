//! Trying a webhook out.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{owner::lock, topic::Topic};
use crate::{
    account::Caller,
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
};

/// Tells a webhook that somebody tries it out, also where it is paused. It is posted like everything else, and once. While one
/// waits to be posted there is no other one.
///
/// # Errors
/// `NOT_FOUND`, also for that of somebody else; `VALIDATION_FAILED` where it has ended.
pub async fn send_test(
    database: &Database,
    caller: &Caller,
    id: i64,
    now: Timestamp,
) -> Result<i64, AppError> {
    let caller = caller.clone();
    database
        .write("webhook.test", move |tx| attempt(tx, caller.clone(), id, now))
        .await
}

async fn attempt(mut tx: Tx, caller: Caller, id: i64, now: Timestamp) -> Result<i64, Failure> {
    lock(&mut tx, &caller, id).await?.must_not_have_ended()?;
    // Named in the text, since an index has those alone.
    let waiting = sqlx::query_scalar!(
        "select id from webhook_deliveries where webhook_id = $1 and state = 'due' and event = 'webhook.test' limit 1",
        id,
    );
    let delivery_id = match waiting.fetch_optional(&mut *tx).await? {
        Some(delivery_id) => delivery_id,
        None => {
            sqlx::query_scalar!(
                "insert into webhook_deliveries (webhook_id, event, happened_at, due_at) values ($1, $2, $3, $3) returning id",
                id,
                Topic::Test.name(),
                now.to_sqlx(),
            )
            .fetch_one(&mut *tx)
            .await?
        }
    };
    // Whoever tries it out does not wait for it to rest.
    sqlx::query!("update webhooks set rest_until = null where id = $1", id)
        .execute(&mut *tx)
        .await?;
    tx.tell(Event::WebhookDue);
    tx.commit().await?;
    Ok(delivery_id)
}
