//! Forgetting calls.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

const A_DAY: i64 = 24 * 60;
/// The days for which the number of a caller, and what somebody noted, is kept.
const KEEP_DAYS: i64 = 90;
/// Calls that one round looks at.
const MAX_BATCH: i64 = 1000;

/// Erases what was said after the days for which the clinic keeps it, and numbers, notes and steps after three months. That an
/// appointment was booked by phone is part of its history, and stays.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, transcript_days: u32, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update phone_calls set transcript = null
         where id in (select id from phone_calls where transcript is not null and began_at <= $1
                      order by id limit $2 for no key update skip locked)",
        plus_minutes(now, -i64::from(transcript_days) * A_DAY).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    let oldest = plus_minutes(now, -KEEP_DAYS * A_DAY).to_sqlx();
    // What waits for somebody is not forgotten. Whatever else the row has of the caller is: a number that is hidden may have been said.
    sqlx::query!(
        "with old as (
             select id from phone_calls
             where began_at <= $1 and forgotten_at is null and (needs is null or done_at is not null)
             order by began_at limit $2 for no key update skip locked),
         steps as (
             delete from phone_call_steps using old where phone_call_id = old.id and appointment_id is null)
         update phone_calls set number = null, needs_number = null, needs_note = '', transcript = null,
             code_number = null, challenge = null, proved_number = null,
             forgotten_at = $3
         from old where phone_calls.id = old.id",
        oldest,
        MAX_BATCH,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
