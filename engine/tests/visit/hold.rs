//! Holding the parts of a visit one after the other, and booking them together.

use jiff::Timestamp;

use super::no_deadlock;
use crate::support::{DOCTORS, INSTANT, TestApp, VISIT, hold, refusal, visitor};
use engine::{
    appointment::{InternalNote, Status, expire},
    booking::{self, Book, Hold, Wanted},
    error::{AppError, Refusal},
    time::plus_minutes,
    visit::{SubmitVisit, Visit},
};

fn submit(visitor_number: usize, patient_id: i64, references: &[String]) -> SubmitVisit {
    SubmitVisit {
        references: references.to_vec(),
        visitor: visitor(visitor_number),
        patient_id,
        newcomer: None,
        booked_by: patient_id,
        name: "Somebody".to_owned(),
        reason: "A cough".to_owned(),
        rules: crate::support::answer_within(60),
        key: None,
    }
}

/// Holds these times, each beside the ones before it.
async fn hold_all(app: &TestApp, number: usize, segments: &[Wanted]) -> Vec<String> {
    let mut held: Vec<String> = Vec::new();
    for &wanted in segments {
        let command = Hold {
            keeps: held.clone(),
            ..hold(number, wanted)
        };
        let reference = booking::hold(&app.database, command, app.now).await;
        held.push(reference.unwrap());
    }
    held
}

async fn book(
    app: &TestApp,
    number: usize,
    patient_id: i64,
    held: &[String],
    now: Timestamp,
) -> Result<Visit, AppError> {
    let command = submit(number, patient_id, held);
    engine::visit::submit_visit(&app.database, command, now).await
}

#[tokio::test]
async fn a_second_hold_of_a_visit_keeps_the_first_one() {
    let app = TestApp::new().await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    assert_eq!(held.len(), 2);
    let running = "select count(*) from appointments where status = 'held'";
    assert_eq!(app.count(running).await, 2);
}

#[tokio::test]
async fn two_parts_of_a_visit_cannot_be_held_at_the_same_time() {
    let app = TestApp::new().await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    let command = Hold {
        keeps: held,
        ..hold(1, app.wanted(2, VISIT, app.slot(24)))
    };
    let both = booking::hold(&app.database, command, app.now).await;
    assert_eq!(refusal(&both), Some(Refusal::PatientOverlap));
}

#[tokio::test]
async fn the_holds_of_another_browser_are_not_booked_as_a_visit() {
    let app = TestApp::new().await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    let patient = app.patient(1).await;
    assert_eq!(
        book(&app, 2, patient, &held, app.now).await,
        Err(AppError::NotFound)
    );
}

#[tokio::test]
async fn a_visit_is_not_booked_when_one_of_its_holds_was_lost() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    // The second one expires, and somebody else takes its time: the first one is not booked either.
    let later = plus_minutes(app.now, 11);
    app.hold(3, segments[1], later).await.unwrap();
    assert_eq!(
        book(&app, 1, patient, &held, later).await,
        Err(AppError::BookingFailed {
            reason: Refusal::HoldExpired,
            wanted: segments[1]
        })
    );
    assert_eq!(app.appointment(&held[0]).await.0, "held");
    assert_eq!(app.count("select count(*) from visits").await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn expired_holds_are_booked_as_a_visit_while_their_times_are_free() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    let later = plus_minutes(app.now, 11);
    let booked = book(&app, 1, patient, &held, later).await.unwrap();
    let statuses: Vec<Status> = booked.appointments.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Status::Pending, Status::Confirmed]);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_visit_is_booked_after_its_holds_were_ended() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    let later = plus_minutes(app.now, 11);
    assert_eq!(expire(&app.database, later).await, Ok(2));
    let booked = book(&app, 1, patient, &held, later).await.unwrap();
    let starts: Vec<Timestamp> = booked.appointments.iter().map(|one| one.starts_at).collect();
    assert_eq!(starts, [app.slot(24), app.slot(20)], "as they were asked for");
    app.assert_whole().await;
}

#[tokio::test]
async fn an_overbooking_takes_no_part_of_a_held_visit() {
    let app = TestApp::crowded().await;
    let patients = app.patients(2).await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    let overbooking = Book {
        caller: app.admin_caller(),
        overbook: Some(InternalNote::new("It hurts.".to_owned())),
        wanted: segments[0],
        patient_id: patients[1],
        reason: String::new(),
        rules: crate::support::answer_within(60),
        key: None,
    };
    booking::book(&app.database, overbooking, app.now).await.unwrap();
    book(&app, 1, patients[0], &held, app.now).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn held_visits_in_opposite_orders_are_booked_without_a_deadlock() {
    let app = TestApp::crowded().await;
    let mut racers = Vec::new();
    let now = app.now;
    for (number, id) in app.patients(20).await.into_iter().enumerate() {
        let slot = i64::try_from(number).unwrap();
        let mut segments = vec![
            app.wanted(0, VISIT, app.slot(2 + slot)),
            app.wanted(1, VISIT, app.slot(45 - slot)),
        ];
        if number % 2 == 0 {
            segments.reverse();
        }
        let command = submit(number, id, &hold_all(&app, number, &segments).await);
        let database = app.database.clone();
        racers.push(async move { engine::visit::submit_visit(&database, command, now).await });
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    no_deadlock(&app).await;
    app.assert_whole().await;
}
