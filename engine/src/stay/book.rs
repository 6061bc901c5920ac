//! Booking rooms at once, as programs and the desk do; and the steps that every way to take rooms has in common.

use jiff::Timestamp;

use super::{
    Stay, check,
    lock::{LockedStays, Stays, lock_patient},
    must_be_theirs,
    nights::{LockedNights, NightKey, lock_nights},
    room_type::{LockedRoomType, lock_for_booking},
    status::Status,
    wanted::WantedRooms,
    write::{self, NewStay, give_back},
};
use crate::{
    account::{Caller, acquaintance::must_know, name_patient},
    appointment::Actor,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// Rooms that are booked or held for a patient.
#[derive(Clone, Debug)]
pub struct BookStay {
    /// The patient, or somebody at the desk.
    pub caller: Caller,
    pub patient_id: i64,
    pub wanted: WantedRooms,
    /// The name of a patient who has none yet, as they give it. A name that is there stays.
    pub name: Option<String>,
    pub reason: String,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Books rooms: all of them for all nights, or nothing. What the patient holds of this kind over these nights is not in the
/// way: it is given back for the booking.
///
/// # Errors
/// `INSUFFICIENT_INVENTORY` with the night that has too few rooms left; `ROOM_TYPE_NOT_FOUND`; `INVALID_DATE_RANGE`;
/// `VALIDATION_FAILED` for the number of rooms; `NOT_FOUND` for a patient for whom this caller may not book;
/// `PAYMENT_REQUIRED` for a patient where it is paid before it is booked; `IDEMPOTENCY_CONFLICT`.
pub async fn book(database: &Database, command: BookStay, now: Timestamp) -> Result<Stay, AppError> {
    database
        .write("stay.book", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: BookStay, now: Timestamp) -> Result<Stay, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let stay = place(&mut tx, &command, None, now).await?;
    idempotency::answer(&mut tx, key, &stay, &[stay.made()]).await?;
    tx.commit().await?;
    Ok(stay)
}

/// Locks, checks and writes a new stay; a hold where it is given an end. Does not commit.
///
/// # Errors
/// Those of [`book`], but for the key.
pub(super) async fn place(
    tx: &mut Tx,
    command: &BookStay,
    held_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<Stay, Failure> {
    let BookStay {
        caller,
        patient_id,
        wanted,
        name,
        reason,
        ..
    } = command;
    let stays = Stays {
        // Nobody decides about two stays at once: another hold takes the place of the one before. Nobody's own hold is in
        // the way of what they book.
        holds_of: Some(*patient_id),
        all_holds: held_until.is_some(),
        wanted: Some(*wanted),
        ..Stays::default()
    };
    let mut stays = stays.lock(tx, now).await?;
    let (locked, room_type) = lock_rooms(tx, &stays, *wanted, now).await?;
    room_type.must_be_active()?;
    must_be_theirs(caller, *patient_id, room_type.clinic_id)?;
    if wanted.arrival < room_type.today {
        return Err(AppError::InvalidDateRange.into());
    }
    lock_patient(tx, caller.role().is_staff(), *patient_id, name.is_some()).await?;
    // Whoever pays first holds rooms, and goes to pay.
    if held_until.is_none() && !caller.role().is_staff() && room_type.is_paid_first() {
        return Err(AppError::PaymentRequired.into());
    }
    must_know(tx, caller, *patient_id, now).await?;
    if let Some(name) = name {
        name_patient(tx, *patient_id, name).await?;
    }
    release(tx, &locked, &mut stays, now).await?;
    locked.check(tx, *wanted, |_| 0, now).await?;
    let new = NewStay {
        wanted: *wanted,
        clinic_id: room_type.clinic_id,
        patient_id: *patient_id,
        held_until,
        price: room_type.price,
        terms: room_type.terms,
    };
    write::insert(tx, &locked, new, Actor::from(caller), reason, now).await
}

/// Locks the kind of rooms, then the nights that are wanted and those that holds give back.
pub(super) async fn lock_rooms(
    tx: &mut Tx,
    stays: &LockedStays,
    wanted: WantedRooms,
    now: Timestamp,
) -> Result<(LockedNights, LockedRoomType), Failure> {
    let room_type = lock_for_booking(tx, wanted.room_type_id, now).await?;
    // A range that nobody can have is refused before a row is made for each of its nights.
    check(wanted, room_type.today)?;
    let mut keys: Vec<NightKey> = wanted
        .each_night()
        .map(|night| (wanted.room_type_id, night))
        .collect();
    keys.extend(stays.night_keys());
    Ok((lock_nights(tx, &keys).await?, room_type))
}

/// Lets the holds give back their rooms: those that have run out, and those that another one takes the place of.
pub(super) async fn release(
    tx: &mut Tx,
    locked: &LockedNights,
    stays: &mut LockedStays,
    now: Timestamp,
) -> Result<(), Failure> {
    for hold in std::mem::take(&mut stays.holds) {
        give_back(tx, locked, hold, Status::Lapsed, Actor::SYSTEM, "", now).await?;
    }
    Ok(())
}
