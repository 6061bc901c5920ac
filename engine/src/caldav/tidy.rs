//! What the worker does for calendars elsewhere. Nothing relies on it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

/// The minutes for which is kept what a doctor answered.
const KEEP_MINUTES: i64 = 90 * 24 * 60;
/// The minutes after which is forgotten that an appointment was written that is long over.
const OVER_MINUTES: i64 = 400 * 24 * 60;
/// Rows that one round deletes.
const MAX_BATCH: i64 = 5000;

/// Deletes jobs of accounts that are no more, calendars that were left behind, and answers of long ago.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "delete from calendar_jobs
         where id in (select id from calendar_jobs
                      where not exists (select from calendar_accounts where calendar_accounts.id = account_id)
                      order by id limit $1 for update skip locked)",
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    // What was read from there is given back first.
    sqlx::query!(
        "delete from calendar_collections
         where id in (select id from calendar_collections
                      where is_left and not exists (select from external_items where collection_id = calendar_collections.id)
                      order by id limit $1 for update skip locked)",
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from calendar_questions
         where id in (select id from calendar_questions where settled_at <= $1 limit $2 for update skip locked)",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from calendar_events
         where id in (select calendar_events.id from calendar_events
                      join appointments on appointments.id = appointment_id
                      where starts_at <= $1 limit $2 for update of calendar_events skip locked)",
        plus_minutes(now, -OVER_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
