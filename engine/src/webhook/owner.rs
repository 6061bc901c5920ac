//! Who has to do with which webhooks.

use super::rules::State;
use crate::{
    account::{Caller, must_be_admin},
    database::{Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
};

/// Refuses everybody but doctors and admins of all clinics. Answers with the account whose webhooks alone the caller sees:
/// admins see all.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) fn whose(caller: &Caller) -> Result<Option<i64>, AppError> {
    match caller {
        Caller::Doctor { staff_id, .. } => Ok(Some(*staff_id)),
        Caller::Admin { .. } => must_be_admin(caller).map(|()| None),
        Caller::Patient { .. } | Caller::Reception { .. } => Err(AppError::NotFound),
    }
}

/// Refuses everybody who can have no webhooks.
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_have_webhooks(caller: &Caller) -> Result<(), AppError> {
    whose(caller).map(drop)
}

/// The account of a member of staff.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) fn staff_id(caller: &Caller) -> Result<i64, AppError> {
    caller.staff_id().ok_or(AppError::NotFound)
}

/// A webhook, locked: for whoever changes it, or writes down what became of what it was told.
pub(super) struct LockedWebhook {
    pub id: i64,
    pub staff_id: i64,
    pub state: State,
    pub version: i32,
    /// Sealed; empty where it has ended.
    pub secret: String,
}

/// Locks a webhook that the caller sees.
///
/// # Errors
/// `NOT_FOUND`, also for one that was deleted.
pub(super) async fn lock(tx: &mut Tx, caller: &Caller, id: i64) -> Result<LockedWebhook, Failure> {
    let whose = whose(caller)?;
    let row = sqlx::query!(
        "select staff_id, state, version, secret from webhooks
         where id = $1 and ($2::bigint is null or staff_id = $2) and because is distinct from 'deleted'
         for no key update",
        id,
        whose,
    );
    let row = locking(Lock::Webhooks, row.fetch_optional(&mut **tx)).await?;
    let row = row.ok_or(AppError::NotFound)?;
    Ok(LockedWebhook {
        id,
        staff_id: row.staff_id,
        state: State::parse(&row.state).ok_or(AppError::Internal)?,
        version: row.version,
        secret: row.secret,
    })
}

impl LockedWebhook {
    /// Refuses what makes no sense once it has ended.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn must_not_have_ended(&self) -> Result<(), AppError> {
        match self.state {
            State::Active | State::Paused => Ok(()),
            State::Ended => Err(AppError::invalid(Field::WebhookState, FieldProblem::Malformed)),
        }
    }
}
