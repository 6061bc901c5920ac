//! Cancelling a stay: its rooms are free at once.

use jiff::Timestamp;

use super::{
    Stay,
    lock::{Stays, must_be_seen},
    nights::lock_nights,
    read::today_at,
    status::Status,
    write::give_back,
};
use crate::{
    account::Caller,
    appointment::Actor,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// A stay or a hold that is cancelled.
#[derive(Clone, Debug)]
pub struct CancelStay {
    /// Its patient, or somebody at the desk of its clinic.
    pub caller: Caller,
    pub stay_id: i64,
    /// The version that the caller has read.
    pub version: Option<i32>,
    pub reason: String,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Cancels a stay that has not begun, or gives a hold up. Its patient can until the end of the day of the arrival.
///
/// # Errors
/// `NOT_FOUND`, `STALE_VERSION`, `INVALID_TRANSITION`, `IDEMPOTENCY_CONFLICT`.
pub async fn cancel(database: &Database, command: CancelStay, now: Timestamp) -> Result<Stay, AppError> {
    database
        .write("stay.cancel", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: CancelStay, now: Timestamp) -> Result<Stay, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let stays = Stays {
        own: Some(command.stay_id),
        ..Stays::default()
    };
    let stay = stays.lock(&mut tx, now).await?.take_own()?;
    must_be_seen(&stay, &command.caller, command.version)?;
    let (from, to) = (stay.status, Status::Cancelled);
    let today = today_at(&mut tx, stay.clinic_id, now).await?;
    let is_over = stay.arrival < today && !command.caller.role().is_staff() && from == Status::Booked;
    if is_over || !from.may_become(to) {
        return Err(AppError::StayTransition {
            stay_id: stay.id,
            from,
            to,
        }
        .into());
    }
    let locked = lock_nights(&mut tx, &stay.night_keys()).await?;
    let actor = Actor::from(&command.caller);
    let stay = give_back(&mut tx, &locked, stay, to, actor, &command.reason, now)
        .await?
        .into_inner();
    idempotency::answer(&mut tx, key, &stay, &[stay.made()]).await?;
    tx.commit().await?;
    Ok(stay)
}
