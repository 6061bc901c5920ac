//! Booking a visit at once: [`crate::booking::book`] of several times.

use jiff::Timestamp;

use super::{MAX_COURSE, MAX_SEGMENTS, Visit, check_count, insert};
use crate::{
    account::{Caller, acquaintance::must_know},
    appointment::Summary,
    booking::{
        Book, Rules, Wanted,
        book::{self, must_be_theirs},
        limit::Asked,
        locks::Locks,
        open::{Opened, refuse_too_many},
    },
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// A booking of several times for a patient.
#[derive(Clone, Debug)]
pub struct BookVisit {
    /// The patient, a doctor with all of these times in their own calendar, or an admin.
    pub caller: Caller,
    /// In the order in which they are counted.
    pub segments: Vec<Wanted>,
    pub patient_id: i64,
    /// The patient's reason to come.
    pub reason: String,
    pub rules: Rules,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

impl BookVisit {
    /// The booking of one segment.
    fn segment(&self, wanted: Wanted) -> Book {
        Book {
            caller: self.caller.clone(),
            wanted,
            patient_id: self.patient_id,
            reason: self.reason.clone(),
            overbook: None,
            rules: self.rules,
            key: None,
        }
    }
}

/// Books all of these times, or none of them.
///
/// # Errors
/// `BOOKING_FAILED` about the segment that cannot be booked; `VALIDATION_FAILED` where there are too few or too many
/// segments, and where two of them overlap; `NOT_FOUND` where nobody offers that, where there is no such patient, and
/// where the caller may not book it; `IDEMPOTENCY_CONFLICT`.
pub async fn book_visit(database: &Database, command: BookVisit, now: Timestamp) -> Result<Visit, AppError> {
    database
        .write("visit.book", move |tx| {
            attempt(tx, command.clone(), MAX_SEGMENTS, now)
        })
        .await
}

/// Books all the times of a course, or none of them, by the same steps as [`book_visit`].
///
/// # Errors
/// Those of [`book_visit`].
pub async fn book_course(database: &Database, command: BookVisit, now: Timestamp) -> Result<Visit, AppError> {
    database
        .write("visit.book_course", move |tx| {
            attempt(tx, command.clone(), MAX_COURSE, now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: BookVisit, most: usize, now: Timestamp) -> Result<Visit, Failure> {
    check_count(command.segments.len(), most)?;
    for wanted in &command.segments {
        must_be_theirs(
            &command.caller,
            command.patient_id,
            wanted.doctor_id,
            Some(wanted.clinic_id),
        )?;
    }
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let role = command.caller.role();
    let locks = Locks {
        patient_id: Some(command.patient_id),
        by_staff: role.is_staff(),
        ..Locks::of_all(command.segments.iter().copied())
    };
    let mut times = locks.take(&mut tx, now).await?.times;
    must_know(&mut tx, &command.caller, command.patient_id, now).await?;
    for time in &mut times {
        book::must_be_paid_by_hand(&command.caller, time)?;
        time.calendar.rules = time.calendar.rules.asked_of(role);
        time.check()?;
        time.refuse_overlap()?;
    }
    if let Some(first) = command.segments.first().filter(|_| !role.is_staff()) {
        let opened = Opened::of(times.iter().map(|time| time.offering.instant));
        refuse_too_many(&mut tx, command.patient_id, opened, command.rules, *first, now).await?;
    }
    let asked = Asked {
        patient_id: command.patient_id,
        caller: Some(&command.caller),
        rules: command.rules,
        times: times.iter().collect(),
        moved: None,
    };
    let exceeds = asked.check(&mut tx, now).await?;
    let mut appointments = Vec::with_capacity(times.len());
    for time in &times {
        let segment = command.segment(time.wanted);
        appointments.push(book::insert(&mut tx, time, &segment, None, now).await?);
    }
    exceeds.record(&mut tx, &appointments).await?;
    let visit = insert(&mut tx, command.patient_id, appointments, now).await?;
    let made: Vec<_> = visit.appointments.iter().map(Summary::at_its_time).collect();
    idempotency::answer(&mut tx, key, &visit, &made).await?;
    tx.commit().await?;
    Ok(visit)
}
