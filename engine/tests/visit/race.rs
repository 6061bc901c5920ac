//! Races of visits with visits and with single bookings.

use super::{no_deadlock, visit};
use crate::support::{DOCTORS, LONG, TestApp, VISIT, patient_caller, refusal};
use engine::{
    booking::{self, Book, Wanted},
    error::{AppError, Refusal},
    idempotency::{Key, KeyOwner},
    time::plus_minutes,
    visit::{BookVisit, Visit},
};

async fn race(app: &TestApp, commands: Vec<BookVisit>) -> Vec<Result<Visit, AppError>> {
    let now = app.now;
    let racers = commands
        .into_iter()
        .map(|command| {
            let database = app.database.clone();
            async move { engine::visit::book_visit(&database, command, now).await }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

async fn opposite_orders_race(app: &TestApp) {
    let patients = app.patients(20).await;
    let (there, back) = (
        vec![
            app.wanted(0, VISIT, app.slot(20)),
            app.wanted(1, VISIT, app.slot(24)),
            app.wanted(2, VISIT, app.slot(28)),
        ],
        vec![
            app.wanted(2, VISIT, app.slot(28)),
            app.wanted(1, VISIT, app.slot(24)),
            app.wanted(0, VISIT, app.slot(20)),
        ],
    );
    let commands = patients.iter().enumerate().map(|(number, id)| {
        visit(
            *id,
            if number % 2 == 0 {
                there.clone()
            } else {
                back.clone()
            },
        )
    });
    let results = race(app, commands.collect()).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    for result in results.iter().filter(|result| result.is_err()) {
        assert_eq!(refusal(result), Some(Refusal::SlotTaken), "{result:?}");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 3);
    no_deadlock(app).await;
}

#[tokio::test]
async fn one_of_many_visits_in_opposite_orders_wins() {
    let app = TestApp::crowded().await;
    opposite_orders_race(&app).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn one_of_many_visits_in_opposite_orders_wins_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    app.without_constraints().await;
    opposite_orders_race(&app).await;
    app.assert_sound().await;
}

/// Each shares hours with the ones before and after it, but no time: all of them can be had.
#[tokio::test]
async fn visits_that_share_hours_but_no_time_are_all_booked() {
    let app = TestApp::crowded().await;
    let patients = app.patients(20).await;
    let commands = patients.iter().enumerate().map(|(number, id)| {
        let slot = i64::try_from(number).unwrap();
        let mut segments = vec![
            app.wanted(0, VISIT, app.slot(2 + slot)),
            app.wanted(1, VISIT, app.slot(22 - slot)),
        ];
        // At the same time with both would be in two places.
        if 2 + slot == 22 - slot {
            segments[1] = app.wanted(1, VISIT, app.slot(40));
        }
        if number % 2 == 0 {
            segments.reverse();
        }
        visit(*id, segments)
    });
    let results = race(&app, commands.collect()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    no_deadlock(&app).await;
    app.assert_whole().await;
}

/// An hour of the doctor is known, the next one is not. Whoever wants both makes the second and comes to the first; a visit
/// that had the first one and only then came to make the second would wait for them, and they for it.
#[tokio::test]
async fn a_visit_in_hours_without_a_row_yet_does_not_deadlock() {
    let app = TestApp::crowded().await;
    let ids = app.patients(3).await;
    app.confirmed(ids[2], 0, app.slot(20)).await;
    let now = app.now;
    let command = visit(
        ids[0],
        vec![
            app.wanted(0, VISIT, app.slot(21)),
            app.wanted(0, VISIT, app.slot(23)),
        ],
    );
    let database = app.database.clone();
    let whole: Racer = Box::pin(async move {
        let booked = engine::visit::book_visit(&database, command, now).await?;
        Ok(booked.appointments.len())
    });
    let over_both = app.wanted(0, LONG, plus_minutes(app.slot(21), 15));
    let single = single(&app, ids[1], over_both);
    let gate = "select from calendar_hours for update";
    let results = app.race_behind(gate, vec![vec![whole], vec![single]]).await;
    assert_eq!(results[0], Ok(2));
    assert_eq!(refusal(&results[1]), Some(Refusal::SlotTaken));
    no_deadlock(&app).await;
    app.assert_whole().await;
}

type Racer = std::pin::Pin<Box<dyn Future<Output = Result<usize, AppError>> + Send>>;

fn single(app: &TestApp, patient_id: i64, wanted: Wanted) -> Racer {
    let (database, now) = (app.database.clone(), app.now);
    let command = Book {
        caller: patient_caller(patient_id),
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        rules: crate::support::answer_within(60),
        key: None,
    };
    Box::pin(async move { booking::book(&database, command, now).await.map(|_| 1) })
}

async fn visits_race_single_bookings(app: &TestApp) {
    let patients = app.patients(20).await;
    let segments = vec![
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, VISIT, app.slot(20)),
    ];
    let now = app.now;
    let mut racers: Vec<Racer> = Vec::new();
    for (number, &id) in patients.iter().enumerate() {
        let database = app.database.clone();
        if number % 2 == 0 {
            let command = visit(id, segments.clone());
            racers.push(Box::pin(async move {
                let booked = engine::visit::book_visit(&database, command, now).await?;
                Ok(booked.appointments.len())
            }));
        } else {
            racers.push(single(app, id, segments[number / 2 % 2]));
        }
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let parts: Vec<usize> = results.iter().flatten().copied().collect();
    // The visit, or one for each of its times.
    assert!(parts == [2] || parts == [1, 1], "{results:?}");
    for result in results.iter().filter(|result| result.is_err()) {
        assert_eq!(refusal(result), Some(Refusal::SlotTaken), "{result:?}");
    }
    no_deadlock(app).await;
    app.assert_sound().await;
}

#[tokio::test]
async fn a_race_of_visits_and_single_bookings_leaves_no_visit_in_part() {
    let app = TestApp::crowded().await;
    visits_race_single_bookings(&app).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn a_patient_booking_two_visits_at_once_gets_one_of_them() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    let id = app.patient(1).await;
    // Nothing is the same but the patient and the moment.
    let visits = [
        vec![
            app.wanted(0, VISIT, app.slot(20)),
            app.wanted(1, VISIT, app.slot(24)),
        ],
        vec![
            app.wanted(2, VISIT, app.slot(20)),
            app.wanted(3, VISIT, app.slot(28)),
        ],
    ];
    let racers = visits
        .into_iter()
        .map(|segments| {
            let database = app.database.clone();
            let (command, now) = (visit(id, segments), app.now);
            async move { engine::visit::book_visit(&database, command, now).await }
        })
        .collect();
    // A booking takes this lock after it has found the patient free.
    let gate = "lock table visits in share mode";
    let results = app.race_behind(gate, vec![racers]).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert!(
        results
            .iter()
            .any(|result| refusal(result) == Some(Refusal::PatientOverlap))
    );
    no_deadlock(&app).await;
    app.assert_sound().await;
}

#[tokio::test]
async fn a_request_that_is_sent_ten_times_at_once_books_one_visit() {
    let app = TestApp::crowded().await;
    let id = app.patient(1).await;
    let segments = vec![
        app.wanted(1, VISIT, app.slot(24)),
        app.wanted(0, VISIT, app.slot(20)),
    ];
    let commands = (0..10).map(|_| BookVisit {
        key: Some(Key::sent(KeyOwner::Caller(&patient_caller(id)), "k", "test", &segments).unwrap()),
        ..visit(id, segments.clone())
    });
    let results = race(&app, commands.collect()).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| *result == Ok(first.clone())),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from visits").await, 1);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_whole().await;
}
