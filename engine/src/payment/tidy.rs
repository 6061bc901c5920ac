//! What the worker forgets: keys of events that no provider sends any more.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

/// The time for which an event is known, in minutes: providers repeat theirs for some days.
const KEEP_MINUTES: i64 = 90 * 24 * 60;
/// Rows that one round deletes.
const MAX_BATCH: i64 = 1000;

/// Deletes the keys of old events. Their effects have states of their own: a very late copy changes nothing.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "delete from provider_events
         where (source, event_id) in (select source, event_id from provider_events where received_at <= $1 limit $2)",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
