//! One patient who wants to be in two places.

use super::submit_all;
use crate::support::{TestApp, VISIT, one_winner};
use engine::{
    error::{AppError, Refusal},
    time::plus_minutes,
};

/// In each of many half hours, one patient books two doctors from two browsers at once.
async fn one_patient_races_with_themselves(app: &TestApp) {
    let patient_id = app.patient(1).await;
    let mut bookings = Vec::new();
    for number in 0..12 {
        for doctor in 0..2 {
            let visitor = 2 * usize::try_from(number).unwrap() + doctor;
            let wanted = app.wanted(doctor, VISIT, app.slot(2 * number));
            bookings.push((
                visitor,
                patient_id,
                app.hold(visitor, wanted, app.now).await.unwrap(),
            ));
        }
    }
    let results = submit_all(app, bookings, app.now).await;
    for pair in results.chunks(2) {
        let (_, losers) = one_winner(pair);
        assert!(
            matches!(
                losers[..],
                [AppError::BookingFailed {
                    reason: Refusal::PatientOverlap,
                    ..
                }]
            ),
            "{losers:?}"
        );
    }
    assert_eq!(
        app.count("select count(*) from appointments where status = 'pending'")
            .await,
        12
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_patient_booking_two_doctors_at_once_gets_one_of_them() {
    one_patient_races_with_themselves(&TestApp::crowded().await).await;
}

#[tokio::test]
async fn a_patient_booking_two_doctors_at_once_gets_one_of_them_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    one_patient_races_with_themselves(&app).await;
}

#[tokio::test]
async fn an_expired_request_does_not_block_its_patient() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    // In a week, so that it runs out long before its time.
    let starts_at = app.slot(7 * 48);
    app.requested(patient_id, app.wanted(0, VISIT, starts_at)).await;
    let later = plus_minutes(app.now, 24 * 60 + 1);
    // No worker has been round.
    let held = app.hold(1, app.wanted(1, VISIT, starts_at), later).await.unwrap();
    app.submit(1, patient_id, &held, later).await.unwrap();
    app.assert_sound().await;
}
