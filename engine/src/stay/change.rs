//! Extending, shortening and moving a stay: one change of its nights and rooms.

use jiff::{Timestamp, civil::Date};

use super::{
    Stay,
    book::release,
    check,
    lock::{LockedStay, Stays, must_be_seen, peek},
    nights::{NightKey, lock_nights},
    room_type::{LockedRoomType, lock_for_booking},
    status::Status,
    wanted::WantedRooms,
    write::{self, Nights},
};
use crate::{
    account::Caller,
    appointment::Actor,
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
};

/// A stay that is to have other nights or another number of rooms.
#[derive(Clone, Debug)]
pub struct ChangeStay {
    /// Its patient, or somebody at the desk of its clinic.
    pub caller: Caller,
    pub stay_id: i64,
    /// The version that the caller has read.
    pub version: Option<i32>,
    pub arrival: Date,
    pub departure: Date,
    pub rooms: i32,
    pub reason: String,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Changes nights and rooms of a stay in one transaction: it takes only what is new, and what it leaves is free if and only if
/// it has what it takes. New nights cost what they cost today; in a night that it keeps, every room costs what was promised for
/// it, more rooms too. Somebody who has arrived stays in their rooms from the day of the arrival on.
///
/// # Errors
/// `INSUFFICIENT_INVENTORY` with the night that has too few rooms left; `NOT_FOUND`, `STALE_VERSION`, `INVALID_TRANSITION`,
/// `INVALID_DATE_RANGE`, `ROOM_TYPE_NOT_FOUND`, `IDEMPOTENCY_CONFLICT`; `VALIDATION_FAILED` for the number of rooms.
pub async fn change(database: &Database, command: ChangeStay, now: Timestamp) -> Result<Stay, AppError> {
    database
        .write("stay.change", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: ChangeStay, now: Timestamp) -> Result<Stay, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let wanted = WantedRooms {
        room_type_id: peek(&mut tx, command.stay_id).await?.room_type_id,
        arrival: command.arrival,
        departure: command.departure,
        rooms: command.rooms,
    };
    let stays = Stays {
        own: Some(command.stay_id),
        wanted: Some(wanted),
        ..Stays::default()
    };
    let mut stays = stays.lock(&mut tx, now).await?;
    let stay = stays.take_own()?;
    must_be_seen(&stay, &command.caller, command.version)?;
    if !stay.status.can_be_changed() {
        return Err(AppError::StayTransition {
            stay_id: stay.id,
            from: stay.status,
            to: stay.status,
        }
        .into());
    }
    let room_type = lock_for_booking(&mut tx, stay.room_type_id, now).await?;
    check_change(&stay, wanted, &room_type, &command.caller)?;
    let own = |night: Date| match (stay.arrival..stay.departure).contains(&night) {
        true => stay.rooms,
        false => 0,
    };
    if wanted.each_night().any(|night| wanted.rooms > own(night)) {
        room_type.must_be_active()?;
    }
    let keys: Vec<NightKey> = wanted
        .each_night()
        .map(|night| (wanted.room_type_id, night))
        .chain(stay.night_keys())
        .chain(stays.night_keys())
        .collect();
    let locked = lock_nights(&mut tx, &keys).await?;
    release(&mut tx, &locked, &mut stays, now).await?;
    locked.check(&mut tx, wanted, own, now).await?;
    let to = Nights {
        arrival: wanted.arrival,
        departure: wanted.departure,
        rooms: wanted.rooms,
    };
    let by = (Actor::from(&command.caller), command.reason.as_str());
    let stay = write::set_nights(&mut tx, &locked, stay, to, room_type.price.minor, by, now)
        .await?
        .into_inner();
    idempotency::answer(&mut tx, key, &stay, &[stay.made()]).await?;
    tx.commit().await?;
    Ok(stay)
}

/// Checks what can be asked for, whatever is free. Days that are over stay as they are.
fn check_change(
    stay: &LockedStay,
    wanted: WantedRooms,
    room_type: &LockedRoomType,
    caller: &Caller,
) -> Result<(), AppError> {
    let today = room_type.today;
    check(wanted, today)?;
    let has_arrived = stay.status == Status::Arrived;
    let begins_well = wanted.arrival == stay.arrival || !has_arrived && wanted.arrival >= today;
    // Whoever did not come is for the desk to decide about.
    let is_theirs = caller.role().is_staff() || has_arrived || stay.arrival >= today;
    if !begins_well || wanted.departure < today || !is_theirs {
        return Err(AppError::InvalidDateRange);
    }
    match has_arrived && wanted.rooms != stay.rooms {
        // They are in their rooms since the first night.
        true => Err(AppError::invalid(Field::Rooms, FieldProblem::Malformed)),
        false => Ok(()),
    }
}
