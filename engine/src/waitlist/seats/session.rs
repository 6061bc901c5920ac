//! What becomes of those who wait for seats of a session that moves, or does not take place.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Lock, Tx, locking},
    event::Event,
    waitlist::rules::{EndedBecause, OfferState, Why},
};

/// The sessions of these doctors in which somebody waits for seats.
///
/// # Errors
/// Those of the database.
pub(in crate::waitlist) async fn awaited_of(tx: &mut Tx, doctors: &[i64]) -> Result<Vec<i64>, Failure> {
    let awaited = sqlx::query_scalar!(
        r#"select distinct group_id as "group_id!" from waitlist_entries
           where group_id is not null and state = 'waiting' and doctor_id = any($1)
           order by 1"#,
        doctors,
    );
    Ok(awaited.fetch_all(&mut **tx).await?)
}

/// Moves the dates of those who wait to the time that the session has now.
///
/// # Errors
/// Those of the database.
pub(in crate::waitlist) async fn follow(tx: &mut Tx, group_id: i64) -> Result<(), Failure> {
    let moved = sqlx::query!(
        "update waitlist_entries set first_day = day, last_day = day, version = waitlist_entries.version + 1
         from (select (starts_at at time zone time_zone)::date as day
               from groups join clinics on clinics.id = clinic_id where groups.id = $1) as session
         where group_id = $1 and state in ('waiting', 'offered')",
        group_id,
    );
    locking(Lock::Waitlist, moved.execute(&mut **tx)).await?;
    Ok(())
}

/// Tells those who wait, and to whom no seats are kept, that the session has another time.
///
/// # Errors
/// Those of the database.
pub(in crate::waitlist) async fn tell_moved(
    tx: &mut Tx,
    group_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let waiting = sqlx::query_scalar!(
        "select id from waitlist_entries where group_id = $1 and state = 'waiting' order by id",
        group_id,
    );
    let waiting = waiting.fetch_all(&mut **tx).await?;
    tell(tx, &waiting, OfferState::Moved, now).await
}

/// Ends the entries of those who wait for seats of a session that does not take place, and tells them.
///
/// # Errors
/// Those of the database.
pub(in crate::waitlist) async fn end(tx: &mut Tx, group_id: i64, now: Timestamp) -> Result<(), Failure> {
    let ended = sqlx::query_scalar!(
        "update waitlist_entries set state = 'ended', ended_because = $2, ended_at = $3, version = version + 1
         where id in (select id from waitlist_entries where group_id = $1 and state = 'waiting'
                      order by id for no key update)
         returning id",
        group_id,
        EndedBecause::SessionCancelled.as_str(),
        now.to_sqlx(),
    );
    let ended = locking(Lock::Waitlist, ended.fetch_all(&mut **tx)).await?;
    tell(tx, &ended, OfferState::CalledOff, now).await
}

/// Notes what these are told of the session in which they wait, or waited.
async fn tell(tx: &mut Tx, entries: &[i64], what: OfferState, now: Timestamp) -> Result<(), Failure> {
    if entries.is_empty() {
        return Ok(());
    }
    let told = sqlx::query_scalar!(
        "insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, group_id, seats, state, why, offered_at)
         select entries.id, patient_id, groups.doctor_id, groups.clinic_id, groups.service_id, starts_at, ends_at,
                groups.id, seats, $2, $3, $4
         from waitlist_entries as entries join groups on groups.id = group_id
         where entries.id = any($1) and starts_at > $4
         order by entries.id
         returning id",
        entries,
        what.as_str(),
        Why::Freed.as_str(),
        now.to_sqlx(),
    );
    for offer_id in told.fetch_all(&mut **tx).await? {
        tx.tell(Event::TimeOffered {
            offer_id,
            is_kept: false,
        });
    }
    Ok(())
}
