//! Extending a hold: it begins anew, within reason.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Rules, Wanted};
use crate::{
    appointment::{Status, lock, peek},
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
};

/// Holds a time for another while, for the browser that holds it.
///
/// # Errors
/// `NOT_FOUND`; `BOOKING_FAILED` where the hold has ended.
pub async fn extend(
    database: &Database,
    reference: String,
    visitor: Vec<u8>,
    rules: Rules,
    now: Timestamp,
) -> Result<(), AppError> {
    database
        .write("booking.extend", move |tx| {
            attempt(tx, reference.clone(), visitor.clone(), rules, now)
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    reference: String,
    visitor: Vec<u8>,
    rules: Rules,
    now: Timestamp,
) -> Result<(), Failure> {
    let id = peek(&mut tx, &reference.into()).await?.id;
    let held = lock(&mut tx, id).await?;
    if held.held_by != Some(visitor) {
        return Err(AppError::NotFound.into());
    }
    // A hold that ran out is still this visitor's while nobody has taken the time: a booking that takes it
    // ends the hold, under the same lock.
    if held.status != Status::Held {
        return Err(Refusal::HoldExpired.of(Wanted::from(&*held)).into());
    }
    let until = rules
        .held_until(now)
        .min(rules.may_be_held_until(held.created_at));
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
