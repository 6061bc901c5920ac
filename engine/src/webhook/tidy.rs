//! What the worker does for webhooks. Nothing relies on it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

/// The time for which is kept what was told, and what waits for a webhook that nobody lets go on, in minutes.
const KEEP_MINUTES: i64 = 30 * 24 * 60;
/// Rows that one round changes or deletes.
const MAX_BATCH: i64 = 5000;

/// Drops what waits for webhooks that have ended, deletes what was told a month ago, and in the end the webhooks themselves that
/// were deleted; forgets secrets that are good no more. What an active webhook is to be told stays, however old it is.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    let old = plus_minutes(now, -KEEP_MINUTES).to_sqlx();
    sqlx::query!(
        "update webhook_deliveries set state = 'dropped', ended_at = $1
         where id in (select due.id from webhook_deliveries as due
                      left join webhooks on webhooks.id = webhook_id
                      where due.state = 'due'
                        and (webhooks.id is null or webhooks.state = 'ended'
                             or webhooks.state = 'paused' and happened_at <= $2)
                      order by due.id limit $3 for update of due skip locked)",
        now.to_sqlx(),
        old,
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from webhook_deliveries
         where id in (select id from webhook_deliveries where ended_at <= $1 limit $2 for update skip locked)",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update webhooks set old_secret = null, old_secret_until = null
         where id in (select id from webhooks where old_secret_until <= $1 for no key update skip locked)",
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from webhooks
         where id in (select id from webhooks where because = 'deleted' and ended_at <= $1
                        and not exists (select from webhook_deliveries where webhook_id = webhooks.id)
                      for update skip locked)",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
