//! Booking all that is held for a visit, or nothing of it (B7): [`super::submit`] of several holds, under the locks of
//! [`super::book_visit`].

use jiff::Timestamp;

use super::{
    Wanted,
    composite::{MAX_SEGMENTS, Visit, are_apart, begin, number},
    hold::{Holder, insert},
    lock_patient, refuse_overlap,
    submit::is_only_overbooked,
};
use crate::{
    account::name_patient,
    appointment::{
        Actor, Appointment, Extra, Locked, Status, Summary, change, lock, lock_all_in_the_way, peek,
    },
    availability::{Except, NotOffered, Offering, calendar_around, hours, lock_offering},
    database::{Database, Failure, Tx},
    error::{AppError, Field, Problem, Refusal},
    idempotency::{self, Key},
    time::plus_minutes,
};

/// Who books which holds.
#[derive(Clone, Debug)]
pub struct SubmitVisit {
    /// Two or more, in the order in which they are counted.
    pub references: Vec<String>,
    pub visitor: Vec<u8>,
    pub patient_id: i64,
    /// What a patient without a name shall be called.
    pub name: String,
    /// Why the patient comes.
    pub reason: String,
    pub hold_minutes: i64,
    pub answer_minutes: i64,
    /// Under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Books all of these holds, or none of them. A hold that ran out will do while nobody has taken its time.
///
/// # Errors
/// `NOT_FOUND`; `BOOKING_FAILED` about the part that cannot be had any more; `IDEMPOTENCY_CONFLICT`.
pub async fn submit_visit(
    database: &Database,
    command: SubmitVisit,
    now: Timestamp,
) -> Result<Visit, AppError> {
    database
        .write("booking.submit_visit", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

fn wanted(held: &Appointment) -> Wanted {
    Wanted {
        doctor_id: held.doctor_id,
        clinic_id: held.clinic_id,
        service_id: held.service_id,
        starts_at: held.visit.start.as_second(),
    }
}

fn refused(held: &Appointment, reason: Refusal) -> Failure {
    AppError::BookingFailed {
        reason,
        wanted: wanted(held),
    }
    .into()
}

async fn attempt(mut tx: Tx, command: SubmitVisit, now: Timestamp) -> Result<Visit, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    match command.references.len() {
        0 | 1 => return Err(AppError::invalid(Field::Segments, Problem::Missing).into()),
        2..=MAX_SEGMENTS => {}
        _ => return Err(AppError::invalid(Field::Segments, Problem::TooLong).into()),
    }
    let parts = lock_parts(&mut tx, &command, now).await?;
    let visit_id = begin(&mut tx, command.patient_id, now).await?;
    name_patient(&mut tx, command.patient_id, &command.name).await?;
    let mut appointments = Vec::new();
    for (held, offering) in parts {
        let (to, answer_until) = if offering.instant {
            (Status::Confirmed, None)
        } else {
            let answer_until = plus_minutes(now, command.answer_minutes).min(held.visit.start);
            (Status::Pending, Some(answer_until))
        };
        let extra = Extra {
            patient_id: Some(command.patient_id),
            visit_reason: Some(command.reason.clone()),
            answer_until,
            ..Extra::default()
        };
        let actor = Actor::patient(command.patient_id);
        let booked = change(&mut tx, held, to, actor, extra, now).await?;
        appointments.push(Summary::from(&*booked));
    }
    let ids: Vec<i64> = appointments.iter().map(|one| one.id).collect();
    number(&mut tx, visit_id, &ids).await?;
    let visit = Visit {
        id: visit_id,
        appointments,
    };
    idempotency::answer(&mut tx, key, &visit, ids.first().copied()).await?;
    tx.commit().await?;
    Ok(visit)
}

/// Locks everything that the visit needs, in the order of every booking, and checks that all of it can be booked.
async fn lock_parts(
    tx: &mut Tx,
    command: &SubmitVisit,
    now: Timestamp,
) -> Result<Vec<(Locked<Appointment>, Offering)>, Failure> {
    let mut seen = Vec::new();
    for reference in &command.references {
        let held = peek(tx, &reference.as_str().into()).await?;
        if held.held_by.as_ref() != Some(&command.visitor) {
            return Err(AppError::NotFound.into());
        }
        seen.push(held);
    }
    seen.sort_by_key(|held| (held.doctor_id, held.visit.start));
    let (mut offerings, mut ranges) = (Vec::new(), Vec::new());
    for held in &seen {
        let offering = lock_offering(tx, wanted(held)).await;
        let mut offering = offering.map_err(|failure| match failure {
            // Who holds a time is not told that there is no such thing.
            Failure::Refused(AppError::NotFound) => refused(held, Refusal::SlotClosed),
            other => other,
        })?;
        offering.rules = offering.rules.of_visit(held.visit, held.blocked);
        ranges.push((held.doctor_id, held.blocked));
        offerings.push(offering);
    }
    let segments: Vec<Wanted> = seen.iter().map(wanted).collect();
    if let (false, Some(last)) = (are_apart(&segments, &offerings), seen.last()) {
        return Err(refused(last, Refusal::PatientOverlap));
    }
    let locked = hours::lock_all(tx, &ranges).await?;
    lock_patient(tx, command.patient_id).await?;
    let ids: Vec<i64> = seen.iter().map(|held| held.id).collect();
    let mut own = Vec::new();
    for appointment in lock_all_in_the_way(tx, &locked, command.patient_id, &ids, now).await? {
        if ids.contains(&appointment.id) {
            own.push(appointment);
        } else {
            change(
                tx,
                appointment,
                Status::Expired,
                Actor::SYSTEM,
                Extra::default(),
                now,
            )
            .await?;
        }
    }
    let mut parts = Vec::new();
    for reference in &command.references {
        let place = own.iter().position(|held| held.reference == *reference);
        let held = own.swap_remove(place.ok_or(AppError::NotFound)?);
        let place = seen.iter().position(|seen| seen.id == held.id);
        let ((offering, hours), wanted) = place
            .and_then(|place| {
                offerings
                    .get(place)
                    .zip(locked.get(place))
                    .zip(segments.get(place))
            })
            .ok_or(AppError::Internal)?;
        check(tx, &held, offering, command.patient_id, now).await?;
        let held = match held.status {
            Status::Held => held,
            // It ran out and was ended, but the time is free: a new hold takes its place.
            _ => {
                let holder = Holder {
                    visitor: &command.visitor,
                    patient_id: Some(command.patient_id),
                    until: plus_minutes(now, command.hold_minutes),
                };
                let held = insert(tx, hours, offering, *wanted, holder, now).await?;
                lock(tx, held.id).await?
            }
        };
        parts.push((held, offering.clone()));
    }
    Ok(parts)
}

/// Whether what is held can be booked.
async fn check(
    tx: &mut Tx,
    held: &Appointment,
    offering: &Offering,
    patient_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    if !matches!(held.status, Status::Held | Status::Expired) {
        return Err(refused(held, Refusal::HoldExpired));
    }
    let is_held = held.status == Status::Held && held.held_until.is_some_and(|until| until > now);
    let except = Except {
        appointment_id: Some(held.id),
        holds_of: None,
    };
    let starts_at = held.visit.start;
    let mut calendar = calendar_around(tx, offering, starts_at, &except, now).await?;
    if is_held {
        // What was promised when the time was chosen holds: the notice and the horizon are those of that moment.
        calendar.now = held.created_at;
    }
    if let Err(not_offered) = calendar.check(starts_at)
        && !(is_held && is_only_overbooked(tx, &calendar, held, held.blocked, now).await?)
    {
        return Err(match not_offered {
            NotOffered::Taken => refused(held, Refusal::HoldExpired),
            NotOffered::Closed => refused(held, Refusal::SlotClosed),
        });
    }
    if held.has_started(now) {
        return Err(refused(held, Refusal::SlotClosed));
    }
    refuse_overlap(tx, patient_id, held.visit, Some(held.id), wanted(held), now).await
}
