//! Confirm, reject, start, complete, cancel, miss: one transaction for all of them (A1, A2, A3, B11).

use jiff::Timestamp;

use super::{Extra, change, lock, peek};
use crate::{
    account::{Caller, Role},
    appointment::{Actor, Status},
    availability::live::Live,
    database::{Database, Failure, Tx},
    error::AppError,
};

/// Who wants which appointment in which status.
#[derive(Clone, Debug)]
pub struct ChangeStatus {
    pub caller: Caller,
    pub reference: String,
    pub to: Status,
    /// The version that the caller was looking at.
    pub version: i32,
    pub reason: String,
}

/// Changes the status of an appointment.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's; `STALE_VERSION` where somebody changed it since the
/// caller read it; `INVALID_TRANSITION`.
pub async fn change_status(
    database: &Database,
    live: &Live,
    command: ChangeStatus,
    now: Timestamp,
) -> Result<(), AppError> {
    let doctor_id = database
        .write("appointment.change_status", move |tx| attempt(tx, command.clone(), now))
        .await?;
    live.announce(doctor_id);
    Ok(())
}

async fn attempt(mut tx: Tx, command: ChangeStatus, now: Timestamp) -> Result<i64, Failure> {
    let id = peek(&mut tx, &command.reference).await?.id;
    let appointment = lock(&mut tx, id).await?;
    if !appointment.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    if appointment.version != command.version {
        return Err(AppError::StaleVersion { appointment_id: id, to: Some(command.to) }.into());
    }
    // What is held is booked through `booking`, which has the hours locked; what expires, expires by
    // itself.
    let actor = Actor::from(&command.caller);
    if appointment.status == Status::Held || actor.role == Role::System {
        return Err(AppError::InvalidTransition { appointment_id: appointment.id, from: appointment.status, to: command.to }.into());
    }
    let doctor_id = appointment.doctor_id;
    let extra = Extra { reason: command.reason, ..Extra::default() };
    change(&mut tx, appointment, command.to, actor, extra, now).await?;
    tx.commit().await?;
    Ok(doctor_id)
}
