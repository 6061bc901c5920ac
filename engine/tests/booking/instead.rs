//! A time that is booked in place of another appointment.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

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

#[sqlx::test]
async fn a_time_taken_in_place_of_another_frees_that_one_and_a_stale_page_changes_neither(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(2).await;
    let other = app.confirmed(patients[0], 0, app.slot(0)).await;
    let held = app
        .hold(1, app.wanted(1, VISIT, app.slot(0)), app.now)
        .await
        .unwrap();
    let run = |command: booking::Submit| {
        let (database, now) = (app.database.clone(), app.now);
        async move { booking::submit(&database, command, now).await }
    };
    let overlaps = run(submit(1, patients[0], &held)).await;
    assert_eq!(refusal(&overlaps), Some(Refusal::PatientOverlap));
    let stale = run(instead(1, patients[0], &held, &other, 2)).await;
    assert!(matches!(stale, Err(AppError::StaleVersion { .. })), "{stale:?}");
    assert_eq!(app.appointment(&other).await.0, "confirmed");
    assert_eq!(app.appointment(&held).await.0, "held");
    // What is in nobody's way is not given up, whatever a form says.
    let apart = app.confirmed(patients[0], 2, app.slot(10)).await;
    let apart = run(instead(1, patients[0], &held, &apart, 3)).await;
    assert_eq!(apart, Err(AppError::NotFound));
    // Nobody gives up what is somebody else's.
    let theirs = app.confirmed(patients[1], 2, app.slot(0)).await;
    let stolen = run(instead(1, patients[0], &held, &theirs, 3)).await;
    assert_eq!(stolen, Err(AppError::NotFound));
    assert_eq!(app.appointment(&theirs).await.0, "confirmed");

    run(instead(1, patients[0], &held, &other, 3)).await.unwrap();
    assert_eq!(app.appointment(&other).await.0, "cancelled");
    assert_eq!(app.appointment(&held).await.0, "pending");
    app.assert_sound().await;
}

type Racer = std::pin::Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

/// Each patient wants the time of the other one's doctor in place of their own, while the first doctor starts the
/// visits: whoever is told no has kept what they had.
#[sqlx::test]
async fn taking_one_time_in_place_of_another_races_whoever_changes_that_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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
