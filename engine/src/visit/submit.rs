//! Submitting the holds of a visit, which books all of them or none: the steps of [`crate::booking::submit`], for several.

use jiff::Timestamp;

use super::{MAX_SEGMENTS, Visit, check_count, insert};
use crate::{
    account::{family::Newcomer, name_patient},
    appointment::{Actor, Appointment, Locked, Summary},
    booking::{
        Rules,
        limit::{Asked, Exceeds},
        locks::{LockedTime, Locks},
        open::{Opened, refuse_too_many},
        submit::{Booking, check, find, must_not_be_paid_first, write},
    },
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// A booking of several times that a browser holds.
#[derive(Clone, Debug)]
pub struct SubmitVisit {
    /// Two or more, in the order in which they are counted.
    pub references: Vec<String>,
    /// SHA-256 of the token of the browser.
    pub visitor: Vec<u8>,
    /// The patient; the holder of the phone for a newcomer.
    pub patient_id: i64,
    /// Somebody who shares the phone from now on, for whom it is in place of `patient_id`.
    pub newcomer: Option<Newcomer>,
    /// The patient who books: the same, or the holder of the phone that they share.
    pub booked_by: i64,
    /// The name of a patient who has none yet.
    pub name: String,
    /// The patient's reason to come.
    pub reason: String,
    pub rules: Rules,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Books all of these holds, or none of them. A hold that ran out will do while nobody has taken its time.
///
/// # Errors
/// `NOT_FOUND`; `PAYMENT_REQUIRED` where one of them is paid before it is booked; `BOOKING_FAILED` about the segment that cannot be booked any more; `VALIDATION_FAILED` where there are too
/// few or too many segments; `IDEMPOTENCY_CONFLICT`.
pub async fn submit_visit(
    database: &Database,
    command: SubmitVisit,
    now: Timestamp,
) -> Result<Visit, AppError> {
    database
        .write("visit.submit", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: SubmitVisit, now: Timestamp) -> Result<Visit, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let (patient_id, mut parts) = lock_parts(&mut tx, &command, now).await?;
    for (_, own) in &parts {
        // What is paid first is booked by its payment, and the visit with it.
        must_not_be_paid_first(own)?;
    }
    let exceeds = check_parts(&mut tx, &command, patient_id, &mut parts, now).await?;
    let booking = Booking {
        visitor: &command.visitor,
        patient_id,
        booked_by: Actor::patient(command.booked_by),
        complaint: &command.reason,
        rules: command.rules,
    };
    let mut appointments = Vec::with_capacity(parts.len());
    for (time, own) in parts {
        appointments.push(write(&mut tx, &time, own, &booking, now).await?);
    }
    exceeds.record(&mut tx, &appointments).await?;
    let visit = insert(&mut tx, patient_id, appointments, now).await?;
    let made: Vec<_> = visit.appointments.iter().map(Summary::at_its_time).collect();
    idempotency::answer(&mut tx, key, &visit, &made).await?;
    tx.commit().await?;
    Ok(visit)
}

/// A part of a visit: its hold, locked with its time.
pub(crate) type Part = (LockedTime, Locked<Appointment>);

/// Locks the holds of a visit, in the order in which they are counted. Answers with the patient, who may have been made just now.
///
/// # Errors
/// `NOT_FOUND`; `VALIDATION_FAILED` where there are too few or too many segments; those of [`Locks::take`].
pub(crate) async fn lock_parts(
    tx: &mut Tx,
    command: &SubmitVisit,
    now: Timestamp,
) -> Result<(i64, Vec<Part>), Failure> {
    check_count(command.references.len(), MAX_SEGMENTS)?;
    let seen = find(tx, &command.references, &command.visitor).await?;
    let locks = Locks {
        patient_id: Some(command.patient_id),
        newcomer: command.newcomer.as_ref(),
        ..Locks::of_held(&seen)
    };
    let locked = locks.take(tx, now).await?;
    let mut parts = Vec::with_capacity(seen.len());
    for mut time in locked.times {
        let own = time.take_appointment()?;
        parts.push((time, own));
    }
    Ok((locked.patient_id.ok_or(AppError::Internal)?, parts))
}

/// Checks that all parts of a visit can be booked for this patient, who gets a name.
///
/// # Errors
/// `BOOKING_FAILED` about the segment that cannot be booked.
pub(crate) async fn check_parts(
    tx: &mut Tx,
    command: &SubmitVisit,
    patient_id: i64,
    parts: &mut [Part],
    now: Timestamp,
) -> Result<Exceeds, Failure> {
    for (time, own) in parts.iter_mut() {
        check(tx, time, own, now).await?;
        time.refuse_overlap()?;
    }
    if let Some((first, _)) = parts.first() {
        let opened = Opened::of(parts.iter().map(|(time, _)| time.offering.instant));
        refuse_too_many(tx, patient_id, opened, command.rules, first.wanted, now).await?;
    }
    let asked = Asked {
        patient_id,
        caller: None,
        rules: command.rules,
        times: parts.iter().map(|(time, _)| time).collect(),
        moved: None,
    };
    let exceeds = asked.check(tx, now).await?;
    name_patient(tx, patient_id, &command.name).await?;
    Ok(exceeds)
}
