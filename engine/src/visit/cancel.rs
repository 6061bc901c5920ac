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
/// `NOT_FOUND` for anybody but the patient and the admins, since each doctor has one segment alone;
/// `INVALID_TRANSITION` about the segment that cannot be cancelled, or where nothing is left; `IDEMPOTENCY_CONFLICT`.
pub async fn cancel_visit(
    database: &Database,
    caller: Caller,
    visit_id: i64,
    reason: String,
    key: Option<Key>,
    now: Timestamp,
) -> Result<Visit, AppError> {
    database
        .write("visit.cancel", move |tx| {
            attempt(tx, caller.clone(), visit_id, reason.clone(), key.clone(), now)
        })
        .await
}

async fn attempt(
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
    let segments = lock_visit(&mut tx, visit_id).await?;
    let is_theirs = match &caller {
        Caller::Patient { .. } => segments.iter().all(|segment| caller.acts_for(segment.patient_id)),
        Caller::Doctor { .. } => false,
        Caller::Admin { .. } | Caller::Reception { .. } => segments
            .iter()
            .all(|segment| !caller.is_kept_from(segment.clinic_id)),
    };
    if segments.is_empty() || !is_theirs {
        return Err(AppError::NotFound.into());
    }
    let actor = Actor::from(&caller);
    let (mut appointments, mut cancelled) = (Vec::new(), 0);
    for segment in segments {
        let is_left = matches!(segment.status, Status::Pending | Status::Confirmed)
            && !segment.has_run_out(now)
            && !segment.has_started(now);
        if !is_left {
            appointments.push(Summary::from(&*segment));
            continue;
        }
        let extra = Extra {
            reason: reason.clone(),
            ..Extra::default()
        };
        let changed = change(&mut tx, segment, Status::Cancelled, actor, extra, now).await?;
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
    let is_cancelled = |one: &&Summary| one.status == Status::Cancelled;
    let made = visit.appointments.iter().filter(is_cancelled);
    let made: Vec<_> = made.map(Summary::in_its_status).collect();
    idempotency::answer(&mut tx, key.as_ref(), &visit, &made).await?;
    tx.commit().await?;
    Ok(visit)
}
