//! Leaving the waitlist.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    answer::{lock_hold, lock_offer},
    ended,
    rules::{EndedBecause, EntryState, OfferState},
};
use crate::{
    account::{Caller, acquaintance::must_know},
    appointment::{Actor, Extra, Status, change},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// Number of times that an entry is looked at again, where it is offered a time at the same moment.
const MAX_TRIES: usize = 5;

/// The command to take an entry off the list.
#[derive(Clone, Debug)]
pub struct Leave {
    /// The patient, or somebody of the staff who has to do with them.
    pub caller: Caller,
    pub entry_id: i64,
}

/// Takes an entry off the list. A time that was kept for it is offered to the next one at once. A second request changes
/// nothing.
///
/// # Errors
/// `NOT_FOUND` for an entry of somebody else; `CONCURRENCY_ABORT` where it is offered times faster than it can be taken off.
pub async fn leave(database: &Database, command: Leave, now: Timestamp) -> Result<(), AppError> {
    for _ in 0..MAX_TRIES {
        let command = command.clone();
        let is_done = database
            .write("waitlist.leave", move |tx| attempt(tx, command.clone(), now))
            .await?;
        if is_done {
            return Ok(());
        }
    }
    Err(AppError::ConcurrencyAbort)
}

/// Answers whether it is done: not where the entry was offered a time meanwhile, whose hold has to be locked first.
async fn attempt(mut tx: Tx, command: Leave, now: Timestamp) -> Result<bool, Failure> {
    let entry = sqlx::query!(
        r#"select entries.patient_id, entries.clinic_id, entries.doctor_id, joined_at, offers.id as "offer_id?",
                  offers.appointment_id as "hold_id?"
           from waitlist_entries as entries
           left join waitlist_offers as offers on offers.entry_id = entries.id and offers.state = 'offered'
           where entries.id = $1"#,
        command.entry_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::NotFound)?;
    let is_theirs = match &command.caller {
        Caller::Patient { .. } => {
            command.caller.acts_for(Some(entry.patient_id)) && command.caller.opens(entry.joined_at.to_jiff())
        }
        Caller::Doctor { doctor_id, .. } => entry.doctor_id.is_none_or(|id| id == *doctor_id),
        Caller::Admin { .. } | Caller::Reception { .. } => {
            entry.clinic_id.is_none_or(|id| !command.caller.is_kept_from(id))
        }
    };
    if !is_theirs {
        return Err(AppError::NotFound.into());
    }
    must_know(&mut tx, &command.caller, entry.patient_id, now).await?;
    let hold = match entry.hold_id {
        Some(id) => Some(lock_hold(&mut tx, id).await?),
        None => None,
    };
    if let Some(offer_id) = entry.offer_id
        && lock_offer(&mut tx, offer_id).await? == OfferState::Offered
    {
        let of = (offer_id, command.entry_id);
        let by = (None, command.caller.staff_id());
        ended::write(&mut tx, of, OfferState::Withdrawn, by, now).await?;
    }
    let state = sqlx::query_scalar!(
        "select state from waitlist_entries where id = $1 for no key update",
        command.entry_id,
    );
    let state = locking(Lock::Waitlist, state.fetch_one(&mut *tx)).await?;
    match EntryState::parse(&state) {
        Some(EntryState::Waiting) => {}
        Some(EntryState::Offered) => return Ok(false),
        _ => return Ok(true),
    }
    sqlx::query!(
        "update waitlist_entries set state = 'ended', ended_because = $2, ended_at = $3, version = version + 1
         where id = $1",
        command.entry_id,
        EndedBecause::Left.as_str(),
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    if let Some(hold) = hold.filter(|hold| hold.status == Status::Held) {
        let (to, actor) = match hold.held_until.is_none_or(|until| until <= now) {
            true => (Status::Expired, Actor::SYSTEM),
            false => (Status::Cancelled, Actor::from(&command.caller)),
        };
        change(&mut tx, hold, to, actor, Extra::default(), now).await?;
    }
    tx.commit().await?;
    Ok(true)
}
