//! Nights are dates of the clinic's calendar: no clock of any zone changes their number.

use jiff::{Timestamp, civil::date};

use super::*;
use engine::error::{Field, FieldProblem};

/// Books two rooms in a clinic of this zone, and counts what is left around.
async fn count(app: &TestApp, name: &str, (arrival, departure): (Date, Date), now: Timestamp) {
    let single = room_type(app, name, 10).await;
    let me = app.patient(usize::try_from(single).unwrap()).await;
    let wanted = WantedRooms {
        room_type_id: single,
        arrival,
        departure,
        rooms: 2,
    };
    let booked = stay::book(&app.database, request(me, wanted), now).await.unwrap();
    let count = i64::from(wanted.nights());
    assert_eq!(booked.total_minor, PRICE * 2 * count, "{name}");
    let own = stay::nights(&app.database, single, (arrival, departure), now)
        .await
        .unwrap();
    assert_eq!(i64::try_from(own.len()).unwrap(), count, "{name}");
    assert!(own.iter().all(|night| night.free == 8), "{name} {own:?}");
    for night in [arrival.yesterday().unwrap(), departure] {
        let range = (night, night.tomorrow().unwrap());
        let around = stay::nights(&app.database, single, range, now).await.unwrap();
        assert!(around.iter().all(|night| night.free == 10), "{name} {around:?}");
    }
}

#[tokio::test]
async fn days_of_23_and_25_hours_leap_days_and_ends_of_months_are_nights_like_any_other() {
    let app = TestApp::new().await;
    for (zone, change) in [
        ("Asia/Jakarta", "update clinics set time_zone = 'Asia/Jakarta'"),
        ("Europe/Berlin", "update clinics set time_zone = 'Europe/Berlin'"),
        (
            "America/New_York",
            "update clinics set time_zone = 'America/New_York'",
        ),
    ] {
        app.sql(change).await;
        for (what, arrival, departure) in [
            ("spring in Berlin", date(2028, 3, 25), date(2028, 3, 27)),
            ("autumn in Berlin", date(2027, 10, 30), date(2027, 11, 2)),
            ("spring in New York", date(2028, 3, 11), date(2028, 3, 14)),
            ("autumn in New York", date(2027, 11, 6), date(2027, 11, 8)),
            ("leap day", date(2028, 2, 28), date(2028, 3, 1)),
            ("end of a month", date(2028, 4, 30), date(2028, 5, 1)),
            ("new year", date(2027, 12, 31), date(2028, 1, 2)),
            ("ninety nights", date(2028, 1, 1), date(2028, 3, 31)),
        ] {
            let now = "2027-10-01T03:00:00Z".parse().unwrap();
            count(&app, &format!("{zone}, {what}"), (arrival, departure), now).await;
        }
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn today_is_that_of_the_clinic() {
    let app = TestApp::new().await;
    // It is the second in Jakarta, and still the first in New York.
    let now: Timestamp = "2027-06-01T20:00:00Z".parse().unwrap();
    let first = date(2027, 6, 1);
    let me = app.patient(1).await;
    for (zone, is_today) in [
        ("update clinics set time_zone = 'Asia/Jakarta'", false),
        ("update clinics set time_zone = 'Europe/Berlin'", true),
        ("update clinics set time_zone = 'America/New_York'", true),
    ] {
        app.sql(zone).await;
        let single = room_type(&app, zone, 1).await;
        let wanted = WantedRooms {
            room_type_id: single,
            arrival: first,
            departure: date(2027, 6, 3),
            rooms: 1,
        };
        let booked = stay::book(&app.database, request(me, wanted), now).await;
        match is_today {
            true => assert!(booked.is_ok(), "{booked:?}"),
            false => assert_eq!(booked, Err(AppError::InvalidDateRange)),
        }
    }
}

#[tokio::test]
async fn a_stay_has_a_night_and_at_most_ninety() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 10).await;
    let me = app.patient(1).await;
    for (from, until, rooms, error) in [
        (10, 10, 1, Some(AppError::InvalidDateRange)),
        (10, 9, 1, Some(AppError::InvalidDateRange)),
        (-1, 3, 1, Some(AppError::InvalidDateRange)),
        (10, 101, 1, Some(AppError::InvalidDateRange)),
        (731, 732, 1, Some(AppError::InvalidDateRange)),
        (
            10,
            11,
            0,
            Some(AppError::invalid(Field::Rooms, FieldProblem::Malformed)),
        ),
        (
            10,
            11,
            21,
            Some(AppError::invalid(Field::Rooms, FieldProblem::TooMany)),
        ),
        (0, 1, 1, None),
        (10, 100, 1, None),
        (730, 731, 1, None),
    ] {
        let booked = book(&app, me, wanted(&app, single, (from, until), rooms)).await;
        assert_eq!(booked.err(), error, "{from} {until} {rooms}");
    }
    let nothing = wanted(&app, single + 1000, (10, 11), 1);
    assert_eq!(book(&app, me, nothing).await, Err(AppError::RoomTypeNotFound));
    app.assert_whole().await;
}
