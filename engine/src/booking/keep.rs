//! *Keep it longer*: a hold begins anew, within reason.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Wanted;
use crate::{
    appointment::{Status, lock, peek},
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    time::plus_minutes,
};

/// How many times as long as a hold a time can be kept altogether, so that nobody sits on one.
const MAX_HOLDS: i64 = 3;

/// Until when a hold that was made then may be kept.
pub fn may_keep_until(created_at: Timestamp, hold_minutes: i64) -> Timestamp {
    plus_minutes(created_at, MAX_HOLDS * hold_minutes)
}

/// Holds a time for another while, for the browser that holds it.
///
/// # Errors
/// `NOT_FOUND`; `BOOKING_FAILED` where the hold has ended.
pub async fn keep(
    database: &Database,
    reference: String,
    visitor: Vec<u8>,
    hold_minutes: i64,
    now: Timestamp,
) -> Result<(), AppError> {
    database
        .write("booking.keep", move |tx| {
            attempt(tx, reference.clone(), visitor.clone(), hold_minutes, now)
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    reference: String,
    visitor: Vec<u8>,
    hold_minutes: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let id = peek(&mut tx, &reference.into()).await?.id;
    let held = lock(&mut tx, id).await?;
    if held.held_by != Some(visitor) {
        return Err(AppError::NotFound.into());
    }
    // A hold that ran out is still this visitor's while nobody has taken the time: who takes it
    // ends the hold, under the same lock.
    if held.status != Status::Held {
        let wanted = Wanted {
            doctor_id: held.doctor_id,
            clinic_id: held.clinic_id,
            service_id: held.service_id,
            starts_at: held.visit.start.as_second(),
        };
        return Err(AppError::BookingFailed {
            reason: Refusal::HoldExpired,
            wanted,
        }
        .into());
    }
    let until = plus_minutes(now, hold_minutes).min(may_keep_until(held.created_at, hold_minutes));
    sqlx::query!(
        "update appointments set held_until = greatest(held_until, $2) where id = $1",
        held.id,
        until.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
