//! Booking what is held.

use jiff::Timestamp;

use super::{
    Stay,
    book::{lock_rooms, release},
    lock::{LockedStay, LockedStays, Stays, lock_patient, must_be_seen, peek},
    room_type::{LockedRoomType, lock_for_booking},
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
/// cost something else by now; `PAYMENT_REQUIRED` for a patient where it is paid before it is booked; `INVALID_TRANSITION`, `ROOM_TYPE_NOT_FOUND`, `INVALID_DATE_RANGE`, `IDEMPOTENCY_CONFLICT`.
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
    let is_open = matches!(stay.status, Status::Held | Status::Lapsed);
    if is_open && stay.first_minor.is_some() && !command.caller.role().is_staff() {
        return Err(AppError::PaymentRequired.into());
    }
    let actor = Actor::from(&command.caller);
    let stay = book_locked(&mut tx, stays, stay, (actor, Price::OfToday), now)
        .await?
        .into_inner();
    idempotency::answer(&mut tx, key, &stay, &[stay.made()]).await?;
    tx.commit().await?;
    Ok(stay)
}

/// The price at which rooms are taken again that a hold has lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Price {
    /// Only where they cost today what they cost then.
    OfToday,
    /// What was promised, since it is paid.
    Promised,
}

/// Books a locked hold, also one that has run out while its rooms are free.
///
/// # Errors
/// Those of [`submit`], but for those of the key and of the caller.
pub(super) async fn book_locked(
    tx: &mut Tx,
    mut stays: LockedStays,
    stay: LockedStay,
    (actor, price): (Actor, Price),
    now: Timestamp,
) -> Result<LockedStay, Failure> {
    let wanted = stay.wanted();
    if stay.has_run_out(now) {
        // It still has its rooms; whether they can be booked is asked as if it had none.
        can_be_booked(&stay, &lock_for_booking(tx, stay.room_type_id, now).await?)?;
    }
    if stay.status == Status::Lapsed {
        let (locked, room_type) = lock_rooms(tx, &stays, wanted, now).await?;
        can_be_booked(&stay, &room_type)?;
        lock_patient(tx, actor.role.is_staff(), stay.patient_id, false).await?;
        release(tx, &locked, &mut stays, now).await?;
        locked.check(tx, wanted, |_| 0, now).await?;
        let nights = i64::from(wanted.nights()) * i64::from(wanted.rooms);
        let costs = room_type.price.minor.checked_mul(nights);
        let is_same = costs == Some(stay.total_minor) && room_type.price.currency == stay.currency;
        if price == Price::OfToday && !is_same {
            return Err(AppError::StaleStay { stay_id: stay.id }.into());
        }
        // All nights of a hold have one price.
        take(tx, &locked, &stay, stay.total_minor / nights).await?;
    }
    set_status(tx, stay, Status::Booked, actor, "", now).await
}

/// # Errors
/// `ROOM_TYPE_NOT_FOUND`; `INVALID_DATE_RANGE` where its first night is over.
fn can_be_booked(stay: &Stay, room_type: &LockedRoomType) -> Result<(), AppError> {
    room_type.must_be_active()?;
    match stay.arrival < room_type.today {
        true => Err(AppError::InvalidDateRange),
        false => Ok(()),
    }
}
