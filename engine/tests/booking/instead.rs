//! A time that is booked in place of another appointment.

use crate::support::{APPOINTMENTS, TestApp, VISIT, refusal, submit};
use engine::{
    appointment::{self as appointment, ChangeStatus, Status},
    booking,
    error::{AppError, Refusal},
};

fn instead(number: usize, patient_id: i64, held: &str, other: &str, version: i32) -> booking::Submit {
    booking::Submit {
        instead_of: Some((other.to_owned(), version)),
        ..submit(number, patient_id, held)
    }
}

async fn run(app: &TestApp, command: booking::Submit) -> Result<(), AppError> {
    booking::submit(&app.database, command, app.now).await.map(drop)
}

/// A patient with an appointment, whose browser holds the same time of another doctor: the patient, the appointment and
/// the hold.
async fn overlapping(app: &TestApp) -> (i64, String, String) {
    let patient = app.patient(1).await;
    let other = app.confirmed(patient, 0, app.slot(0)).await;
    let held = app
        .hold(1, app.wanted(1, VISIT, app.slot(0)), app.now)
        .await
        .unwrap();
    (patient, other, held)
}

#[tokio::test]
async fn a_time_booked_in_place_of_another_appointment_cancels_that_one() {
    let app = TestApp::new().await;
    let (patient, other, held) = overlapping(&app).await;
    let overlaps = run(&app, submit(1, patient, &held)).await;
    assert_eq!(refusal(&overlaps), Some(Refusal::PatientOverlap));
    run(&app, instead(1, patient, &held, &other, 3)).await.unwrap();
    assert_eq!(app.appointment(&other).await.0, "cancelled");
    assert_eq!(app.appointment(&held).await.0, "pending");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_replacement_of_a_stale_version_changes_neither_appointment() {
    let app = TestApp::new().await;
    let (patient, other, held) = overlapping(&app).await;
    let stale = run(&app, instead(1, patient, &held, &other, 2)).await;
    assert!(matches!(stale, Err(AppError::StaleVersion { .. })), "{stale:?}");
    assert_eq!(app.appointment(&other).await.0, "confirmed");
    assert_eq!(app.appointment(&held).await.0, "held");
    app.assert_sound().await;
}

#[tokio::test]
async fn an_appointment_at_another_time_is_not_replaced() {
    let app = TestApp::new().await;
    let (patient, _, held) = overlapping(&app).await;
    let apart = app.confirmed(patient, 2, app.slot(10)).await;
    let refused = run(&app, instead(1, patient, &held, &apart, 3)).await;
    assert_eq!(refused, Err(AppError::NotFound));
    assert_eq!(app.appointment(&apart).await.0, "confirmed");
    app.assert_sound().await;
}

#[tokio::test]
async fn an_appointment_of_somebody_else_is_not_replaced() {
    let app = TestApp::new().await;
    let (patient, _, held) = overlapping(&app).await;
    let theirs = app.confirmed(app.patient(2).await, 2, app.slot(0)).await;
    let stolen = run(&app, instead(1, patient, &held, &theirs, 3)).await;
    assert_eq!(stolen, Err(AppError::NotFound));
    assert_eq!(app.appointment(&theirs).await.0, "confirmed");
    app.assert_sound().await;
}

type Racer = std::pin::Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

/// Each patient wants the time of the other one's doctor in place of their own, while the first doctor starts the
/// visits: whoever is told no has kept what they had.
#[tokio::test]
async fn a_replacement_and_a_change_of_the_replaced_one_do_not_both_succeed() {
    let app = TestApp::crowded().await;
    let patients = app.patients(10).await;
    let mut racers: Vec<Racer> = Vec::new();
    let mut pairs = Vec::new();
    for (number, &patient_id) in patients.iter().enumerate() {
        let slot = app.slot(i64::try_from(number).unwrap());
        let other = app.confirmed(patient_id, 0, slot).await;
        let held = app
            .hold(number, app.wanted(1, VISIT, slot), app.now)
            .await
            .unwrap();
        let (database, now) = (app.database.clone(), app.now);
        let command = instead(number, patient_id, &held, &other, 3);
        racers.push(Box::pin(async move {
            booking::submit(&database, command, now).await.map(drop)
        }));
        let (database, now) = (app.database.clone(), app.now);
        let start = ChangeStatus {
            key: None,
            caller: app.doctor_caller(0),
            which: other.clone().into(),
            to: Status::InProgress,
            version: Some(3),
            reason: String::new(),
        };
        racers.push(Box::pin(async move {
            appointment::change_status(&database, start, now).await.map(drop)
        }));
        pairs.push((other, held));
    }
    let results = app.race_behind(APPOINTMENTS, vec![racers]).await;
    for ((other, held), results) in pairs.iter().zip(results.chunks(2)) {
        let (other, held) = (app.appointment(other).await.0, app.appointment(held).await.0);
        match (&results[0], &results[1]) {
            (Ok(()), Err(_)) => assert_eq!((other.as_str(), held.as_str()), ("cancelled", "pending")),
            (Err(_), Ok(())) => assert_eq!((other.as_str(), held.as_str()), ("in_progress", "held")),
            both => panic!("{both:?}"),
        }
    }
    app.assert_sound().await;
}
