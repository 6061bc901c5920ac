//! What the worker does for the waitlist. Nothing relies on it: a time is only offered to those whom it still fits.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::rules::EndedBecause;
use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

/// Entries that one round ends or deletes.
const MAX_BATCH: i64 = 1000;
/// The time for which what came of an entry is kept, in minutes.
const KEEP_MINUTES: i64 = 365 * 24 * 60;

/// Ends what nobody waits for any more, and deletes what ended a year ago.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    // What is over at every clinic. An entry that is being offered a time at this moment is looked at in the next round.
    sqlx::query!(
        "update waitlist_entries set state = 'ended', ended_because = $2, ended_at = $1, version = version + 1
         where id in (select id from waitlist_entries
                      where state = 'waiting' and last_day < ($1::timestamptz at time zone 'UTC')::date - 1
                      order by id limit $3 for no key update skip locked)",
        now.to_sqlx(),
        EndedBecause::DatesOver.as_str(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update waitlist_entries set state = 'ended', ended_because = $2, ended_at = $1, version = version + 1
         where id in (select entries.id from waitlist_entries as entries
                      join appointments as own on own.id = entries.instead_of
                      where state = 'waiting' and (own.starts_at <= $1 or own.status not in ('pending', 'confirmed'))
                      order by entries.id limit $3 for no key update of entries skip locked)",
        now.to_sqlx(),
        EndedBecause::AppointmentOver.as_str(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "with old as (select id from waitlist_entries where ended_at <= $1 limit $2 for update skip locked),
              offers as (delete from waitlist_offers using old where entry_id = old.id)
         select count(*) from old",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from waitlist_entries
         where id in (select id from waitlist_entries where ended_at <= $1
                        and not exists (select from waitlist_offers where entry_id = waitlist_entries.id)
                      limit $2 for update skip locked)",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
