//! Confirm, reject, start, complete, cancel, miss: one transaction for all of them (A1, A2, A3, B11).

use jiff::Timestamp;

use super::{
    Actor, Appointment, AppointmentName, Extra, Locked, Status, Summary, arrive::only_arrived_since, change,
    lock, lock_session_of, peek,
};
use crate::{
    account::{Caller, Role},
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// A change of an appointment to another status.
#[derive(Clone, Debug)]
pub struct ChangeStatus {
    pub caller: Caller,
    pub which: AppointmentName,
    pub to: Status,
    /// The version that the caller was looking at; `None` accepts any.
    pub version: Option<i32>,
    pub reason: String,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Whether the page asks for a reason: a clinic that takes back what it gave, or never gives it,
/// tells the patient why.
pub fn needs_reason(role: Role, to: Status) -> bool {
    role.is_staff() && matches!(to, Status::Rejected | Status::Cancelled)
}

/// Changes the status of an appointment. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND` for an appointment of somebody else; `STALE_VERSION` where somebody changed it since the
/// caller read it; `INVALID_TRANSITION`; `IDEMPOTENCY_CONFLICT`.
pub async fn change_status(
    database: &Database,
    command: ChangeStatus,
    now: Timestamp,
) -> Result<Summary, AppError> {
    database
        .write("appointment.change_status", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await?
}

/// The outcome of a transaction that may commit and refuse: a request that ran out is written as expired, and the
/// caller is refused all the same.
type Outcome = Result<Summary, AppError>;

async fn attempt(mut tx: Tx, command: ChangeStatus, now: Timestamp) -> Result<Outcome, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim::<Summary>(&mut tx, key, now).await? {
        return Ok(Ok(first));
    }
    let seen = peek(&mut tx, &command.which).await?;
    let id = seen.id;
    if matches!(command.to, Status::Cancelled | Status::Rejected) {
        lock_session_of(&mut tx, &seen).await?;
    }
    let appointment = lock(&mut tx, id).await?;
    if !appointment.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    let actor = Actor::from(&command.caller);
    if let Some(seen) = command.version.filter(|seen| *seen != appointment.version) {
        if is_sent_again(&mut tx, &appointment, seen, command.to, actor).await? {
            return Ok(Ok(Summary::from(&*appointment)));
        }
        let may_start =
            command.to == Status::InProgress && only_arrived_since(&mut tx, &appointment, seen).await?;
        if !may_start {
            return Err(AppError::StaleVersion {
                appointment_id: id,
                to: Some(command.to),
            }
            .into());
        }
    }
    let refused = |from| AppError::InvalidTransition {
        appointment_id: id,
        from,
        to: command.to,
    };
    // A hold is booked through `booking`, which has the hours locked; and expiring is Janji's own.
    if appointment.status == Status::Held || actor.role == Role::System {
        return Err(refused(appointment.status).into());
    }
    if appointment.has_run_out(now) {
        // Its time is free already, and somebody may be choosing it.
        change(
            &mut tx,
            appointment,
            Status::Expired,
            Actor::SYSTEM,
            Extra::default(),
            now,
        )
        .await?;
        tx.commit().await?;
        return Ok(Err(refused(Status::Expired)));
    }
    let extra = Extra {
        reason: command.reason,
        ..Extra::default()
    };
    let changed = change(&mut tx, appointment, command.to, actor, extra, now).await?;
    let summary = Summary::from(&*changed);
    idempotency::answer(&mut tx, key, &summary, &[summary.in_its_status()]).await?;
    tx.commit().await?;
    Ok(Ok(summary))
}

/// Whether this is the second click of two: the next version is what this caller wanted, and made.
async fn is_sent_again(
    tx: &mut Tx,
    appointment: &Locked<Appointment>,
    seen: i32,
    to: Status,
    actor: Actor,
) -> Result<bool, Failure> {
    if appointment.version != seen.saturating_add(1) || appointment.status != to {
        return Ok(false);
    }
    let last = sqlx::query!(
        "select from_status, staff_id, patient_id from appointment_changes
         where appointment_id = $1 and version = $2",
        appointment.id,
        appointment.version,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(last.is_some_and(|last| {
        last.from_status.as_deref() != Some(to.as_str())
            && last.staff_id == actor.staff_id
            && last.patient_id == actor.patient_id
    }))
}
