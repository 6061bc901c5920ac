//! Holding the parts of a visit one after the other, and booking them together.

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::no_deadlock;
use crate::support::{DOCTORS, INSTANT, TestApp, VISIT, hold, refusal, visitor};
use engine::{
    appointment::{Status, expire},
    booking::{self, Book, Hold, SubmitVisit, Wanted},
    error::{AppError, Refusal},
    time::plus_minutes,
};

fn submit(visitor_number: usize, patient_id: i64, references: &[String]) -> SubmitVisit {
    SubmitVisit {
        references: references.to_vec(),
        visitor: visitor(visitor_number),
        patient_id,
        name: "Somebody".to_owned(),
        reason: "A cough".to_owned(),
        hold_minutes: 10,
        answer_minutes: 60,
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

#[sqlx::test]
async fn what_is_held_for_a_visit_is_booked_together_or_not_at_all(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let ids = app.patients(2).await;
    let segments = [
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, INSTANT, app.slot(20)),
    ];
    let held = hold_all(&app, 1, &segments).await;
    let running = "select count(*) from appointments where status = 'held'";
    assert_eq!(app.count(running).await, 2, "the first one stays");
    // At the time of another part, with another doctor.
    let command = Hold {
        keeps: held.clone(),
        ..hold(1, app.wanted(2, VISIT, app.slot(24)))
    };
    let both = booking::hold(&app.database, command, app.now).await;
    assert_eq!(refusal(&both), Some(Refusal::PatientOverlap));

    let book = |number: usize, patient_id: i64, held: &[String], now| {
        booking::submit_visit(&app.database, submit(number, patient_id, held), now)
    };
    assert_eq!(book(2, ids[0], &held, app.now).await, Err(AppError::NotFound));
    // The second one runs out, and somebody else takes its time: the first one is not booked either.
    let later = plus_minutes(app.now, 11);
    app.hold(3, segments[1], later).await.unwrap();
    assert_eq!(
        book(1, ids[0], &held, later).await,
        Err(AppError::BookingFailed {
            reason: Refusal::HoldExpired,
            wanted: segments[1]
        })
    );
    assert_eq!(app.appointment(&held[0]).await.0, "held");
    assert_eq!(app.count("select count(*) from visits").await, 0);

    // One that ran out will do while nobody has its time.
    let others = [
        app.wanted(3, VISIT, app.slot(30)),
        app.wanted(2, INSTANT, app.slot(28)),
    ];
    let again = hold_all(&app, 4, &others).await;
    let booked = book(4, ids[1], &again, later).await.unwrap();
    let statuses: Vec<Status> = booked.appointments.iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Status::Pending, Status::Confirmed]);
    app.assert_whole().await;
}

#[sqlx::test]
async fn parts_that_were_ended_meanwhile_are_held_again_and_staff_who_overbook_one_take_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let ids = app.patients(3).await;
    let held = hold_all(
        &app,
        1,
        &[
            app.wanted(1, VISIT, app.slot(24)),
            app.wanted(0, INSTANT, app.slot(20)),
        ],
    )
    .await;
    let later = plus_minutes(app.now, 11);
    assert_eq!(expire(&app.database, later).await, Ok(2));
    let booked = booking::submit_visit(&app.database, submit(1, ids[0], &held), later).await;
    let starts: Vec<Timestamp> = booked
        .unwrap()
        .appointments
        .iter()
        .map(|one| one.starts_at)
        .collect();
    assert_eq!(starts, [app.slot(24), app.slot(20)], "as they were asked for");

    let segments = [
        app.wanted(1, VISIT, app.slot(34)),
        app.wanted(0, INSTANT, app.slot(30)),
    ];
    let held = hold_all(&app, 2, &segments).await;
    let overbooking = Book {
        caller: app.admin_caller(),
        overbook: Some("It hurts.".to_owned()),
        wanted: segments[0],
        patient_id: ids[2],
        reason: String::new(),
        answer_minutes: 60,
        key: None,
    };
    booking::book(&app.database, overbooking, app.now).await.unwrap();
    booking::submit_visit(&app.database, submit(2, ids[1], &held), app.now)
        .await
        .unwrap();
    app.assert_whole().await;
}

#[sqlx::test]
async fn holds_of_visits_in_opposite_orders_are_booked_without_a_deadlock(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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
        racers.push(async move { booking::submit_visit(&database, command, now).await });
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    no_deadlock(&app).await;
    app.assert_whole().await;
}
