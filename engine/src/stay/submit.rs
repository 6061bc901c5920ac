//! Booking what is held.

use jiff::Timestamp;

use super::{
    Stay,
    book::{lock_rooms, release},
    lock::{Stays, lock_patient, must_be_seen, peek},
    room_type::lock_for_booking,
    status::Status,
    write::{set_status, take},
};
use crate::{
    account::Caller,
    appointment::Actor,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// A hold that becomes a booking.
#[derive(Clone, Debug)]
pub struct SubmitStay {
    pub caller: Caller,
    pub stay_id: i64,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Books what is held. A hold that has run out is booked all the same while its rooms are free, at the price that it had.
///
/// # Errors
/// `NOT_FOUND`; `INSUFFICIENT_INVENTORY` where the hold ran out and somebody else has the rooms; `STALE_VERSION` where they
/// cost something else by now; `INVALID_TRANSITION`, `ROOM_TYPE_NOT_FOUND`, `INVALID_DATE_RANGE`, `IDEMPOTENCY_CONFLICT`.
pub async fn submit(database: &Database, command: SubmitStay, now: Timestamp) -> Result<Stay, AppError> {
    database
        .write("stay.submit", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: SubmitStay, now: Timestamp) -> Result<Stay, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let wanted = peek(&mut tx, command.stay_id).await?.wanted();
    let stays = Stays {
        own: Some(command.stay_id),
        wanted: Some(wanted),
        ..Stays::default()
    };
    let mut stays = stays.lock(&mut tx, now).await?;
    let stay = stays.take_own()?;
    must_be_seen(&stay, &command.caller, None)?;
    let actor = Actor::from(&command.caller);
    if stay.has_run_out(now) {
        // It still has its rooms; whether they can be booked is asked as if it had none.
        let room_type = lock_for_booking(&mut tx, stay.room_type_id, now).await?;
        room_type.must_be_active()?;
        if stay.arrival < room_type.today {
            return Err(AppError::InvalidDateRange.into());
        }
    }
    if stay.status == Status::Lapsed {
        let (locked, room_type) = lock_rooms(&mut tx, &stays, wanted, now).await?;
        room_type.must_be_active()?;
        if stay.arrival < room_type.today {
            return Err(AppError::InvalidDateRange.into());
        }
        lock_patient(&mut tx, &command.caller, stay.patient_id, false).await?;
        release(&mut tx, &locked, &mut stays, now).await?;
        locked.check(&mut tx, wanted, |_| 0, now).await?;
        let nights = i64::from(wanted.nights()) * i64::from(wanted.rooms);
        let costs = room_type.price.minor.checked_mul(nights);
        if costs != Some(stay.total_minor) || room_type.price.currency != stay.currency {
            return Err(AppError::StaleStay { stay_id: stay.id }.into());
        }
        take(&mut tx, &locked, &stay, room_type.price.minor).await?;
    }
    let stay = set_status(&mut tx, stay, Status::Booked, actor, "", now)
        .await?
        .into_inner();
    idempotency::answer(&mut tx, key, &stay, &[stay.made()]).await?;
    tx.commit().await?;
    Ok(stay)
}
