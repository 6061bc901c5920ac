//! Withdrawing a prescription: who may, once, and what becomes of it.

use crate::support::{TestApp, one_winner, patient_caller};
use engine::{
    account::Caller,
    appointment::Status,
    error::{AppError, Field, FieldProblem},
    idempotency::{Key, KeyOwner},
    prescription::{self, Medication, Prescribe, Withdraw, prescribe, withdraw},
};

fn writing(caller: Caller, reference: &str, dose: &str) -> Prescribe {
    Prescribe {
        key: None,
        caller,
        which: reference.into(),
        medications: vec![Medication {
            name: "Amoxicillin".to_owned(),
            dose: dose.to_owned(),
            frequency: "daily".to_owned(),
            duration: "7 days".to_owned(),
            note: String::new(),
        }],
        note: String::new(),
    }
}

fn withdrawing(caller: Caller, prescription_id: i64) -> Withdraw {
    Withdraw {
        caller,
        prescription_id,
        reason: " The dose\twas wrong ".to_owned(),
        key: None,
    }
}

/// A prescription of the first doctor for the first patient: its patient, its reference and its id.
async fn written(app: &TestApp) -> (i64, String, i64) {
    let patient_id = app.patient(1).await;
    let reference = app.visit(patient_id, 0, app.slot(18), Status::Completed).await;
    let command = writing(app.doctor_caller(0), &reference, "25 ml");
    let id = prescribe(&app.database, command, app.now).await.unwrap();
    (patient_id, reference, id)
}

#[tokio::test]
async fn both_prescriptions_are_kept_and_the_old_one_is_void() {
    let app = TestApp::new().await;
    let (patient_id, reference, first) = written(&app).await;
    let doctor = app.doctor_caller(0);
    let said = withdraw(&app.database, withdrawing(doctor.clone(), first), app.now)
        .await
        .unwrap();
    assert_eq!(said.medications[0].dose, "25 ml");
    let second = prescribe(
        &app.database,
        writing(doctor.clone(), &reference, "2 5 ml"),
        app.now,
    )
    .await
    .unwrap();
    for caller in [doctor, patient_caller(patient_id)] {
        let all = prescription::find(&app.database, caller.clone(), reference.clone())
            .await
            .unwrap();
        let ids: Vec<i64> = all.iter().map(|one| one.id).collect();
        assert_eq!(ids, [second, first]);
        assert_eq!(all[0].withdrawn, None);
        let withdrawn = all[1].withdrawn.as_ref().unwrap();
        assert_eq!(withdrawn.because, "The dose was wrong");
        let old = prescription::find_by_id(&app.database, caller, first)
            .await
            .unwrap();
        assert_eq!(old, all[1]);
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn only_the_doctor_who_wrote_it_withdraws_it_and_says_why() {
    let app = TestApp::new().await;
    let (patient_id, _, id) = written(&app).await;
    for stranger in [
        app.doctor_caller(1),
        patient_caller(patient_id),
        Caller::Admin {
            clinics: engine::account::Clinics::All,
            staff_id: 1,
            name: String::new(),
        },
    ] {
        let refused = withdraw(&app.database, withdrawing(stranger, id), app.now).await;
        assert_eq!(refused.map(drop), Err(AppError::NotFound));
    }
    for (reason, problem) in [
        (" \u{200b}\t", FieldProblem::Missing),
        (&*"x".repeat(502), FieldProblem::TooLongBy(2)),
    ] {
        let command = Withdraw {
            reason: reason.to_owned(),
            ..withdrawing(app.doctor_caller(0), id)
        };
        let refused = withdraw(&app.database, command, app.now).await;
        assert_eq!(refused.map(drop), Err(AppError::invalid(Field::Reason, problem)));
    }
    let nothing = withdrawing(app.doctor_caller(0), id + 1);
    let refused = withdraw(&app.database, nothing, app.now).await;
    assert_eq!(refused.map(drop), Err(AppError::NotFound));
    let standing = "select count(*) from prescriptions where withdrawn_at is null";
    assert_eq!(app.count(standing).await, 1);
}

#[tokio::test]
async fn of_several_withdrawals_at_once_one_counts() {
    let app = TestApp::crowded().await;
    let (_, _, id) = written(&app).await;
    let now = app.now;
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let (database, command) = (app.database.clone(), withdrawing(app.doctor_caller(0), id));
            async move { withdraw(&database, command, now).await }
        })
        .collect();
    let results = app.race(racers).await;
    let (_, losers) = one_winner(&results);
    assert!(
        losers
            .iter()
            .all(|error| *error == AppError::PrescriptionWithdrawn),
        "{losers:?}"
    );
    app.assert_sound().await;
}

/// Several hands withdraw a prescription and write it anew at once.
#[tokio::test]
async fn however_withdrawing_and_writing_meet_at_most_one_prescription_stands() {
    let app = TestApp::crowded().await;
    let (_, reference, id) = written(&app).await;
    let now = app.now;
    let racers: Vec<_> = (0..10)
        .map(|hand| {
            let database = app.database.clone();
            let (withdrawing, writing) = (
                withdrawing(app.doctor_caller(0), id),
                writing(app.doctor_caller(0), &reference, "5 ml"),
            );
            async move {
                match hand % 2 {
                    0 => withdraw(&database, withdrawing, now).await.map(drop),
                    _ => prescribe(&database, writing, now).await.map(drop),
                }
            }
        })
        .collect();
    app.race(racers).await;
    let withdrawn = "select count(*) from prescriptions where withdrawn_at is not null";
    assert_eq!(app.count(withdrawn).await, 1);
    let standing = "select count(*) from prescriptions where withdrawn_at is null";
    assert!(app.count(standing).await <= 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_repeated_withdrawal_is_answered_like_the_first() {
    let app = TestApp::new().await;
    let (_, reference, id) = written(&app).await;
    let doctor = app.doctor_caller(0);
    let command = Withdraw {
        key: Some(Key::sent(KeyOwner::Caller(&doctor), "k", "withdraw", &id).unwrap()),
        ..withdrawing(doctor.clone(), id)
    };
    let first = withdraw(&app.database, command.clone(), app.now).await.unwrap();
    let writing = writing(doctor.clone(), &reference, "5 ml");
    prescribe(&app.database, writing, app.now).await.unwrap();
    let again = withdraw(&app.database, command, app.now).await.unwrap();
    assert_eq!(again, first);
    let without_key = withdraw(&app.database, withdrawing(doctor, id), app.now).await;
    assert_eq!(without_key.map(drop), Err(AppError::PrescriptionWithdrawn));
    let standing = "select count(*) from prescriptions where withdrawn_at is null";
    assert_eq!(app.count(standing).await, 1);
}
