//! Who has to do with which accounts.

use super::rules::{Kind, State};
use crate::{
    account::Caller,
    database::{Failure, Lock, Tx, locking},
    error::AppError,
};

/// The doctor whose accounts the caller has.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors.
pub(super) fn doctor(caller: &Caller) -> Result<i64, AppError> {
    match caller {
        Caller::Doctor { doctor_id, .. } => Ok(*doctor_id),
        Caller::Admin { .. } | Caller::Patient { .. } | Caller::Reception { .. } => Err(AppError::NotFound),
    }
}

/// Locks an account of the caller. Answers with what becomes of it.
///
/// # Errors
/// `NOT_FOUND`, also for one of somebody else.
pub(super) async fn lock(tx: &mut Tx, caller: &Caller, id: i64) -> Result<State, Failure> {
    let state = sqlx::query_scalar!(
        "select state from calendar_accounts where id = $1 and doctor_id = $2 for no key update",
        id,
        doctor(caller)?,
    );
    let state = locking(Lock::CalendarAccounts, state.fetch_optional(&mut **tx)).await?;
    let state = State::parse(&state.ok_or(AppError::NotFound)?);
    Ok(state.ok_or(AppError::Internal)?)
}

/// Locks the doctor: nobody books meanwhile, and whoever books afterwards sees what was done.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn lock_doctor(tx: &mut Tx, doctor_id: i64) -> Result<(), Failure> {
    let row = sqlx::query_scalar!(
        "select id from doctors where id = $1 for no key update",
        doctor_id
    );
    let row = locking(Lock::Doctor, row.fetch_optional(&mut **tx)).await?;
    row.ok_or(AppError::NotFound)?;
    Ok(())
}

/// The kind that a word says.
///
/// # Errors
/// `INTERNAL`.
pub(super) fn kind_of(word: &str) -> Result<Kind, AppError> {
    Kind::parse(word).ok_or(AppError::Internal)
}
