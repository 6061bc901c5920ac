//! Withdrawing a prescription.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{MAX_REASON, Typed, read::of_ids};
use crate::{
    account::Caller,
    appointment::lock,
    database::{Database, Failure, Tx},
    error::{AppError, Field},
    idempotency::{self, Key},
    text::required,
};

/// The command to withdraw a prescription.
#[derive(Clone, Debug)]
pub struct Withdraw {
    pub caller: Caller,
    pub prescription_id: i64,
    /// The reason, which the patient reads.
    pub reason: String,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Withdraws a prescription: it stays, is void from now on, and its appointment can have another one. Answers with what
/// it said, to be written anew.
///
/// # Errors
/// `NOT_FOUND` for everybody but the doctor who wrote it; `PRESCRIPTION_WITHDRAWN` the second time;
/// `VALIDATION_FAILED` without a reason; `IDEMPOTENCY_CONFLICT`.
pub async fn withdraw(database: &Database, mut command: Withdraw, now: Timestamp) -> Result<Typed, AppError> {
    command.reason = required(Field::Reason, &command.reason, MAX_REASON)?;
    database
        .write("prescription.withdraw", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: Withdraw, now: Timestamp) -> Result<Typed, Failure> {
    let key = command.key.as_ref();
    let is_done_before = idempotency::claim::<i64>(&mut tx, key, now).await?.is_some();
    let id = command.prescription_id;
    let Caller::Doctor { staff_id, .. } = command.caller else {
        return Err(AppError::NotFound.into());
    };
    let appointment_id = sqlx::query_scalar!("select appointment_id from prescriptions where id = $1", id)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(AppError::NotFound)?;
    // What prescribes locks the same row.
    let appointment = lock(&mut tx, appointment_id).await?;
    if !appointment.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    let prescription = of_ids(&mut tx, &[id]).await?.pop().ok_or(AppError::NotFound)?;
    if !is_done_before {
        if prescription.withdrawn.is_some() {
            return Err(AppError::PrescriptionWithdrawn.into());
        }
        sqlx::query!(
            "update prescriptions set withdrawn_at = $2, withdrawn_by = $3, withdrawn_because = $4 where id = $1",
            id,
            now.to_sqlx(),
            staff_id,
            command.reason,
        )
        .execute(&mut *tx)
        .await?;
        idempotency::answer(&mut tx, key, &id, &[]).await?;
    }
    tx.commit().await?;
    Ok(Typed {
        medications: prescription.medications,
        note: prescription.note,
    })
}
