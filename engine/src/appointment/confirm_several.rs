//! Confirming several requests at once. Each is a transaction of its own: what cannot be confirmed keeps nothing else from
//! being.

use jiff::Timestamp;

use super::{AppointmentName, ChangeStatus, Status, Summary, change_status};
use crate::{
    account::Caller,
    database::Database,
    error::{AppError, Field, FieldProblem},
    idempotency::Key,
};

/// The number of requests that can be confirmed at once.
pub const MAX_AT_ONCE: usize = 100;

/// A request that is to be confirmed.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub which: AppointmentName,
    /// The version that the caller was looking at; `None` accepts any.
    pub version: Option<i32>,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Confirms requests, one after the other, and answers what became of each, in their order.
///
/// # Errors
/// `VALIDATION_FAILED` where none or too many were chosen; `FORBIDDEN` for patients.
pub async fn confirm_several(
    database: &Database,
    caller: &Caller,
    chosen: Vec<Chosen>,
    now: Timestamp,
) -> Result<Vec<Result<Summary, AppError>>, AppError> {
    if !caller.role().is_staff() {
        return Err(AppError::Forbidden);
    }
    match chosen.len() {
        0 => return Err(AppError::invalid(Field::Chosen, FieldProblem::Missing)),
        1..=MAX_AT_ONCE => {}
        _ => return Err(AppError::invalid(Field::Chosen, FieldProblem::TooMany)),
    }
    let mut outcomes = Vec::with_capacity(chosen.len());
    for one in chosen {
        let command = ChangeStatus {
            caller: caller.clone(),
            which: one.which,
            to: Status::Confirmed,
            version: one.version,
            reason: String::new(),
            key: one.key,
        };
        outcomes.push(change_status(database, command, now).await);
    }
    Ok(outcomes)
}
