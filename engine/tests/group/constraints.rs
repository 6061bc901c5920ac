//! What the database itself refuses.

use sqlx::Executor;

use crate::support::TestApp;

/// The constraint by which the database refuses a statement.
async fn refused_by(app: &TestApp, statement: &'static str) -> String {
    let error = app.connection().await.execute(statement).await.unwrap_err();
    let violation = error.as_database_error().unwrap();
    violation.constraint().unwrap_or_default().to_owned()
}

const ANOTHER_SEAT: &str = "insert into group_seats (group_id, capacity, seat, appointment_id)
     select group_id, capacity, 3, appointment_id from group_seats limit 1";

#[tokio::test]
async fn the_database_refuses_the_seat_after_the_last() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let group = app.published(0, app.slot(20), 2).await;
    for patient in &patients {
        app.takes(group.id, *patient, 1).await.unwrap();
    }
    assert_eq!(
        refused_by(&app, ANOTHER_SEAT).await,
        "group_seats_within_capacity"
    );
    // A seat of a session with more seats than it has is none of it.
    assert_eq!(
        refused_by(
            &app,
            "insert into group_seats (group_id, capacity, seat, appointment_id)
             select group_id, 3, 3, appointment_id from group_seats limit 1"
        )
        .await,
        "group_seats_group_id_fkey"
    );
    assert_eq!(
        refused_by(
            &app,
            "insert into group_seats (group_id, capacity, seat, appointment_id)
             select group_id, capacity, 1, appointment_id from group_seats limit 1"
        )
        .await,
        "group_seats_seat_key"
    );
    assert_eq!(
        refused_by(&app, "update groups set capacity = 1").await,
        "group_seats_within_capacity"
    );
    assert_eq!(app.seats_taken().await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn the_database_refuses_whatever_overlaps_a_session() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let group = app.published(0, app.slot(20), 2).await;
    app.takes(group.id, patient, 1).await.unwrap();
    // Another doctor's appointment, put at the time of the session past the program.
    app.confirmed(app.patient(2).await, 1, app.slot(21)).await;
    assert_eq!(
        refused_by(
            &app,
            "update appointments set doctor_id = (select doctor_id from groups) where group_id is null"
        )
        .await,
        "appointments_no_overlap"
    );
    // Only seats block nothing.
    assert_eq!(
        refused_by(
            &app,
            "update appointments set blocks_until = starts_at where group_id is null"
        )
        .await,
        "appointments_blocks_itself"
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_cancelled_appointment_frees_its_seats_by_whatever_way() {
    let app = TestApp::new().await;
    let group = app.published(0, app.slot(20), 3).await;
    app.takes(group.id, app.patient(1).await, 3).await.unwrap();
    assert_eq!(app.seats_taken().await, 3);
    app.sql("update appointments set status = 'cancelled' where patient_id is not null")
        .await;
    assert_eq!(app.seats_taken().await, 0);
    assert_eq!(app.count("select count(*) from group_seats").await, 3);
}
