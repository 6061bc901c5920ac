//! Patients who walk in and get the next free time.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::support::{DOCTORS, TestApp, VISIT, patient_caller, refusal};
use engine::{
    error::{AppError, Refusal},
    idempotency::{Key, KeyOwner},
    time::plus_minutes,
};

#[tokio::test]
async fn ten_who_walk_in_at_once_get_ten_consecutive_times() {
    let app = TestApp::crowded().await;
    let patients = app.patients(10).await;
    app.open_hours().await;
    app.without_constraints().await;
    let now = plus_minutes(app.slot(0), 10);
    let racers = patients.iter().map(|id| app.walking_in(*id, now)).collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let times: HashSet<Timestamp> = results
        .into_iter()
        .map(|booked| booked.unwrap().starts_at)
        .collect();
    assert_eq!(times, (1..=10).map(|number| app.slot(number)).collect());
    app.assert_sound().await;
}

#[tokio::test]
async fn walk_ins_after_the_last_free_time_of_today_are_refused() {
    let app = TestApp::crowded().await;
    app.sql("update working_hours set until_minute = 150").await;
    let patients = app.patients(10).await;
    app.open_hours().await;
    app.without_constraints().await;
    let now = plus_minutes(app.slot(0), 10);
    let racers = patients.iter().map(|id| app.walking_in(*id, now)).collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let refused = results.iter().filter_map(refusal).collect::<Vec<_>>();
    assert_eq!(refused, [Refusal::SlotClosed; 6]);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_walk_in_that_is_sent_ten_times_is_one_appointment() {
    let app = TestApp::crowded().await;
    let patient = app.patient(1).await;
    app.open_hours().await;
    app.without_constraints().await;
    let now = plus_minutes(app.slot(0), 10);
    let admin = app.admin_caller();
    let key = Key::sent(KeyOwner::Caller(&admin), "k", "test", &patient).unwrap();
    let command = app.walk_in_of(admin, patient, Some(key));
    let racers = (0..10).map(|_| app.sending(command.clone(), now)).collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let first = results[0].as_ref().unwrap();
    assert!(
        results.iter().all(|booked| booked.as_ref() == Ok(first)),
        "{results:?}"
    );
    // The answer is the same when nothing is free any more, much later that day.
    app.sql("delete from working_hours").await;
    let again = app.sending(command, plus_minutes(now, 600)).await;
    assert_eq!(again.as_ref(), Ok(first));
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_walk_in_who_has_an_appointment_at_that_time_is_refused() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let now = plus_minutes(app.slot(0), 10);
    app.books(patient, app.wanted(1, VISIT, app.slot(1)))
        .await
        .unwrap();
    let refused = app.walking_in(patient, now).await;
    assert_eq!(refusal(&refused), Some(Refusal::PatientOverlap));
}

#[tokio::test]
async fn only_the_doctor_and_admins_add_walk_ins() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let now = plus_minutes(app.slot(0), 10);
    for caller in [patient_caller(patient), app.doctor_caller(1)] {
        let refused = app.sending(app.walk_in_of(caller, patient, None), now).await;
        assert_eq!(refused, Err(AppError::NotFound));
    }
}
