//! Finding the offer that somebody answers, and declining it.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    ended,
    rules::{OfferState, Party, Why},
};
use crate::{
    account::{Caller, Role, acquaintance::must_know},
    appointment::{
        Actor, Appointment, AppointmentName, Extra, Locked, Status, change, lock, lock_session_of, peek,
    },
    booking::{Wanted, book::must_be_theirs},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// The offer that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The newest of an entry.
    OfEntry(i64),
    Offer(i64),
}

/// An offer, read without a lock.
pub(super) struct Seen {
    pub id: i64,
    pub entry_id: i64,
    pub patient_id: i64,
    pub hold_id: i64,
    pub booked_id: Option<i64>,
    /// The appointment that moves to the offered time.
    pub instead_of: Option<i64>,
    pub reason: String,
    pub why: Why,
    pub wanted: Wanted,
    /// The seats that are offered, where it is not a time.
    pub party: Option<Party>,
}

impl Seen {
    /// By whose rules the time is booked: what the staff offered by hand may be nearer than the notice of the service.
    pub fn asked_as(&self, caller: &Caller) -> Role {
        match self.why {
            Why::ByHand => Role::Admin,
            Why::Freed | Why::Opened => caller.role(),
        }
    }
}

/// Reads an offer that this patient may answer, or the staff for them: doctors what is of their calendar, the desk of named
/// clinics what is there.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn find(
    connection: &mut PgConnection,
    caller: &Caller,
    which: Which,
) -> Result<Seen, Failure> {
    let (entry, offer) = match which {
        Which::OfEntry(id) => (Some(id), None),
        Which::Offer(id) => (None, Some(id)),
    };
    let row = sqlx::query!(
        r#"select offers.id, entry_id, offers.patient_id, appointment_id as "hold_id!", booked_id,
                  instead_of, reason, why, offers.doctor_id, offers.clinic_id, offers.service_id, starts_at, joined_at,
                  offers.group_id, offers.seats
           from waitlist_offers as offers
           join waitlist_entries as entries on entries.id = entry_id
           where ($1::bigint is null or entry_id = $1) and ($2::bigint is null or offers.id = $2)
             and appointment_id is not null
           order by offers.state = 'offered' desc, offers.id desc
           limit 1"#,
        entry,
        offer,
    )
    .fetch_optional(connection)
    .await?
    .ok_or(AppError::NotFound)?;
    must_be_theirs(caller, row.patient_id, row.doctor_id, Some(row.clinic_id))?;
    if caller.role() == Role::Patient && !caller.opens(row.joined_at.to_jiff()) {
        return Err(AppError::NotFound.into());
    }
    Ok(Seen {
        id: row.id,
        entry_id: row.entry_id,
        patient_id: row.patient_id,
        hold_id: row.hold_id,
        booked_id: row.booked_id,
        instead_of: row.instead_of,
        reason: row.reason,
        why: Why::parse(&row.why).ok_or(AppError::Internal)?,
        wanted: Wanted {
            doctor_id: row.doctor_id,
            clinic_id: row.clinic_id,
            service_id: row.service_id,
            starts_at: row.starts_at.to_jiff().as_second(),
        },
        party: row
            .group_id
            .zip(row.seats)
            .map(|(group_id, seats)| Party { group_id, seats }),
    })
}

/// Locks an offer with its entry, after the appointments, and answers with the state of the offer.
pub(super) async fn lock_offer(tx: &mut Tx, offer_id: i64) -> Result<OfferState, Failure> {
    let locked = sqlx::query_scalar!(
        "select offers.state from waitlist_entries as entries
         join waitlist_offers as offers on offers.entry_id = entries.id
         where offers.id = $1
         for no key update of entries, offers",
        offer_id,
    );
    let state = locking(Lock::Waitlist, locked.fetch_one(&mut **tx)).await?;
    Ok(OfferState::parse(&state).ok_or(AppError::Internal)?)
}

/// Locks the hold of an offer, and before it the session whose seats it has.
pub(super) async fn lock_hold(tx: &mut Tx, hold_id: i64) -> Result<Locked<Appointment>, Failure> {
    let seen = peek(tx, &AppointmentName::Id(hold_id)).await?;
    lock_session_of(tx, &seen).await?;
    lock(tx, hold_id).await
}

/// The command to decline an offer. Who waits for a time stays on the list.
#[derive(Clone, Debug)]
pub struct Decline {
    /// The patient, or somebody of the staff for a patient who calls.
    pub caller: Caller,
    pub which: Which,
}

/// Declines an offer: its time is offered to the next one at once. A second request changes nothing, and neither does one
/// for an offer that has run out. Answers with the id of the entry.
///
/// # Errors
/// `NOT_FOUND` for an offer of somebody else; `INVALID_TRANSITION` for one that was accepted: an appointment is cancelled,
/// not declined.
pub async fn decline(database: &Database, command: Decline, now: Timestamp) -> Result<i64, AppError> {
    database
        .write("waitlist.decline", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Decline, now: Timestamp) -> Result<i64, Failure> {
    let seen = find(&mut tx, &command.caller, command.which).await?;
    must_know(&mut tx, &command.caller, seen.patient_id, now).await?;
    let hold = lock_hold(&mut tx, seen.hold_id).await?;
    match lock_offer(&mut tx, seen.id).await? {
        OfferState::Offered => {}
        OfferState::Accepted => {
            let booked = AppointmentName::Id(seen.booked_id.unwrap_or(hold.id));
            let booked = peek(&mut tx, &booked).await?;
            return Err(AppError::InvalidTransition {
                appointment_id: booked.id,
                from: booked.status,
                to: Status::Cancelled,
            }
            .into());
        }
        _ => return Ok(seen.entry_id),
    }
    let by = (None, command.caller.staff_id());
    ended::write(&mut tx, (seen.id, seen.entry_id), OfferState::Declined, by, now).await?;
    if hold.status == Status::Held {
        let (to, actor) = match hold.held_until.is_none_or(|until| until <= now) {
            true => (Status::Expired, Actor::SYSTEM),
            false => (Status::Cancelled, Actor::from(&command.caller)),
        };
        change(&mut tx, hold, to, actor, Extra::default(), now).await?;
    }
    tx.commit().await?;
    Ok(seen.entry_id)
}
