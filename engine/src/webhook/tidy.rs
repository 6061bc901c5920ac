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

/// Drops what waits for webhooks that have ended, or since a month for one that is paused, deletes what was told a month ago, and in the end the webhooks themselves that
/// were deleted; forgets secrets that are good no more. What an active webhook is to be told stays, however old it is.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    let old = plus_minutes(now, -KEEP_MINUTES).to_sqlx();
    // Webhook by webhook in the order of an index, so that what is to be kept is not looked at. A webhook goes after all that it
    // was told.
    sqlx::query!(
        "update webhook_deliveries set state = 'dropped', ended_at = $1
         where id in (select due.id from webhooks
                      cross join lateral (select waiting.id from webhook_deliveries as waiting
                                          where waiting.webhook_id = webhooks.id and waiting.state = 'due'
                                            and waiting.due_at <= case webhooks.state when 'ended' then timestamptz 'infinity' else $2 end
                                          order by waiting.due_at, waiting.id limit $3
                                          for update skip locked) as due
                      where webhooks.state <> 'active'
                      limit $3)",
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
