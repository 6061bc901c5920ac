//! Busy times that arrive while somebody books.

use std::pin::Pin;

use super::event;
use crate::support::{DOCTORS, TestApp, VISIT, hold, refusal};
use engine::{
    booking::{self, Book, Wanted, book},
    caldav::busy::conflicts,
    error::{AppError, Refusal},
};

type Doing = Pin<Box<dyn Future<Output = Did> + Send>>;

#[derive(Debug)]
enum Did {
    Booked(Result<(), AppError>),
    Put(Result<(), AppError>),
}

fn books(app: &TestApp, patient_id: i64, wanted: Wanted) -> Doing {
    let (database, now) = (app.database.clone(), app.now);
    let command = Book {
        caller: crate::support::patient_caller(patient_id),
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        rules: crate::support::RULES,
        key: None,
    };
    Box::pin(async move { Did::Booked(book(&database, command, now).await.map(drop)) })
}

fn puts(app: &TestApp, calendar: i64, body: String) -> Doing {
    let put = app.put_busy(calendar, 0, "/a.ics", body);
    Box::pin(async move { Did::Put(put.await) })
}

/// Whoever got a time in the busy one did so before it was there, and is in the list of conflicts.
async fn check(app: &TestApp, results: &[Did]) -> (usize, usize) {
    let (mut booked, mut refused) = (0, 0);
    for result in results {
        match result {
            Did::Booked(Ok(())) => booked += 1,
            Did::Booked(result) => {
                assert_eq!(refusal(result), Some(Refusal::SlotTaken));
                refused += 1;
            }
            Did::Put(result) => assert_eq!(*result, Ok(())),
        }
    }
    let listed = conflicts(&app.database, &app.doctor_caller(0), app.now)
        .await
        .unwrap();
    assert_eq!(listed.len(), booked, "{results:?}");
    app.assert_sound().await;
    (booked, refused)
}

#[tokio::test]
async fn a_busy_time_that_arrives_while_its_hours_are_booked_wins_or_loses_whole() {
    let app = TestApp::crowded().await;
    let calendar = app.calendar(0, "Private").await;
    let patients = app.patients(20).await;
    app.open_hours().await;
    let wanted = |number: usize| app.wanted(0, VISIT, app.slot(40 + i64::try_from(number).unwrap()));
    let bookings = |from: usize, until: usize| -> Vec<Doing> {
        (from..until)
            .map(|number| books(&app, patients[number], wanted(number)))
            .collect()
    };
    let busy = puts(&app, calendar, event(app.slot(40), 20, ""));
    let waves = vec![bookings(0, 8), vec![busy], bookings(8, 20)];
    let results = app.race_behind(DOCTORS, waves).await;
    let (booked, refused) = check(&app, &results).await;
    assert_eq!(booked + refused, 20);
    // All waves stand behind the doctor: who came first has booked, and who came later was refused.
    assert!(booked >= 8, "{results:?}");
    let late = books(&app, patients[19], wanted(19)).await;
    assert!(matches!(late, Did::Booked(Err(_))));
}

#[tokio::test]
async fn busy_times_that_arrive_all_at_once_with_bookings_leave_nobody_between() {
    let app = TestApp::crowded().await;
    let calendar = app.calendar(0, "Private").await;
    let patients = app.patients(16).await;
    for round in 0..3i64 {
        let first = 40 + 20 * round;
        let mut racers: Vec<Doing> = vec![puts(&app, calendar, event(app.slot(first), 16, ""))];
        for (number, patient) in patients.iter().enumerate() {
            let starts_at = app.slot(first + i64::try_from(number).unwrap());
            racers.push(books(&app, *patient, app.wanted(0, VISIT, starts_at)));
        }
        let results = app.race(racers).await;
        check(&app, &results).await;
        app.sql("delete from external_items").await;
    }
}

#[tokio::test]
async fn a_booking_that_waits_for_a_busy_time_finds_it() {
    let app = TestApp::crowded().await;
    let calendar = app.calendar(0, "Private").await;
    let patients = app.patients(3).await;
    let held = app.confirmed(patients[2], 0, app.slot(60)).await;
    let wanted = app.wanted(0, VISIT, app.slot(40));
    // The busy time is written and not committed: a booking, a hold and a move wait for it.
    let (database, doctor_id, body) = (
        app.database.clone(),
        app.doctors[0].id,
        event(app.slot(40), 1, ""),
    );
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let (go, may_go) = tokio::sync::oneshot::channel::<()>();
    let channels = std::sync::Arc::new(std::sync::Mutex::new(Some((ready, may_go))));
    let putting = tokio::spawn(async move {
        database
            .write("test.put", move |mut tx| {
                let (body, channels) = (body.clone(), channels.clone());
                async move {
                    engine::caldav::busy::put(&mut tx, calendar, doctor_id, "/a.ics", "\"1\"", &body).await?;
                    let (ready, may_go) = channels.lock().unwrap().take().unwrap();
                    ready.send(()).unwrap();
                    may_go.await.unwrap();
                    tx.commit().await
                }
            })
            .await
    });
    is_ready.await.unwrap();
    let (database, now) = (app.database.clone(), app.now);
    let holding = {
        let (database, command) = (database.clone(), hold(1, wanted));
        tokio::spawn(async move { booking::hold(&database, command, now).await.map(drop) })
    };
    let moving = {
        let command = app.moves(&held, app.slot(40));
        tokio::spawn(async move { booking::reschedule(&database, command, now).await.map(drop) })
    };
    let booking = tokio::spawn(books(&app, patients[0], wanted));
    app.until_waiting(3).await;
    go.send(()).unwrap();
    putting.await.unwrap().unwrap();
    for result in [holding.await.unwrap(), moving.await.unwrap()] {
        assert_eq!(refusal(&result), Some(Refusal::SlotTaken));
    }
    let Did::Booked(booked) = booking.await.unwrap() else {
        panic!("it was a booking");
    };
    assert_eq!(refusal(&booked), Some(Refusal::SlotTaken));
    app.assert_sound().await;
}
