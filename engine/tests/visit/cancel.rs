//! Cancelling a visit, whole or in part.

use jiff::Timestamp;

use super::{book, visit};
use crate::support::{INSTANT, TestApp, patient_caller};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status},
    error::AppError,
    time::plus_minutes,
    visit::Visit,
};

/// A visit of three parts, an hour apart, each with another doctor.
async fn three_parts(app: &TestApp) -> (i64, Visit) {
    let id = app.patient(1).await;
    let segments = (0..3).map(|place| app.wanted(place, INSTANT, app.slot(20 + 2 * place as i64)));
    let booked = book(app, visit(id, segments.collect())).await.unwrap();
    (id, booked)
}

async fn cancel(app: &TestApp, caller: Caller, visit: &Visit, now: Timestamp) -> Result<Visit, AppError> {
    engine::visit::cancel_visit(&app.database, caller, visit.id, String::new(), None, now).await
}

async fn cancel_first_part(app: &TestApp, patient_id: i64, visit: &Visit) {
    let command = ChangeStatus {
        caller: patient_caller(patient_id),
        which: visit.appointments[0].reference.clone().into(),
        to: Status::Cancelled,
        version: Some(1),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
}

const STANDING: &str = "select count(*) from appointments where status = 'confirmed'";

#[tokio::test]
async fn a_part_of_a_visit_is_cancelled_alone() {
    let app = TestApp::new().await;
    let (id, booked) = three_parts(&app).await;
    cancel_first_part(&app, id, &booked).await;
    assert_eq!(app.count(STANDING).await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn strangers_cannot_cancel_a_visit() {
    let app = TestApp::new().await;
    let (id, booked) = three_parts(&app).await;
    for stranger in [patient_caller(id + 1), app.doctor_caller(1)] {
        assert_eq!(
            cancel(&app, stranger, &booked, app.now).await,
            Err(AppError::NotFound)
        );
    }
    assert_eq!(app.count(STANDING).await, 3);
}

#[tokio::test]
async fn a_visit_is_not_cancelled_after_the_cutoff_of_one_part() {
    let app = TestApp::new().await;
    let (id, booked) = three_parts(&app).await;
    cancel_first_part(&app, id, &booked).await;
    // Past the cut-off of the second part, which is an hour: neither of the two is cancelled.
    let late = plus_minutes(app.slot(22), -30);
    assert!(matches!(
        cancel(&app, patient_caller(id), &booked, late).await,
        Err(AppError::InvalidTransition { appointment_id, .. }) if appointment_id == booked.appointments[1].id
    ));
    assert_eq!(app.count(STANDING).await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn the_rest_of_a_visit_is_cancelled_together_and_once() {
    let app = TestApp::new().await;
    let (id, booked) = three_parts(&app).await;
    cancel_first_part(&app, id, &booked).await;
    let cancelled = cancel(&app, patient_caller(id), &booked, app.now).await.unwrap();
    assert!(
        cancelled
            .appointments
            .iter()
            .all(|one| one.status == Status::Cancelled)
    );
    assert!(matches!(
        cancel(&app, patient_caller(id), &booked, app.now).await,
        Err(AppError::InvalidTransition { .. })
    ));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_part_that_is_over_stays_when_the_rest_is_cancelled() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let segments = vec![
        app.wanted(0, INSTANT, app.slot(30)),
        app.wanted(1, INSTANT, app.slot(40)),
    ];
    let begun = book(&app, visit(id, segments)).await.unwrap();
    let rest = cancel(&app, patient_caller(id), &begun, app.slot(31))
        .await
        .unwrap();
    let statuses: Vec<Status> = rest.appointments.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Status::Confirmed, Status::Cancelled]);
    app.assert_whole().await;
}
