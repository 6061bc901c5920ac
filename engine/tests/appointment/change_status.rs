//! Changes of status: who may make them, and until when.

use super::{requests, to};
use crate::support::{RULES, TestApp, patient_caller};
use engine::{
    appointment::{Status, change_status},
    booking::{self, Reschedule},
    error::AppError,
    time::plus_minutes,
};

#[tokio::test]
async fn a_stale_change_succeeds_when_it_is_retried_with_the_current_version() {
    let app = TestApp::new().await;
    let (patient_id, reference) = requests(&app, 1).await.remove(0);
    let run = async |command| change_status(&app.database, command, app.now).await;
    run(to(app.doctor_caller(0), &reference, Status::Confirmed, 2))
        .await
        .unwrap();
    let stale = run(to(patient_caller(patient_id), &reference, Status::Cancelled, 2)).await;
    assert!(matches!(
        stale,
        Err(AppError::StaleVersion {
            to: Some(Status::Cancelled),
            ..
        })
    ));
    run(to(patient_caller(patient_id), &reference, Status::Cancelled, 3))
        .await
        .unwrap();
    let over = run(to(app.doctor_caller(0), &reference, Status::InProgress, 4)).await;
    assert!(matches!(
        over,
        Err(AppError::InvalidTransition {
            from: Status::Cancelled,
            ..
        })
    ));
    app.assert_sound().await;
}

#[tokio::test]
async fn strangers_cannot_change_an_appointment() {
    let app = TestApp::new().await;
    let (_, reference) = requests(&app, 1).await.remove(0);
    let stranger = app.patient(999).await;
    for (caller, status) in [
        (patient_caller(stranger), Status::Cancelled),
        (app.doctor_caller(1), Status::Confirmed),
        (app.doctor_caller(1), Status::Rejected),
    ] {
        let result = change_status(&app.database, to(caller, &reference, status, 2), app.now).await;
        assert_eq!(result, Err(AppError::NotFound));
    }
    for caller in [patient_caller(stranger), app.doctor_caller(1)] {
        let command = Reschedule {
            key: None,
            caller,
            which: reference.clone().into(),
            version: Some(2),
            starts_at: app.slot(3),
            visitor: None,
            rules: RULES,
        };
        let result = booking::reschedule(&app.database, command, app.now).await;
        assert_eq!(result, Err(AppError::NotFound));
    }
    assert_eq!(app.appointment(&reference).await.1, 2);
}

#[tokio::test]
async fn the_history_records_that_an_admin_acted_for_a_doctor() {
    let app = TestApp::new().await;
    let (_, reference) = requests(&app, 1).await.remove(0);
    let command = to(app.admin_caller(), &reference, Status::Confirmed, 2);
    change_status(&app.database, command, app.now).await.unwrap();
    let recorded = app
        .count(
            "select count(*) from appointment_changes where version = 3 and actor = 'admin' and for_doctor",
        )
        .await;
    assert_eq!(recorded, 1);
}

#[tokio::test]
async fn a_patient_may_cancel_until_the_cutoff() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    for (number, patient_id) in patients.into_iter().enumerate() {
        let starts_at = app.slot(20 + i64::try_from(number).unwrap());
        let reference = app.confirmed(patient_id, 0, starts_at).await;
        let cutoff = plus_minutes(starts_at, -60);
        let now = if number == 0 {
            cutoff
        } else {
            cutoff + jiff::SignedDuration::from_secs(1)
        };
        let result = change_status(
            &app.database,
            to(patient_caller(patient_id), &reference, Status::Cancelled, 3),
            now,
        )
        .await;
        assert_eq!(result.is_ok(), number == 0, "{result:?}");
    }
}
