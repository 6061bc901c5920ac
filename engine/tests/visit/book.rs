//! Booking a visit at once.

use std::collections::BTreeSet;

use super::{book, visit};
use crate::support::{INSTANT, LONG, TestApp, VISIT, patient_caller, refusal};
use engine::{
    appointment::Status,
    error::{AppError, Field, FieldProblem, Refusal},
    time::plus_minutes,
    visit::BookVisit,
};

#[tokio::test]
async fn each_part_of_a_visit_is_an_appointment_of_its_own() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    // In the order of the request, which is neither that of the doctors nor that of the times.
    let segments = vec![
        app.wanted(2, VISIT, app.slot(20)),
        app.wanted(0, INSTANT, app.slot(22)),
        app.wanted(1, VISIT, app.slot(18)),
    ];
    let booked = book(&app, visit(id, segments.clone())).await.unwrap();
    let doctors: Vec<i64> = booked.appointments.iter().map(|one| one.doctor_id).collect();
    assert_eq!(doctors, [app.doctors[2].id, app.doctors[0].id, app.doctors[1].id]);
    let statuses: Vec<Status> = booked.appointments.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Status::Pending, Status::Confirmed, Status::Pending]);
    let references: BTreeSet<&String> = booked.appointments.iter().map(|one| &one.reference).collect();
    assert_eq!(references.len(), 3);
    assert_eq!(
        app.count(
            "select count(*) from appointments join visits on visits.id = visit_id
                   where segment = appointments.id - (select min(id) - 1 from appointments)"
        )
        .await,
        3
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_visit_is_not_booked_when_one_part_is_refused() {
    let app = TestApp::new().await;
    let ids = app.patients(2).await;
    let segments = vec![
        app.wanted(0, VISIT, app.slot(20)),
        app.wanted(1, VISIT, app.slot(22)),
    ];
    app.confirmed(ids[1], 1, app.slot(22)).await;
    let failed = book(&app, visit(ids[0], segments.clone())).await;
    let taken = AppError::BookingFailed {
        reason: Refusal::SlotTaken,
        wanted: segments[1],
    };
    assert_eq!(failed, Err(taken));
    // The patient is elsewhere during the second part.
    app.confirmed(ids[0], 3, app.slot(25)).await;
    let busy = vec![segments[0], app.wanted(2, VISIT, app.slot(25))];
    assert_eq!(
        refusal(&book(&app, visit(ids[0], busy)).await),
        Some(Refusal::PatientOverlap)
    );
    let closed = vec![segments[0], app.wanted(2, VISIT, plus_minutes(app.slot(30), 7))];
    assert_eq!(
        refusal(&book(&app, visit(ids[0], closed)).await),
        Some(Refusal::SlotClosed)
    );
    assert_eq!(app.count("select count(*) from visits").await, 0);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_malformed_visit_is_refused() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let at = |doctor, service, slot| app.wanted(doctor, service, app.slot(slot));
    for (segments, problem) in [
        (vec![], FieldProblem::Missing),
        (vec![at(0, VISIT, 20)], FieldProblem::Missing),
        (vec![at(0, VISIT, 20); 9], FieldProblem::TooLong),
        // The same twice; at once with two doctors; the buffers of one doctor.
        (vec![at(0, VISIT, 20), at(0, VISIT, 20)], FieldProblem::Malformed),
        (vec![at(0, VISIT, 20), at(1, LONG, 20)], FieldProblem::Malformed),
        (vec![at(0, LONG, 20), at(0, VISIT, 19)], FieldProblem::Malformed),
    ] {
        assert_eq!(
            book(&app, visit(id, segments.clone())).await,
            Err(AppError::invalid(Field::Segments, problem)),
            "{segments:?}"
        );
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn parts_with_different_doctors_need_no_buffer_between_them() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let at = |doctor, service, slot| app.wanted(doctor, service, app.slot(slot));
    book(&app, visit(id, vec![at(0, LONG, 20), at(1, VISIT, 19)]))
        .await
        .unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn strangers_cannot_book_a_visit() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let at = |doctor, service, slot| app.wanted(doctor, service, app.slot(slot));
    let other = visit(id, vec![at(0, VISIT, 30), at(1, VISIT, 31)]);
    let stranger = BookVisit {
        caller: patient_caller(id + 1),
        ..other.clone()
    };
    assert_eq!(book(&app, stranger).await, Err(AppError::NotFound));
    let doctor = BookVisit {
        caller: app.doctor_caller(0),
        ..other
    };
    assert_eq!(
        book(&app, doctor).await,
        Err(AppError::NotFound),
        "not all theirs"
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn expired_holds_do_not_block_a_visit() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let segments = vec![
        app.wanted(1, VISIT, app.slot(20)),
        app.wanted(0, VISIT, app.slot(22)),
    ];
    for (number, &wanted) in segments.iter().enumerate() {
        app.hold(number, wanted, app.now).await.unwrap();
    }
    assert_eq!(
        refusal(&book(&app, visit(id, segments.clone())).await),
        Some(Refusal::SlotTaken)
    );
    let later = plus_minutes(app.now, 11);
    engine::visit::book_visit(&app.database, visit(id, segments), later)
        .await
        .unwrap();
    assert_eq!(
        app.count("select count(*) from appointments where status = 'expired'")
            .await,
        2
    );
    app.assert_whole().await;
}
