//! Accepting an offer: the time is booked, or the patient's appointment moves to it, in one transaction.

use jiff::Timestamp;

use super::{
    answer::{Seen, Which, find, lock_offer},
    ended,
    rules::{OfferState, Party},
};
use crate::{
    account::{Caller, acquaintance::must_know},
    appointment::{Actor, Appointment, AppointmentName, OFFER_HOLDER, Status, Summary, peek},
    booking::{
        Reschedule, Rules,
        limit::Asked,
        locks::Locks,
        open::{Opened, refuse_too_many},
        reschedule::{Promise, move_in},
        submit::{self, Booking},
    },
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    group::Kept,
    idempotency::{self, Key},
};

/// The command to accept an offer.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The patient, the holder of the phone that they share, or somebody of the staff for a patient who calls.
    pub caller: Caller,
    pub which: Which,
    pub rules: Rules,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Accepts an offer, and answers with the appointment that is booked or moved. A second request gets the same answer. An
/// offer that has run out is accepted all the same while nobody has its time.
///
/// # Errors
/// `NOT_FOUND` for an offer of somebody else; `BOOKING_FAILED` with `hold_expired` where it ran out and the time is somebody
/// else's, and for what refuses any booking; for *instead of*, those of a move; `IDEMPOTENCY_CONFLICT`.
pub async fn accept(database: &Database, command: Accept, now: Timestamp) -> Result<Summary, AppError> {
    let again = command.clone();
    let answer = database
        .write("waitlist.accept", move |tx| attempt(tx, command.clone(), now))
        .await;
    match answer {
        // The other click on this offer may have been faster: its answer is the answer to both.
        Err(AppError::BookingFailed { .. }) => {
            database
                .write("waitlist.accept", move |tx| attempt(tx, again.clone(), now))
                .await
        }
        answer => answer,
    }
}

async fn attempt(mut tx: Tx, command: Accept, now: Timestamp) -> Result<Summary, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let seen = find(&mut tx, &command.caller, command.which).await?;
    must_know(&mut tx, &command.caller, seen.patient_id, now).await?;
    if let Some(booked_id) = seen.booked_id {
        // The second click of two.
        return Ok(Summary::from(
            &peek(&mut tx, &AppointmentName::Id(booked_id)).await?,
        ));
    }
    let hold = peek(&mut tx, &AppointmentName::Id(seen.hold_id)).await?;
    let summary = match (seen.party, seen.instead_of) {
        (Some(party), _) => take_seats(&mut tx, &command, &seen, party, now).await?,
        (None, Some(moves)) => move_there(&mut tx, &command, &seen, (&hold, moves), now).await?,
        (None, None) => book(&mut tx, &command, &seen, &hold, now).await?,
    };
    match lock_offer(&mut tx, seen.id).await? {
        // The other click of two was faster.
        OfferState::Accepted => {}
        OfferState::Offered | OfferState::Lapsed if !has_other_offer(&mut tx, &seen).await? => {
            let of = (seen.id, seen.entry_id);
            let by = (Some(summary.id), command.caller.staff_id());
            ended::write(&mut tx, of, OfferState::Accepted, by, now).await?;
        }
        // It was declined or withdrawn, or another time is kept for them since: nothing is booked and nothing moves.
        _ => return Err(Refusal::HoldExpired.of(seen.wanted).into()),
    }
    idempotency::answer(&mut tx, key, &summary, &[summary.at_its_time()]).await?;
    tx.commit().await?;
    Ok(summary)
}

/// Whether the entry of a locked offer has another one that is open.
async fn has_other_offer(tx: &mut Tx, seen: &Seen) -> Result<bool, Failure> {
    let has = sqlx::query_scalar!(
        r#"select exists (select from waitlist_offers
                          where entry_id = $1 and id <> $2 and state = 'offered') as "has!""#,
        seen.entry_id,
        seen.id,
    );
    Ok(has.fetch_one(&mut **tx).await?)
}

