//! Rooms and stays on pages, without JavaScript, and by the API.

mod api;
mod desk;
mod link;
mod pages;

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use crate::support::{Program, TestApp, data};

/// The date that is this number of days ahead, by the clock of the clinic, which is UTC.
fn day(app: &TestApp, ahead: i32) -> Date {
    let today = app.now.to_zoned(TimeZone::UTC).date();
    today.saturating_add(ahead.days())
}

/// Adds a kind of rooms to the clinic.
async fn room_type(app: &TestApp, admin: &Program, name: &str, rooms: i32) -> i64 {
    let kind = json!({
        "clinic_id": app.clinic, "name": name, "rooms": rooms, "names": { "de": "Einzelzimmer" },
        "price": { "amount": "850000.05", "currency": "IDR" },
    });
    data(&admin.post("room-types", &kind).await, 201)["id"]
        .as_i64()
        .unwrap()
}

/// The body of a request for rooms.
fn rooms(app: &TestApp, kind: i64, (from, until): (i32, i32), count: i32) -> Value {
    json!({ "room_type_id": kind, "arrival": day(app, from), "departure": day(app, until), "rooms": count })
}
