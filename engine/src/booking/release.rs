//! Releasing a hold before it runs out.

use jiff::Timestamp;

use crate::{
    appointment::{Actor, Extra, Status, change, lock, peek},
    database::{Database, Failure, Tx},
    error::AppError,
};

/// Ends a hold: its time is free at once. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND` for a hold of somebody else, and for one that has been booked: an appointment is cancelled, not released.
pub async fn release(
    database: &Database,
    reference: String,
    visitor: Vec<u8>,
    now: Timestamp,
) -> Result<(), AppError> {
    database
        .write("booking.release", move |tx| {
            attempt(tx, reference.clone(), visitor.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, reference: String, visitor: Vec<u8>, now: Timestamp) -> Result<(), Failure> {
    let id = peek(&mut tx, &reference.into()).await?.id;
    let held = lock(&mut tx, id).await?;
    if held.held_by != Some(visitor) {
        return Err(AppError::NotFound.into());
    }
    let was_booked = sqlx::query_scalar!(
        r#"select exists (
               select from appointment_changes
               where appointment_id = $1 and to_status in ('pending', 'confirmed')
           ) as "was_booked!""#,
        id,
    )
    .fetch_one(&mut *tx)
    .await?;
    let (to, actor) = match held.status {
        Status::Held if held.held_until.is_none_or(|until| until <= now) => (Status::Expired, Actor::SYSTEM),
        Status::Held => (Status::Cancelled, Actor::VISITOR),
        Status::Cancelled | Status::Expired if !was_booked => return Ok(()),
        _ => return Err(AppError::NotFound.into()),
    };
    change(&mut tx, held, to, actor, Extra::default(), now).await?;
    tx.commit().await
}
