//! Room stays: rooms for nights, of which there are never more taken than there are.

mod change;
mod hold;
mod merge;
mod messages;
mod nights;
mod race;
mod refused;
mod room_type;

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use crate::support::{TestApp, patient_caller};
use engine::{
    error::AppError,
    i18n::Names,
    idempotency::{Key, KeyOwner},
    money::Price,
    monitoring::numbers::Numbers,
    payment::terms::Terms,
    stay::{self, BookStay, CancelStay, ChangeStay, PutRoomType, RoomType, Stay, WantedRooms},
    time::local_date,
};

/// The price of a room for a night: a third of it is no round number.
const PRICE: i64 = 85_000_001;

fn description(app: &TestApp, name: &str, rooms: i32) -> RoomType {
    RoomType {
        clinic_id: app.clinic,
        name: name.to_owned(),
        names: Names::default(),
        rooms,
        price: Price {
            minor: PRICE,
            currency: "IDR".to_owned(),
        },
        terms: Terms::default(),
        active: true,
    }
}

/// Adds a kind of rooms to the clinic.
async fn room_type(app: &TestApp, name: &str, rooms: i32) -> i64 {
    let command = PutRoomType {
        caller: app.admin_caller(),
        which: None,
        description: description(app, name, rooms),
        key: None,
    };
    stay::put_room_type(&app.database, command, app.now)
        .await
        .unwrap()
        .id
}

/// The date that is this number of days ahead.
fn day(app: &TestApp, ahead: i32) -> Date {
    local_date(app.now, &TimeZone::UTC).saturating_add(ahead.days())
}

fn wanted(app: &TestApp, room_type_id: i64, (from, until): (i32, i32), rooms: i32) -> WantedRooms {
    WantedRooms {
        room_type_id,
        arrival: day(app, from),
        departure: day(app, until),
        rooms,
    }
}

fn request(patient_id: i64, wanted: WantedRooms) -> BookStay {
    BookStay {
        caller: patient_caller(patient_id),
        patient_id,
        wanted,
        name: None,
        reason: String::new(),
        key: None,
    }
}

/// The request with the key that the request itself is.
fn derived(patient_id: i64, wanted: WantedRooms) -> BookStay {
    let request = request(patient_id, wanted);
    let key = Key::derived(KeyOwner::Caller(&request.caller), "test", &wanted).unwrap();
    BookStay {
        key: Some(key),
        ..request
    }
}

async fn book(app: &TestApp, patient_id: i64, wanted: WantedRooms) -> Result<Stay, AppError> {
    stay::book(&app.database, request(patient_id, wanted), app.now).await
}

async fn hold(app: &TestApp, patient_id: i64, wanted: WantedRooms) -> Result<Stay, AppError> {
    stay::hold(
        &app.database,
        request(patient_id, wanted),
        crate::support::RULES,
        app.now,
    )
    .await
}

fn cancelling(stay: &Stay) -> CancelStay {
    CancelStay {
        caller: patient_caller(stay.patient_id),
        stay_id: stay.id,
        version: None,
        reason: String::new(),
        key: None,
    }
}

fn changing(stay: &Stay, (arrival, departure): (Date, Date), rooms: i32) -> ChangeStay {
    ChangeStay {
        caller: patient_caller(stay.patient_id),
        stay_id: stay.id,
        version: None,
        arrival,
        departure,
        rooms,
        reason: String::new(),
        key: None,
    }
}

/// The rooms that are free in the nights from the first of these days ahead to the second.
async fn free(app: &TestApp, room_type_id: i64, (from, until): (i32, i32)) -> Vec<i32> {
    stay::nights(
        &app.database,
        room_type_id,
        (day(app, from), day(app, until)),
        app.now,
    )
    .await
    .unwrap()
    .iter()
    .map(|night| night.free)
    .collect()
}

/// No attempt had to be made again, as each that ends in a deadlock is.
async fn no_deadlock(app: &TestApp) {
    let numbers = Numbers::parse(&app.database.statistics().render());
    assert!(numbers.sum(|operation| operation.attempts) > 0.0);
    assert_eq!(numbers.sum(|operation| operation.retries), 0.0);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
}
