//! Times that cannot be held or booked, and the status that a booking has at first.

use crate::support::{INSTANT, TestApp, VISIT, refusal};
use engine::{
    appointment::Status,
    booking::Wanted,
    error::{AppError, Refusal},
};

#[tokio::test]
async fn a_time_that_is_not_listed_cannot_be_held() {
    let app = TestApp::new().await;
    let good = app.wanted(0, VISIT, app.slot(18));
    let second = |starts_at: i64| Wanted { starts_at, ..good };
    let closed = AppError::BookingFailed {
        reason: Refusal::SlotClosed,
        wanted: good,
    };
    for (what, wanted, expected) in [
        ("the past", second(app.now.as_second() / 1800 * 1800), closed),
        ("1970", second(0), closed),
        ("long ago", second(i64::MIN), closed),
        ("never", second(i64::MAX), closed),
        ("beyond the horizon", second(good.starts_at + 61 * 86_400), closed),
        ("off the grid", second(good.starts_at + 60), closed),
        (
            "another doctor",
            Wanted {
                doctor_id: 999,
                ..good
            },
            AppError::NotFound,
        ),
        (
            "another clinic",
            Wanted {
                clinic_id: -1,
                ..good
            },
            AppError::NotFound,
        ),
        (
            "another service",
            Wanted {
                service_id: i64::MAX,
                ..good
            },
            AppError::NotFound,
        ),
    ] {
        let result = app.hold(1, wanted, app.now).await;
        match expected {
            AppError::BookingFailed { reason, .. } => {
                assert_eq!(result, Err(AppError::BookingFailed { reason, wanted }), "{what}");
            }
            expected => assert_eq!(result, Err(expected), "{what}"),
        }
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn a_hold_is_not_booked_when_the_clinic_has_closed_its_time() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(18)), app.now)
        .await
        .unwrap();
    app.sql("delete from working_hours").await;
    let result = app.submit(1, patient_id, &held, app.now).await;
    assert_eq!(refusal(&result), Some(Refusal::SlotClosed));
    assert_eq!(app.appointment(&held).await.0, "held");
}

#[tokio::test]
async fn only_an_instant_service_confirms_a_booking_at_once() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let asked = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(18)))
        .await;
    let booked = app
        .requested(patient_id, app.wanted(0, INSTANT, app.slot(20)))
        .await;
    assert_eq!(app.appointment(&asked).await.0, Status::Pending.as_str());
    assert_eq!(app.appointment(&booked).await.0, Status::Confirmed.as_str());
}
