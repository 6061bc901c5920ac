//! Holding rooms while somebody decides.

use jiff::Timestamp;

use super::{
    Stay,
    book::{BookStay, place},
};
use crate::{
    booking::Rules,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency,
};

/// Holds rooms for as long as the clinic's rules say. The hold takes rooms like a booking; after its end, whoever wants them
/// has them. A patient has one hold: the next one takes its place.
///
/// # Errors
/// Those of [`book`](super::book).
pub async fn hold(
    database: &Database,
    command: BookStay,
    rules: Rules,
    now: Timestamp,
) -> Result<Stay, AppError> {
    database
        .write("stay.hold", move |tx| attempt(tx, command.clone(), rules, now))
        .await
}

async fn attempt(mut tx: Tx, command: BookStay, rules: Rules, now: Timestamp) -> Result<Stay, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let stay = place(&mut tx, &command, Some(rules.held_until(now)), now).await?;
    idempotency::answer(&mut tx, key, &stay, &[stay.made()]).await?;
    tx.commit().await?;
    Ok(stay)
}
