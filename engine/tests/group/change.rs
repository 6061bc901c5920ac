//! Sessions with seats are changed, moved and cancelled.

use super::details;
use crate::{
    notification::{Postbox, listening},
    support::{INSTANT, RULES, TestApp, patient_caller, refusal},
};
use engine::{
    appointment::{ChangeStatus, Status, change_status},
    booking::{Book, book},
    error::{AppError, Inventory, Refusal},
    group::{Change, Details, State, change},
    i18n::{Locale, Texts},
    schedule::{CancelDay, cancel_day},
};

#[tokio::test]
async fn a_session_does_not_get_smaller_than_what_is_taken() {
    let app = TestApp::new().await;
    let patients = app.patients(4).await;
    let group = app.published(0, app.slot(20), 12).await;
    let first = app.takes(group.id, patients[0], 5).await.unwrap();
    app.takes(group.id, patients[1], 2).await.unwrap();
    let refused = app.changes(&group, details(app.slot(20), 6)).await;
    assert_eq!(
        refused,
        Err(AppError::InsufficientInventory {
            of: Inventory::Capacity { group_id: group.id },
            requested: 7,
            available: 6
        })
    );
    // Those with the higher numbers get lower ones.
    let command = ChangeStatus {
        caller: patient_caller(patients[0]),
        which: first.appointment.reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
    let smaller = app.changes(&group, details(app.slot(20), 3)).await.unwrap();
    assert_eq!((smaller.capacity, smaller.version), (3, 3));
    assert_eq!(
        app.count("select max(seat)::bigint from group_seats where freed_at is null")
            .await,
        2
    );
    assert!(app.takes(group.id, patients[2], 2).await.is_err());
    app.takes(group.id, patients[2], 1).await.unwrap();
    // Whoever looked at an older one is told.
    assert_eq!(
        app.changes(&group, details(app.slot(20), 9)).await,
        Err(AppError::StaleGroup)
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_that_moves_takes_its_seats_along_and_tells_each_once() {
    let app = TestApp::new().await;
    listening(&app, &Postbox::new());
    let patients = app.patients(3).await;
    let group = app.published(0, app.slot(20), 12).await;
    app.takes(group.id, patients[0], 2).await.unwrap();
    app.takes(group.id, patients[1], 1).await.unwrap();
    // It may overlap where it was.
    let moved = app.changes(&group, details(app.slot(21), 12)).await.unwrap();
    let told = "select count(*) from messages where kind = 'moved'";
    assert_eq!(app.count(told).await, 2);
    assert!(app.is_free(app.wanted(0, INSTANT, app.slot(20))).await);
    assert!(!app.is_free(app.wanted(0, INSTANT, app.slot(22))).await);
    app.assert_whole().await;
    // Another title moves nobody, and neither does another length.
    app.sql("update appointments set coming_at = created_at where patient_id is not null")
        .await;
    let titled = Details {
        title: "Evening class".to_owned(),
        minutes: 90,
        ..details(app.slot(21), 12)
    };
    let titled = app.changes(&moved, titled).await.unwrap();
    assert_eq!(app.count(told).await, 2);
    let coming = "select count(*) from appointments where coming_at is not null";
    assert_eq!(app.count(coming).await, 2);
    // Somebody in it is somewhere else then.
    app.confirmed(patients[1], 1, app.slot(30)).await;
    let refused = app.changes(&titled, details(app.slot(30), 12)).await;
    assert_eq!(refusal(&refused), Some(Refusal::PatientOverlap));
    // So is the doctor.
    app.confirmed(patients[2], 0, app.slot(40)).await;
    let refused = app.changes(&titled, details(app.slot(40), 12)).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken));
    let command = Change {
        caller: app.doctor_caller(1),
        group_id: group.id,
        version: titled.version,
        details: details(app.slot(21), 12),
        key: None,
    };
    assert_eq!(
        change(&app.database, command, app.now).await,
        Err(AppError::NotFound)
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_cancelled_session_gives_everything_back() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let group = app.published(0, app.slot(20), 2).await;
    app.takes(group.id, patients[0], 1).await.unwrap();
    let cancelled = app.cancels(group.id).await.unwrap();
    assert_eq!((cancelled.state, cancelled.version), (State::Cancelled, 3));
    assert_eq!(app.cancels(group.id).await, Ok(cancelled));
    assert!(app.is_free(app.wanted(0, INSTANT, app.slot(20))).await);
    let late = app.takes(group.id, patients[1], 1).await;
    assert_eq!(refusal(&late), Some(Refusal::SlotClosed));
    assert_eq!(app.publishes(group.id).await, Err(AppError::StaleGroup));
    // The doctor and the patient have the time for something else.
    let command = Book {
        caller: patient_caller(patients[0]),
        wanted: app.wanted(0, INSTANT, app.slot(20)),
        patient_id: patients[0],
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    };
    book(&app.database, command, app.now).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn a_day_that_is_cancelled_cancels_its_sessions() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let group = app.published(0, app.slot(20), 5).await;
    app.takes(group.id, patients[0], 2).await.unwrap();
    let next_day = app.published(0, app.slot(48 + 20), 5).await;
    let command = CancelDay {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        clinic_id: app.clinic,
        day: app.day(20),
        reason: "The doctor is ill".to_owned(),
        texts: Texts::of(Locale::En),
        key: None,
    };
    let cancelled = cancel_day(&app.database, command, app.now).await.unwrap();
    assert_eq!((cancelled.appointments.len(), cancelled.told), (1, 1));
    assert_eq!(app.seats_taken().await, 0);
    let late = app.takes(group.id, patients[1], 1).await;
    assert_eq!(refusal(&late), Some(Refusal::SlotClosed));
    app.takes(next_day.id, patients[1], 1).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_moves_to_an_earlier_time_that_overlaps_its_own() {
    let app = TestApp::new().await;
    let group = app.published(0, app.slot(21), 5).await;
    app.takes(group.id, app.patient(1).await, 2).await.unwrap();
    let moved = app.changes(&group, details(app.slot(20), 5)).await.unwrap();
    assert_eq!(moved.starts_at, app.slot(20));
    assert!(app.is_free(app.wanted(0, INSTANT, app.slot(22))).await);
    app.assert_whole().await;
}
