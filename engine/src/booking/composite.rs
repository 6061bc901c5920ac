//! Several appointments of one patient, all or none: a blood test, and the doctor who reads it (B7).
//!
//! Each becomes an appointment like any other, with a reference, a status and a history of its own: the doctors answer
//! each for themselves, and whoever may cancel one cancels that one. What belongs together, the *visit* remembers; the
//! patient may give up the whole of it at once, with [`cancel_visit`].
//!
//! The locks are those of a booking, of each kind all of them before any of the next, by id: doctors, calendar hours,
//! the patient, appointments. Nobody who books a visit waits for what comes before something that they have, so two of
//! them in opposite orders wait for each other in a line, never in a circle.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{Claim, Wanted, book, lock_patient, refuse_overlap};
use crate::{
    account::{Caller, Role},
    appointment::{Actor, Extra, Status, Summary, change, lock_all_in_the_way, lock_visit},
    availability::{Except, Offering, calendars, hours, lock_offering},
    database::{Database, Failure, Tx},
    error::{AppError, Field, Problem},
    idempotency::{self, Key},
    time,
};

/// How many appointments a visit can have.
pub const MAX_SEGMENTS: usize = 8;

/// Who books which times for whom.
#[derive(Clone, Debug)]
pub struct BookVisit {
    /// As of a single booking: the patient, a doctor with all of these times in their own calendar, or an admin.
    pub caller: Caller,
    /// In the order in which they are counted.
    pub segments: Vec<Wanted>,
    pub patient_id: i64,
    /// Why the patient comes.
    pub reason: String,
    pub answer_minutes: i64,
    /// Under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// What was booked together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub id: i64,
    /// In the order in which they were asked for.
    pub appointments: Vec<Summary>,
}

/// Books all of these times, or none of them.
///
/// # Errors
/// As [`book::book`]; a `BOOKING_FAILED` is about the segment that could not be had. `VALIDATION_FAILED` where there are
/// too few or too many segments, and where two of them overlap.
pub async fn book_visit(database: &Database, command: BookVisit, now: Timestamp) -> Result<Visit, AppError> {
    database
        .write("booking.book_visit", move |tx| attempt(tx, command.clone(), now))
        .await
}

fn invalid(problem: Problem) -> AppError {
    AppError::invalid(Field::Segments, problem)
}

async fn attempt(mut tx: Tx, command: BookVisit, now: Timestamp) -> Result<Visit, Failure> {
    let segments = &command.segments;
    match segments.len() {
        0 | 1 => return Err(invalid(Problem::Missing).into()),
        2..=MAX_SEGMENTS => {}
        _ => return Err(invalid(Problem::TooLong).into()),
    }
    for wanted in segments {
        book::must_be_theirs(&command.caller, command.patient_id, wanted.doctor_id)?;
    }
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let claims = claim_all(&mut tx, &command, now).await?;
    let visit_id = begin(&mut tx, command.patient_id, now).await?;
    let mut appointments = Vec::new();
    for (claim, &wanted) in claims.iter().zip(segments) {
        let single = book::Book {
            caller: command.caller.clone(),
            wanted,
            patient_id: command.patient_id,
            reason: command.reason.clone(),
            overbook: None,
            answer_minutes: command.answer_minutes,
            key: None,
        };
        appointments.push(book::insert(&mut tx, claim, &single, None, now).await?);
    }
    let ids: Vec<i64> = appointments.iter().map(|one| one.id).collect();
    number(&mut tx, visit_id, &ids).await?;
    let visit = Visit {
        id: visit_id,
        appointments,
    };
    // Without a key of its own, the request counts until its first part has ended; the others are in its way then.
    idempotency::answer(&mut tx, key, &visit, ids.first().copied()).await?;
    tx.commit().await?;
    Ok(visit)
}

