//! Cancelling all that is left of a visit at once.

use jiff::Timestamp;

use super::Visit;
use crate::{
    account::Caller,
    appointment::{Actor, Extra, Status, Summary, change, lock_visit},
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// Cancels all that is left of a visit, or nothing of it: where one segment can no longer be cancelled, none is. Segments
/// that are over or have ended before stay as they are.
///
/// # Errors
/// `NOT_FOUND` for anybody but the patient, the admins, and a doctor with whom all of it is; `INVALID_TRANSITION` about the
/// segment that cannot be cancelled, or where nothing is left; `IDEMPOTENCY_CONFLICT`.
pub async fn cancel_visit(
    database: &Database,
    caller: Caller,
    visit_id: i64,
    reason: String,
    key: Option<Key>,
    now: Timestamp,
) -> Result<Visit, AppError> {
    cancel_from(database, caller, visit_id, None, reason, key, now).await
}

/// Cancels what is left of a visit from one of its appointments on, or nothing of it: those that start before it stay as they
/// are.
///
/// # Errors
/// Those of [`cancel_visit`]; `NOT_FOUND` for an appointment that is no part of the visit.
pub async fn cancel_rest(
    database: &Database,
    caller: Caller,
    visit_id: i64,
    first_id: i64,
    reason: String,
    key: Option<Key>,
    now: Timestamp,
) -> Result<Visit, AppError> {
    cancel_from(database, caller, visit_id, Some(first_id), reason, key, now).await
}

async fn cancel_from(
    database: &Database,
    caller: Caller,
    visit_id: i64,
    first_id: Option<i64>,
    reason: String,
    key: Option<Key>,
    now: Timestamp,
) -> Result<Visit, AppError> {
    let wish = Wish {
        caller,
        visit_id,
        first_id,
        reason,
        key,
    };
    database
        .write("visit.cancel", move |tx| attempt(tx, wish.clone(), now))
        .await
}

/// A visit that is to be cancelled.
#[derive(Clone, Debug)]
struct Wish {
    caller: Caller,
    visit_id: i64,
    /// The appointment from which on; all of it where there is none.
    first_id: Option<i64>,
    reason: String,
    key: Option<Key>,
}

async fn attempt(mut tx: Tx, wish: Wish, now: Timestamp) -> Result<Visit, Failure> {
    let Wish {
        caller,
        visit_id,
        first_id,
        reason,
        key,
    } = wish;
    if let Some(first) = idempotency::claim(&mut tx, key.as_ref(), now).await? {
        return Ok(first);
    }
    let segments = lock_visit(&mut tx, visit_id).await?;
    let is_theirs = match &caller {
        Caller::Patient { .. } => segments.iter().all(|segment| segment.is_visible_to(&caller)),
        // Of a course, which is with one doctor.
        Caller::Doctor { doctor_id, .. } => segments.iter().all(|segment| segment.doctor_id == *doctor_id),
        Caller::Admin { .. } | Caller::Reception { .. } => segments
            .iter()
            .all(|segment| !caller.is_kept_from(segment.clinic_id)),
    };
    if segments.is_empty() || !is_theirs {
        return Err(AppError::NotFound.into());
    }
    let since = match first_id {
        Some(id) => {
            let mut starts = segments.iter().filter(|segment| segment.id == id);
            Some(starts.next().ok_or(AppError::NotFound)?.time.start)
        }
        None => None,
    };
    let actor = Actor::from(&caller);
    let (mut appointments, mut cancelled) = (Vec::new(), 0);
    for segment in segments {
        let is_left = matches!(segment.status, Status::Pending | Status::Confirmed)
            && !segment.has_run_out(now)
            && !segment.has_started(now)
            && since.is_none_or(|since| segment.time.start >= since);
        if !is_left {
            appointments.push(Summary::from(&*segment));
            continue;
        }
        let extra = Extra {
            reason: reason.clone(),
            ..Extra::default()
        };
        let to = segment.status.called_off_by(actor.role);
        let changed = change(&mut tx, segment, to, actor, extra, now).await?;
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
    let is_cancelled = |one: &&Summary| matches!(one.status, Status::Cancelled | Status::Rejected);
    let made = visit.appointments.iter().filter(is_cancelled);
    let made: Vec<_> = made.map(Summary::in_its_status).collect();
    idempotency::answer(&mut tx, key.as_ref(), &visit, &made).await?;
    tx.commit().await?;
    Ok(visit)
}
