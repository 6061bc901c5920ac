//! Writing a prescription: who may, when, and how often.

use crate::support::{TestApp, VISIT, one_winner, patient_caller};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status},
    error::AppError,
    prescription::{self, Medication, Prescribe, prescribe},
};

fn medication(name: &str) -> Medication {
    Medication {
        name: name.to_owned(),
        dose: "500 mg".to_owned(),
        frequency: "three times a day".to_owned(),
        duration: "7 days".to_owned(),
        note: String::new(),
    }
}

fn command(caller: Caller, reference: &str, names: &[&str]) -> Prescribe {
    Prescribe {
        key: None,
        caller,
        which: reference.into(),
        medications: names.iter().map(|name| medication(name)).collect(),
        note: "Drink plenty".to_owned(),
    }
}

/// A visit of the first patient to the first doctor.
async fn visit(app: &TestApp, status: Status) -> (i64, String) {
    let patient_id = app.patient(1).await;
    (patient_id, app.visit(patient_id, 0, app.slot(18), status).await)
}

/// Several hands write the prescription of each visit at once.
async fn race(app: &TestApp) {
    const VISITS: i64 = 5;
    const HANDS: usize = 5;
    let mut references = Vec::new();
    for (slot, patient_id) in (18..).zip(app.patients(usize::try_from(VISITS).unwrap()).await) {
        let status = if slot % 2 == 0 {
            Status::InProgress
        } else {
            Status::Completed
        };
        references.push(app.visit(patient_id, 0, app.slot(slot), status).await);
    }
    let now = app.now;
    let racers: Vec<_> = references
        .iter()
        .flat_map(|reference| (0..HANDS).map(move |hand| (reference, hand)))
        .map(|(reference, hand)| {
            let database = app.database.clone();
            let name = format!("by hand {hand}");
            let command = command(app.doctor_caller(0), reference, &[&name, &name]);
            async move { prescribe(&database, command, now).await }
        })
        .collect();
    let results = app.race(racers).await;
    for (results, reference) in results.chunks(HANDS).zip(&references) {
        let (_, losers) = one_winner(results);
        assert!(
            losers.iter().all(|error| *error == AppError::PrescriptionExists),
            "{losers:?}"
        );
        // The prescription is the winner's, all of it and nothing else.
        let winner = results.iter().position(Result::is_ok).unwrap();
        let read = prescription::find(&app.database, app.doctor_caller(0), reference.clone())
            .await
            .unwrap()
            .remove(0);
        assert_eq!(
            read.medications,
            vec![medication(&format!("by hand {winner}")); 2]
        );
    }
    for (what, query, expected) in [
        ("prescriptions", "select count(*) from prescriptions", VISITS),
        (
            "appointments with one",
            "select count(distinct appointment_id) from prescriptions",
            VISITS,
        ),
        ("medications", "select count(*) from medications", 2 * VISITS),
    ] {
        assert_eq!(app.count(query).await, expected, "{what}");
    }
}

#[tokio::test]
async fn one_of_several_prescriptions_at_once_is_written() {
    race(&TestApp::crowded().await).await;
}

/// The first layer by itself.
#[tokio::test]
async fn the_lock_of_the_appointment_alone_lets_one_prescription_through() {
    let app = TestApp::crowded().await;
    app.sql("alter table prescriptions drop constraint prescriptions_appointment_id_key")
        .await;
    race(&app).await;
}

/// The constraint that refuses a statement beside a prescription of one medication.
async fn constraint_against(app: &TestApp, statement: &'static str) -> Option<String> {
    let (_, reference) = visit(app, Status::Completed).await;
    let command = command(app.doctor_caller(0), &reference, &["Amoxicillin"]);
    prescribe(&app.database, command, app.now).await.unwrap();
    let error = sqlx::query(statement)
        .execute(&mut *app.spare().await)
        .await
        .unwrap_err();
    error.as_database_error()?.constraint().map(str::to_owned)
}

#[tokio::test]
async fn the_database_refuses_a_second_prescription() {
    let app = TestApp::new().await;
    let second = "insert into prescriptions (appointment_id, written_at) select appointment_id, now() from prescriptions";
    assert_eq!(
        constraint_against(&app, second).await.unwrap(),
        "prescriptions_appointment_id_key"
    );
}

#[tokio::test]
async fn the_database_refuses_a_medication_without_a_dose() {
    let app = TestApp::new().await;
    let bare =
        "insert into medications select prescription_id, 2, name, '', frequency, duration from medications";
    assert_eq!(
        constraint_against(&app, bare).await.unwrap(),
        "medications_complete"
    );
}

#[tokio::test]
async fn the_database_refuses_two_medications_in_one_place() {
    let app = TestApp::new().await;
    let same =
        "insert into medications select prescription_id, 1, name, dose, frequency, duration from medications";
    assert_eq!(constraint_against(&app, same).await.unwrap(), "medications_pkey");
}

#[tokio::test]
async fn only_the_doctor_of_an_appointment_prescribes() {
    let app = TestApp::new().await;
    let (patient_id, reference) = visit(&app, Status::InProgress).await;
    for caller in [
        patient_caller(patient_id),
        app.doctor_caller(1),
        app.admin_caller(),
    ] {
        let result = prescribe(&app.database, command(caller, &reference, &["Opium"]), app.now).await;
        assert_eq!(result, Err(AppError::NotFound));
    }
    let nowhere = prescribe(
        &app.database,
        command(app.doctor_caller(0), "AAAA-AAAA", &["Opium"]),
        app.now,
    )
    .await;
    assert_eq!(nowhere, Err(AppError::NotFound));
    assert_eq!(app.count("select count(*) from prescriptions").await, 0);
}

#[tokio::test]
async fn a_prescription_needs_an_appointment_that_has_begun() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let requested = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(18)))
        .await;
    let confirmed = app.confirmed(patient_id, 0, app.slot(20)).await;
    let cancelled = app.confirmed(patient_id, 0, app.slot(22)).await;
    let cancel = ChangeStatus {
        key: None,
        caller: app.doctor_caller(0),
        which: cancelled.clone().into(),
        to: Status::Cancelled,
        version: Some(3),
        reason: "because".to_owned(),
    };
    change_status(&app.database, cancel, app.now).await.unwrap();
    for (reference, status) in [
        (requested, Status::Pending),
        (confirmed, Status::Confirmed),
        (cancelled, Status::Cancelled),
    ] {
        let result = prescribe(
            &app.database,
            command(app.doctor_caller(0), &reference, &["Amoxicillin"]),
            app.now,
        )
        .await;
        assert!(
            matches!(result, Err(AppError::InvalidTransition { from, .. }) if from == status),
            "{result:?}"
        );
        assert_eq!(result.unwrap_err().status(), 422);
    }
    assert_eq!(app.count("select count(*) from prescriptions").await, 0);
}