/// The appointment that came of an offer meanwhile.
async fn booked_meanwhile(tx: &mut Tx, seen: &Seen) -> Result<Option<Summary>, Failure> {
    let booked = sqlx::query_scalar!("select booked_id from waitlist_offers where id = $1", seen.id);
    match booked.fetch_one(&mut **tx).await? {
        Some(id) => Ok(Some(Summary::from(&peek(tx, &AppointmentName::Id(id)).await?))),
        None => Ok(None),
    }
}

/// Books the seats that are kept.
async fn take_seats(
    tx: &mut Tx,
    command: &Accept,
    seen: &Seen,
    party: Party,
    now: Timestamp,
) -> Result<Summary, Failure> {
    if let Some(booked) = booked_meanwhile(tx, seen).await? {
        return Ok(booked);
    }
    let kept = Kept {
        caller: &command.caller,
        group_id: party.group_id,
        patient_id: seen.patient_id,
        seats: party.seats,
        wanted: seen.wanted,
        hold_id: seen.hold_id,
        complaint: &seen.reason,
        rules: command.rules,
    };
    kept.book(tx, now).await
}

/// Moves the patient's appointment to the time. Its hold gives way under the locks of the move, and what it left is free for
/// the next one in line.
async fn move_there(
    tx: &mut Tx,
    command: &Accept,
    seen: &Seen,
    (hold, moves): (&Appointment, i64),
    now: Timestamp,
) -> Result<Summary, Failure> {
    let runs = hold.status == Status::Held && hold.held_until.is_some_and(|until| until > now);
    let moved = Reschedule {
        caller: command.caller.clone(),
        which: AppointmentName::Id(moves),
        version: None,
        starts_at: seen.wanted.starts_at(),
        visitor: None,
        rules: command.rules,
        key: None,
    };
    let promise = Promise {
        since: runs.then_some(hold.created_at),
        by: seen.asked_as(&command.caller),
    };
    let moved = move_in(tx, &moved, promise, now).await;
    moved.map_err(|failure| ran_out(failure, runs))
}

/// Says that the offer ran out, where its time was lost because of that.
fn ran_out(failure: Failure, runs: bool) -> Failure {
    match failure {
        Failure::Refused(AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted,
        }) if !runs => Refusal::HoldExpired.of(wanted).into(),
        other => other,
    }
}

/// Books the time that is held.
async fn book(
    tx: &mut Tx,
    command: &Accept,
    seen: &Seen,
    hold: &Appointment,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let by_staff = command.caller.role().is_staff();
    let locks = Locks {
        patient_id: Some(seen.patient_id),
        by_staff,
        ..Locks::of_held(std::slice::from_ref(hold))
    };
    let mut time = locks.take(tx, now).await?.single()?;
    let own = time.take_appointment()?;
    if own.patient_id == Some(seen.patient_id) && matches!(own.status, Status::Pending | Status::Confirmed) {
        // The other click on this offer was faster.
        return Ok(Summary::from(&*own));
    }
    if let Some(booked) = booked_meanwhile(tx, seen).await? {
        // It was as fast, and the hold had run out.
        return Ok(booked);
    }
    if !matches!(own.status, Status::Held | Status::Expired) {
        return Err(Refusal::HoldExpired.of(time.wanted).into());
    }
    time.calendar.rules = time.calendar.rules.asked_of(seen.asked_as(&command.caller));
    submit::check(tx, &mut time, &own, now).await?;
    time.refuse_overlap()?;
    if !by_staff {
        let opened = Opened::of([time.offering.instant]);
        refuse_too_many(tx, seen.patient_id, opened, command.rules, time.wanted, now).await?;
    }
    let asked = Asked {
        patient_id: seen.patient_id,
        caller: Some(&command.caller),
        rules: command.rules,
        times: vec![&time],
        moved: None,
    };
    let exceeds = asked.check(tx, now).await?;
    let booking = Booking {
        visitor: &OFFER_HOLDER,
        patient_id: seen.patient_id,
        booked_by: Actor::from(&command.caller),
        complaint: &seen.reason,
        rules: command.rules,
    };
    let summary = submit::write(tx, &time, own, &booking, now).await?;
    exceeds.record(tx, std::slice::from_ref(&summary)).await?;
    Ok(summary)
}
