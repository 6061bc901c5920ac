//! Booking a time at once, without holding it first, as programs and staff do (B1). Staff may book a time that is not free
//! as well (B13).

use jiff::Timestamp;

use super::{
    Rules, Wanted,
    limit::Asked,
    locks::{LockedTime, Locks},
    open::{Opened, refuse_too_many},
};
use crate::{
    account::{
        Caller,
        acquaintance::{must_know, remember_typed},
        family::Newcomer,
    },
    appointment::{Actor, InternalNote, NewAppointment, Status, Summary},
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    idempotency::{self, Key},
    time::{self, plus_minutes},
};

/// A booking of a time for a patient.
#[derive(Clone, Debug)]
pub struct Book {
    /// The patient, a doctor with this time in their own calendar, or an admin.
    pub caller: Caller,
    pub wanted: Wanted,
    pub patient_id: i64,
    /// The patient's reason to come.
    pub reason: String,
    /// The reason of staff to want the time even where the doctor has none then (B13). A time that is free is booked like any
    /// other.
    pub overbook: Option<InternalNote>,
    pub rules: Rules,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Books a free time: it is requested, or confirmed where the service books at once. Staff may book without notice, and
/// their bookings are confirmed: the answer that a request waits for is theirs to give.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that, where there is no such patient, and where the caller may not book it;
/// `FORBIDDEN` for a patient who overbooks; `PAYMENT_REQUIRED` for one who books what is paid first; `BOOKING_FAILED`, `IDEMPOTENCY_CONFLICT`.
pub async fn book(database: &Database, command: Book, now: Timestamp) -> Result<Summary, AppError> {
    database
        .write("booking.book", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Book, now: Timestamp) -> Result<Summary, Failure> {
    must_be_theirs(
        &command.caller,
        command.patient_id,
        command.wanted.doctor_id,
        Some(command.wanted.clinic_id),
    )?;
    if command.overbook.is_some() && !command.caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let summary = place(&mut tx, &command, None, now).await?;
    idempotency::answer(&mut tx, key, &summary, &[summary.at_its_time()]).await?;
    tx.commit().await?;
    Ok(summary)
}

/// Checks that this caller may book this patient with this doctor at this clinic (I4), where that is known already. Whether a doctor has to do with the patient is checked
/// in the transaction, by [`must_know`].
///
/// # Errors
/// `NOT_FOUND`.
pub(crate) fn must_be_theirs(
    caller: &Caller,
    patient_id: i64,
    doctor_id: i64,
    clinic_id: Option<i64>,
) -> Result<(), AppError> {
    let is_theirs = match caller {
        Caller::Patient { .. } => caller.acts_for(Some(patient_id)),
        Caller::Doctor { doctor_id: own, .. } => *own == doctor_id,
        Caller::Admin { .. } | Caller::Reception { .. } => {
            clinic_id.is_none_or(|clinic_id| !caller.is_kept_from(clinic_id))
        }
    };
    is_theirs.then_some(()).ok_or(AppError::NotFound)
}

/// Locks, checks and inserts. Does not authorise and does not commit.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that or there is no such patient; `UNAUTHENTICATED` for a patient who is not there any
/// more; `BOOKING_FAILED`.
pub(super) async fn place(
    tx: &mut Tx,
    command: &Book,
    newcomer: Option<&Newcomer>,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let locks = Locks {
        patient_id: newcomer.is_none().then_some(command.patient_id),
        newcomer,
        by_staff: command.caller.role().is_staff(),
        overbooks: command.overbook.is_some(),
        ..Locks::of(command.wanted)
    };
    let locked = locks.take(tx, now).await?;
    let command = &Book {
        patient_id: locked.patient_id.ok_or(AppError::Internal)?,
        ..command.clone()
    };
    match newcomer {
        Some(_) => remember_typed(tx, &command.caller, command.patient_id, now).await?,
        None => must_know(tx, &command.caller, command.patient_id, now).await?,
    }
    let mut time = locked.single()?;
    must_be_paid_by_hand(&command.caller, &time)?;
    let overbooked = check(&mut time, command, now)?;
    time.refuse_overlap()?;
    if !command.caller.role().is_staff() {
        let opened = Opened::of([time.offering.instant]);
        refuse_too_many(tx, command.patient_id, opened, command.rules, command.wanted, now).await?;
    }
    let asked = Asked {
        patient_id: command.patient_id,
        caller: Some(&command.caller),
        rules: command.rules,
        times: vec![&time],
        moved: None,
    };
    let exceeds = asked.check(tx, now).await?;
    let summary = insert(tx, &time, command, overbooked, now).await?;
    exceeds.record(tx, std::slice::from_ref(&summary)).await?;
    Ok(summary)
}

/// Refuses a patient who books what is paid first without paying: they hold it and go to pay. The desk takes it by hand.
///
/// # Errors
/// `PAYMENT_REQUIRED`.
pub(crate) fn must_be_paid_by_hand(caller: &Caller, time: &LockedTime) -> Result<(), AppError> {
    match !caller.role().is_staff() && time.offering.paid_first().is_some() {
        true => Err(AppError::PaymentRequired),
        false => Ok(()),
    }
}

/// Checks that the time can be booked. Answers with the reason for overbooking where it is not free and staff book it all
/// the same.
fn check<'a>(
    time: &mut LockedTime,
    command: &'a Book,
    now: Timestamp,
) -> Result<Option<&'a InternalNote>, AppError> {
    time.calendar.rules = time.calendar.rules.asked_of(command.caller.role());
    match (time.check(), &command.overbook) {
        (Ok(()), _) => Ok(None),
        (Err(_), Some(reason)) if may_be_overbooked(time, now) => Ok(Some(reason)),
        // A time that is taken is no obstacle here, but a time that nobody could keep is.
        (Err(_), Some(_)) => Err(Refusal::SlotClosed.of(command.wanted)),
        (Err(error), None) => Err(error),
    }
}

/// Number of minutes ago that an overbooked appointment may have started: a walk-in is seen at once.
const MAX_LATE_MINUTES: i64 = 5;

/// Whether a time can be overbooked: it is about now or later, and no further ahead than any other.
fn may_be_overbooked(time: &LockedTime, now: Timestamp) -> bool {
    let starts_at = time.wanted.starts_at();
    let date = time::local_date(starts_at, &time.calendar.zone);
    starts_at >= plus_minutes(now, -MAX_LATE_MINUTES) && date <= time.calendar.window().1
}

/// Writes an appointment at a locked time, with the beginning of its history.
pub(crate) async fn insert(
    tx: &mut Tx,
    time: &LockedTime,
    command: &Book,
    overbooked: Option<&InternalNote>,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let role = command.caller.role();
    let (status, answer_until) = match time.offering.instant || role.is_staff() {
        true => (Status::Confirmed, None),
        false => (
            Status::Pending,
            Some(command.rules.answer_until(time.range(), now)),
        ),
    };
    let appointment = NewAppointment {
        offering: &time.offering,
        starts_at: time.wanted.starts_at(),
        status,
        patient_id: Some(command.patient_id),
        held: None,
        complaint: &command.reason,
        answer_until,
        overbooked_because: overbooked,
        actor: Actor::from(&command.caller),
        // Where the doctor would have been asked, the desk answers in their place.
        for_doctor: role.is_at_desk() && !time.offering.instant,
    };
    appointment.insert(tx, &time.hours, now).await
}
