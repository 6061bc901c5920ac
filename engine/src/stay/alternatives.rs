//! What can be had instead of rooms that are gone: fewer of them, the nearest nights, another kind of rooms.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{
    SeenRoomType,
    nights::available,
    room_type::room_types,
    wanted::{WantedRooms, nights},
};
use crate::{database::Database, error::AppError, money::Price};

/// Rooms that can be had instead.
#[derive(Clone, Debug)]
pub struct Alternative {
    pub room_type: SeenRoomType,
    pub wanted: WantedRooms,
    pub total: Price,
}

/// The first year in which anybody had a stay.
const OLDEST_YEAR: i16 = 2000;
/// The number of days before and after in which other nights are sought.
const MAX_SHIFT: i32 = 14;
/// The most other nights, and the most other kinds of rooms.
const MAX_NIGHTS_OFFERED: usize = 3;
const MAX_TYPES_OFFERED: usize = 2;

/// Finds what can be had instead, the nearest first; nothing where nobody can have what is wanted.
///
/// # Errors
/// Those of the database.
pub async fn alternatives(
    database: &Database,
    wanted: WantedRooms,
    now: Timestamp,
) -> Result<Vec<Alternative>, AppError> {
    // What is wanted may come from a URL: nobody makes a list of nights that nobody can have.
    let is_sane = (1..=super::MAX_NIGHTS).contains(&wanted.nights()) && wanted.arrival.year() >= OLDEST_YEAR;
    if !is_sane {
        return Ok(Vec::new());
    }
    let types = room_types(database).await?;
    let Some(own) = types.iter().find(|one| one.id == wanted.room_type_id) else {
        return Ok(Vec::new());
    };
    let clinic_id = own.what.clinic_id;
    let mut found = Vec::new();
    let free = free_around(database, own, wanted, now).await?;
    if own.what.active {
        let fewer = least(&free, wanted.arrival, wanted.departure);
        if (1..wanted.rooms).contains(&fewer) {
            found.extend(offer(
                own,
                WantedRooms {
                    rooms: fewer,
                    ..wanted
                },
            ));
        }
        found.extend(
            shifted(wanted, own.today(now))
                .filter(|other| least(&free, other.arrival, other.departure) >= wanted.rooms)
                .take(MAX_NIGHTS_OFFERED)
                .filter_map(|other| offer(own, other)),
        );
    }
    let mut others = 0;
    for other in &types {
        let is_other = other.id != own.id && other.what.clinic_id == clinic_id && other.what.active;
        if !is_other || others == MAX_TYPES_OFFERED {
            continue;
        }
        let free = free_around(database, other, wanted, now).await?;
        if least(&free, wanted.arrival, wanted.departure) >= wanted.rooms {
            let instead = WantedRooms {
                room_type_id: other.id,
                ..wanted
            };
            found.extend(offer(other, instead));
            others += 1;
        }
    }
    Ok(found)
}

/// As many nights a little earlier or later, the nearest first, not before today.
fn shifted(wanted: WantedRooms, today: Date) -> impl Iterator<Item = WantedRooms> {
    (1..=MAX_SHIFT)
        .flat_map(|days| [-days, days])
        .map(move |days| WantedRooms {
            arrival: wanted.arrival.saturating_add(days.days()),
            departure: wanted.departure.saturating_add(days.days()),
            ..wanted
        })
        .filter(move |other| other.arrival >= today && other.nights() == wanted.nights())
}

/// The rooms that are free in the nights around.
async fn free_around(
    database: &Database,
    room_type: &SeenRoomType,
    wanted: WantedRooms,
    now: Timestamp,
) -> Result<BTreeMap<Date, i32>, AppError> {
    let id = room_type.id;
    let from = wanted.arrival.saturating_sub(MAX_SHIFT.days());
    let until = wanted.departure.saturating_add(MAX_SHIFT.days());
    let nights = database
        .read("stay.alternatives", move |mut connection| async move {
            available(&mut connection, id, (from, until), now).await
        })
        .await?;
    Ok(nights
        .into_iter()
        .map(|night| (night.night, night.free))
        .collect())
}

/// The rooms that are free in each of these nights.
fn least(free: &BTreeMap<Date, i32>, arrival: Date, departure: Date) -> i32 {
    nights(arrival, departure)
        .map(|night| free.get(&night).copied().unwrap_or(0))
        .min()
        .unwrap_or(0)
}

fn offer(room_type: &SeenRoomType, wanted: WantedRooms) -> Option<Alternative> {
    let nights = i64::from(wanted.nights()) * i64::from(wanted.rooms);
    Some(Alternative {
        total: Price {
            minor: room_type.what.price.minor.checked_mul(nights)?,
            currency: room_type.what.price.currency.clone(),
        },
        room_type: room_type.clone(),
        wanted,
    })
}
