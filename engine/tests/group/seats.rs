//! Seats are taken and given up.

use super::details;
use crate::support::{INSTANT, RULES, TestApp, patient_caller, refusal};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status},
    booking::{self, Reschedule},
    error::{AppError, Field, FieldProblem, Refusal},
    group::{Details, Take, people, seats_of, take},
    money::Price,
};

#[tokio::test]
async fn a_patient_is_in_one_place() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let group = app.published(0, app.slot(20), 5).await;
    app.confirmed(patients[0], 1, app.slot(21)).await;
    let refused = app.takes(group.id, patients[0], 1).await;
    assert_eq!(refusal(&refused), Some(Refusal::PatientOverlap));
    app.takes(group.id, patients[1], 1).await.unwrap();
    let twice = app.takes(group.id, patients[1], 1).await;
    assert_eq!(refusal(&twice), Some(Refusal::PatientOverlap));
    let elsewhere = app.books(patients[1], app.wanted(1, INSTANT, app.slot(20))).await;
    assert_eq!(refusal(&elsewhere), Some(Refusal::PatientOverlap));
    app.assert_whole().await;
}

#[tokio::test]
async fn seats_are_taken_by_their_patient_and_by_staff_who_see_the_session() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    let group = app.published(0, app.slot(20), 5).await;
    let by = |caller: Caller, patient_id: i64| Take {
        caller,
        ..app.taking(group.id, patient_id, 1)
    };
    let wrong = take(
        &app.database,
        by(patient_caller(patients[0]), patients[1]),
        app.now,
    )
    .await;
    assert_eq!(wrong, Err(AppError::NotFound));
    let wrong = take(&app.database, by(app.doctor_caller(1), patients[1]), app.now).await;
    assert_eq!(wrong, Err(AppError::NotFound));
    app.given(0, patients[0]).await;
    take(&app.database, by(app.doctor_caller(0), patients[0]), app.now)
        .await
        .unwrap();
    take(&app.database, by(app.admin_caller(), patients[1]), app.now)
        .await
        .unwrap();
    for seats in [0, 21] {
        let refused = app.takes(group.id, patients[2], seats).await;
        assert_eq!(
            refused,
            Err(AppError::invalid(Field::Seats, FieldProblem::Malformed))
        );
    }
    let seen = people(&app.database, app.doctor_caller(0), group.id, app.now)
        .await
        .unwrap();
    assert_eq!(seen.len(), 2);
    for stranger in [app.doctor_caller(1), patient_caller(patients[0])] {
        assert!(people(&app.database, stranger, group.id, app.now).await.is_err());
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn a_party_has_one_appointment_with_its_price_and_gives_it_up_whole() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let draft = app.draft(0, app.slot(20), 4).await;
    let price = Price::of(Some(150_000), Some("IDR".to_owned()));
    let priced = Details {
        price,
        ..details(app.slot(20), 4)
    };
    app.changes(&draft, priced).await.unwrap();
    let group = app.publishes(draft.id).await.unwrap();
    let party = app.takes(group.id, patients[0], 3).await.unwrap();
    assert_eq!(party.seats, [1, 2, 3]);
    assert_eq!(
        app.count("select price_minor from appointments where patient_id is not null")
            .await,
        450_000
    );
    let seats = seats_of(&app.database, party.appointment.id).await.unwrap();
    assert_eq!(seats, Some((group.id, "Birth class".to_owned(), vec![1, 2, 3])));
    // A seat has the time of its session.
    let command = Reschedule {
        caller: patient_caller(patients[0]),
        which: party.appointment.reference.as_str().into(),
        version: None,
        starts_at: app.slot(30),
        visitor: None,
        rules: RULES,
        key: None,
    };
    let moved = booking::reschedule(&app.database, command, app.now).await;
    assert!(matches!(moved, Err(AppError::InvalidTransition { .. })));
    let command = ChangeStatus {
        caller: patient_caller(patients[0]),
        which: party.appointment.reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
    assert_eq!(app.seats_taken().await, 0);
    // The time is the session's all the same.
    assert!(!app.is_free(app.wanted(0, INSTANT, app.slot(20))).await);
    assert_eq!(
        app.takes(group.id, patients[1], 4).await.unwrap().seats,
        [1, 2, 3, 4]
    );
    app.assert_whole().await;
}