/// Writes a visit that has no parts yet.
pub(super) async fn begin(tx: &mut Tx, patient_id: i64, now: Timestamp) -> Result<i64, Failure> {
    let id = sqlx::query_scalar!(
        "insert into visits (patient_id, created_at) values ($1, $2) returning id",
        patient_id,
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// Makes these appointments of the patient the parts of a visit, in this order.
pub(super) async fn number(tx: &mut Tx, visit_id: i64, ids: &[i64]) -> Result<(), Failure> {
    sqlx::query!(
        "update appointments set visit_id = $1, segment = place
         from unnest($2::bigint[]) with ordinality as parts (part_id, place)
         where id = part_id",
        visit_id,
        ids,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes all times of a visit, as [`super::claim`] takes one; in the order of the segments.
async fn claim_all(tx: &mut Tx, command: &BookVisit, now: Timestamp) -> Result<Vec<Claim>, Failure> {
    let segments = &command.segments;
    // The order of the locks, by doctor and time.
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|&place| (segments[place].doctor_id, segments[place].starts_at));

    let mut offerings: Vec<(usize, Offering)> = Vec::new();
    for &place in &order {
        offerings.push((place, lock_offering(tx, segments[place]).await?));
    }
    let mut ranges = Vec::new();
    for (place, offering) in &offerings {
        ranges.push((
            offering.doctor_id,
            offering.rules.blocked(segments[*place].starts_at()),
        ));
    }
    offerings.sort_by_key(|(place, _)| *place);
    let offerings: Vec<Offering> = offerings.into_iter().map(|(_, offering)| offering).collect();
    if !are_apart(segments, &offerings) {
        return Err(invalid(Problem::Malformed).into());
    }
    for (offering, wanted) in offerings.iter().zip(segments) {
        let blocked = offering.rules.blocked(wanted.starts_at());
        if super::is_taken(tx, wanted.doctor_id, blocked, None, now).await? {
            return Err(AppError::BookingFailed {
                reason: crate::error::Refusal::SlotTaken,
                wanted: *wanted,
            }
            .into());
        }
    }
    let locked = hours::lock_all(tx, &ranges).await?;
    lock_patient(tx, command.patient_id)
        .await
        .map_err(|failure| match failure {
            // The caller is who they say; it is the patient they name who is not there.
            Failure::Refused(AppError::Unauthenticated) if command.caller.role() != Role::Patient => {
                AppError::NotFound.into()
            }
            other => other,
        })?;
    for lapsed in lock_all_in_the_way(tx, &locked, command.patient_id, &[], now).await? {
        change(tx, lapsed, Status::Expired, Actor::SYSTEM, Extra::default(), now).await?;
    }

    let mut locked: Vec<_> = order.into_iter().zip(locked).collect();
    locked.sort_by_key(|(place, _)| *place);
    let dates = offerings.iter().zip(segments);
    let dates = dates.map(|(offering, wanted)| time::local_date(wanted.starts_at(), &offering.zone));
    let (first, last) = dates.fold(
        (jiff::civil::Date::MAX, jiff::civil::Date::MIN),
        |(first, last), date| (first.min(date), last.max(date)),
    );
    let calendars = calendars(tx, &offerings, first, last, &Except::default(), now).await?;
    let mut claims = Vec::new();
    for (((offering, mut calendar), (_, hours)), &wanted) in
        offerings.into_iter().zip(calendars).zip(locked).zip(segments)
    {
        calendar.rules = calendar.rules.asked_of(command.caller.role());
        let claim = Claim {
            offering,
            hours,
            own: None,
            instead_of: None,
            calendar,
        };
        claim.check(wanted)?;
        let visit = claim.offering.rules.visit(wanted.starts_at());
        refuse_overlap(tx, command.patient_id, visit, None, wanted, now).await?;
        claims.push(claim);
    }
    Ok(claims)
}

/// Whether the patient can be at all of them, and each doctor do theirs: no two overlap, and those of one doctor leave
/// room for what has to be before and after.
pub(super) fn are_apart(segments: &[Wanted], offerings: &[Offering]) -> bool {
    let parts: Vec<_> = segments.iter().zip(offerings).collect();
    parts.iter().enumerate().all(|(place, (one, offering))| {
        parts[place + 1..].iter().all(|(other, others)| {
            let visits = (
                offering.rules.visit(one.starts_at()),
                others.rules.visit(other.starts_at()),
            );
            let blocked = (
                offering.rules.blocked(one.starts_at()),
                others.rules.blocked(other.starts_at()),
            );
            !visits.0.overlaps(visits.1)
                && (one.doctor_id != other.doctor_id || !blocked.0.overlaps(blocked.1))
        })
    })
}

/// Cancels all that is left of a visit, or nothing of it: where one part can no longer be cancelled, none is. What is
/// over or has ended before stays as it is.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's: a visit is its patient's and the admins', since each doctor has a part of
/// it alone; `INVALID_TRANSITION` about the part that cannot be cancelled, or where nothing is left;
/// `IDEMPOTENCY_CONFLICT`.
pub async fn cancel_visit(
    database: &Database,
    caller: Caller,
    visit_id: i64,
    reason: String,
    key: Option<Key>,
    now: Timestamp,
) -> Result<Visit, AppError> {
    database
        .write("booking.cancel_visit", move |tx| {
            attempt_to_cancel(tx, caller.clone(), visit_id, reason.clone(), key.clone(), now)
        })
        .await
}

async fn attempt_to_cancel(
    mut tx: Tx,
    caller: Caller,
    visit_id: i64,
    reason: String,
    key: Option<Key>,
    now: Timestamp,
) -> Result<Visit, Failure> {
    if let Some(first) = idempotency::claim(&mut tx, key.as_ref(), now).await? {
        return Ok(first);
    }
    let parts = lock_visit(&mut tx, visit_id).await?;
    let is_theirs = match &caller {
        Caller::Patient { id, .. } => parts.iter().all(|part| part.patient_id == Some(*id)),
        Caller::Doctor { .. } => false,
        Caller::Admin { .. } => true,
    };
    if parts.is_empty() || !is_theirs {
        return Err(AppError::NotFound.into());
    }
    let actor = Actor::from(&caller);
    let (mut appointments, mut cancelled) = (Vec::new(), 0);
    for part in parts {
        let is_left = matches!(part.status, Status::Pending | Status::Confirmed)
            && !part.has_run_out(now)
            && !part.has_started(now);
        if !is_left {
            appointments.push(Summary::from(&*part));
            continue;
        }
        let extra = Extra {
            reason: reason.clone(),
            ..Extra::default()
        };
        let changed = change(&mut tx, part, Status::Cancelled, actor, extra, now).await?;
        appointments.push(Summary::from(&*changed));
        cancelled += 1;
    }
    if cancelled == 0 {
        let first = appointments.first().ok_or(AppError::NotFound)?;
        return Err(AppError::InvalidTransition {
            appointment_id: first.id,
            from: first.status,
            to: Status::Cancelled,
        }
        .into());
    }
    let visit = Visit {
        id: visit_id,
        appointments,
    };
    idempotency::answer(&mut tx, key.as_ref(), &visit, None).await?;
    tx.commit().await?;
    Ok(visit)
}
