//! Confirming several requests at once.

use crate::support::{APPOINTMENTS, TestApp, VISIT, patient_caller};
use engine::{
    appointment::{ChangeStatus, Chosen, MAX_AT_ONCE, Status, change_status, confirm_several},
    error::{AppError, Field, FieldProblem},
};

fn chosen(reference: &str) -> Chosen {
    Chosen {
        which: reference.into(),
        version: Some(2),
        key: None,
    }
}

#[tokio::test]
async fn what_cannot_be_confirmed_keeps_nothing_else_from_being() {
    let app = TestApp::new().await;
    let patients = app.patients(4).await;
    let mut references = Vec::new();
    for (patient, slot) in patients.iter().zip((20..).step_by(2)) {
        let doctor = usize::from(slot == 26);
        references.push(
            app.requested(*patient, app.wanted(doctor, VISIT, app.slot(slot)))
                .await,
        );
    }
    // The patient of the second one was faster.
    let cancelled = ChangeStatus {
        caller: patient_caller(patients[1]),
        which: references[1].as_str().into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, cancelled, app.now).await.unwrap();
    let all: Vec<Chosen> = references.iter().map(|reference| chosen(reference)).collect();
    let doctor = app.doctor_caller(0);
    let outcomes = confirm_several(&app.database, &doctor, all.clone(), app.now)
        .await
        .unwrap();
    let statuses: Vec<_> = outcomes
        .iter()
        .map(|one| one.as_ref().map(|one| one.status))
        .collect();
    assert_eq!(statuses[0], Ok(Status::Confirmed));
    assert!(
        matches!(
            outcomes[1],
            Err(AppError::StaleVersion {
                to: Some(Status::Confirmed),
                ..
            })
        ),
        "{outcomes:?}"
    );
    assert_eq!(statuses[2], Ok(Status::Confirmed));
    // Another doctor's.
    assert_eq!(outcomes[3].as_ref().err(), Some(&AppError::NotFound));
    // The second click of two.
    let again = confirm_several(&app.database, &doctor, all[..1].to_vec(), app.now)
        .await
        .unwrap();
    assert_eq!(again[0].as_ref().map(|one| one.version), Ok(3));
    let confirmed = "select count(*) from appointments where status = 'confirmed'";
    assert_eq!(app.count(confirmed).await, 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn two_who_confirm_the_same_requests_in_opposite_order_confirm_each_once() {
    let app = TestApp::crowded().await;
    let patients = app.patients(6).await;
    let mut all = Vec::new();
    for (patient, slot) in patients.iter().zip((20..).step_by(2)) {
        let reference = app
            .requested(*patient, app.wanted(0, VISIT, app.slot(slot)))
            .await;
        all.push(chosen(&reference));
    }
    let racers = [(app.doctor_caller(0), false), (app.admin_caller(), true)].map(|(caller, is_reverse)| {
        let (database, mut all, now) = (app.database.clone(), all.clone(), app.now);
        if is_reverse {
            all.reverse();
        }
        async move { confirm_several(&database, &caller, all, now).await.unwrap() }
    });
    let results = app.race_behind(APPOINTMENTS, vec![racers.into()]).await;
    let confirmed = results.iter().flatten().flatten().count();
    assert_eq!(confirmed, 6, "{results:?}");
    let changes = "select count(*) from appointment_changes where to_status = 'confirmed'";
    assert_eq!(app.count(changes).await, 6);
    app.assert_sound().await;
}

#[tokio::test]
async fn none_and_too_many_are_refused_and_so_are_patients() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let reference = app.requested(me, app.wanted(0, VISIT, app.slot(20))).await;
    for (count, problem) in [
        (0, FieldProblem::Missing),
        (MAX_AT_ONCE + 1, FieldProblem::TooMany),
    ] {
        let refused = confirm_several(
            &app.database,
            &app.doctor_caller(0),
            vec![chosen(&reference); count],
            app.now,
        )
        .await;
        assert_eq!(refused.err(), Some(AppError::invalid(Field::Chosen, problem)));
    }
    let by_patient = confirm_several(
        &app.database,
        &patient_caller(me),
        vec![chosen(&reference)],
        app.now,
    )
    .await;
    assert_eq!(by_patient.err(), Some(AppError::Forbidden));
}
