//! Races of patients who do not mind which doctor they get.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{book, turns};
use crate::support::{DOCTORS, TestApp, hold, patient_caller, refusal};
use engine::{
    appointment::Summary,
    booking,
    error::{AppError, Refusal},
    idempotency::{Key, KeyOwner},
};

/// All of them have looked at the same moment, and want the same doctor first.
async fn race(app: &TestApp, patients: Vec<i64>, at: Timestamp) -> Vec<Result<Summary, AppError>> {
    let turns = turns(app, at).await;
    let now = app.now;
    let racers = patients
        .into_iter()
        .map(|patient_id| {
            let (database, turns) = (app.database.clone(), turns.clone());
            let command = book(&turns, patient_id, None);
            async move { booking::book_any(&database, turns, command, now).await }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

async fn twenty_patients_race_for_the_doctors(app: &TestApp) {
    let patients = app.patients(21).await;
    // One of the four has the time taken.
    app.confirmed(patients[20], 1, app.slot(10)).await;
    let results = race(app, patients[..20].to_vec(), app.slot(10)).await;
    let winners: Vec<&Summary> = results.iter().flatten().collect();
    let doctors: BTreeSet<i64> = winners.iter().map(|summary| summary.doctor_id).collect();
    assert_eq!((winners.len(), doctors.len()), (3, 3), "{results:?}");
    let losers = results.iter().filter(|result| result.is_err());
    for loser in losers {
        assert_eq!(refusal(loser), Some(Refusal::SlotTaken), "{loser:?}");
    }
    assert_eq!(
        app.count("select deadlocks from pg_stat_database where datname = current_database()")
            .await,
        0
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn patients_racing_for_any_doctor_get_one_doctor_each() {
    twenty_patients_race_for_the_doctors(&TestApp::crowded().await).await;
}

#[tokio::test]
async fn patients_racing_for_any_doctor_get_one_doctor_each_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    twenty_patients_race_for_the_doctors(&app).await;
}

#[tokio::test]
async fn four_visitors_racing_for_four_doctors_hold_one_each() {
    let app = TestApp::crowded().await;
    let turns = turns(&app, app.slot(10)).await;
    let now = app.now;
    let racers = (0..4)
        .map(|number| {
            let (database, turns) = (app.database.clone(), turns.clone());
            let command = hold(number, turns.wanted);
            async move { booking::hold_any(&database, turns, command, now).await }
        })
        .collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(
        app.count("select count(distinct doctor_id) from appointments where status = 'held'")
            .await,
        4
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_request_that_is_sent_fifteen_times_at_once_books_one_doctor() {
    let app = TestApp::crowded().await;
    let id = app.patient(1).await;
    let me = patient_caller(id);
    let turns = turns(&app, app.slot(10)).await;
    let now = app.now;
    let racers = (0..15)
        .map(|_| {
            let (database, turns) = (app.database.clone(), turns.clone());
            let key = Key::sent(KeyOwner::Caller(&me), "k", "test", &1).unwrap();
            let command = book(&turns, id, Some(key));
            async move { booking::book_any(&database, turns, command, now).await }
        })
        .collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| *result == Ok(first.clone())),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    app.assert_sound().await;
}
