//! Posting again what has come to its end.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::owner::lock;
use crate::{
    account::Caller,
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
};

/// What is posted again.
#[derive(Clone, Copy, Debug)]
pub enum Replay {
    /// This one, whether it was delivered or given up.
    One(i64),
    /// All that was given up and that happened since.
    FailedSince(Timestamp),
}

/// Deliveries that one request posts again.
const MAX_BATCH: i64 = 10_000;

/// Has deliveries of a webhook posted again, under their names. Answers with their number: what waits already is left as it is.
///
/// # Errors
/// `NOT_FOUND`, also for that of somebody else, and for a delivery that is not there; `VALIDATION_FAILED` where it has ended.
pub async fn replay(
    database: &Database,
    caller: &Caller,
    id: i64,
    which: Replay,
    now: Timestamp,
) -> Result<u64, AppError> {
    let caller = caller.clone();
    database
        .write("webhook.replay", move |tx| {
            attempt(tx, caller.clone(), id, which, now)
        })
        .await
}

async fn attempt(mut tx: Tx, caller: Caller, id: i64, which: Replay, now: Timestamp) -> Result<u64, Failure> {
    lock(&mut tx, &caller, id).await?.must_not_have_ended()?;
    let (one, since) = match which {
        Replay::One(one) => (Some(one), None),
        Replay::FailedSince(since) => (None, Some(since)),
    };
    if let Some(one) = one {
        let is_there = sqlx::query_scalar!(
            r#"select exists (select from webhook_deliveries where id = $1 and webhook_id = $2) as "is_there!""#,
            one,
            id,
        );
        if !is_there.fetch_one(&mut *tx).await? {
            return Err(AppError::NotFound.into());
        }
    }
    let count = sqlx::query!(
        "update webhook_deliveries
         set state = 'due', due_at = $4, ended_at = null, attempts = 0, first_tried_at = null, replays = replays + 1
         where id in (select id from webhook_deliveries
                      where webhook_id = $1 and ($2::bigint is null or id = $2)
                        and (state = 'failed' or $2 is not null and state = 'delivered')
                        and ($3::timestamptz is null or happened_at >= $3)
                      order by id limit $5)",
        id,
        one,
        since.map(ToSqlx::to_sqlx) as _,
        now.to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    // Whoever posts again believes that it is there.
    sqlx::query!("update webhooks set rest_until = null where id = $1", id)
        .execute(&mut *tx)
        .await?;
    tx.tell(Event::WebhookDue);
    tx.commit().await?;
    Ok(count)
}
