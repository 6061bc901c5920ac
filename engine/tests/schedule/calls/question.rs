//! The question before a change: whom it would hit, and the deed as it was decided then.

use sqlx::Connection;

use super::super::{Became, Doing};
use crate::support::{DOCTORS, TestApp, VISIT};
use engine::{
    appointment::{ChangeStatus, Status, change_status},
    error::AppError,
    schedule::{
        AsDecided, CancelDay, Close, Edit, ask_to_cancel_day, ask_to_close, ask_to_edit,
        cancel_day_as_decided, close_as_decided, edit_as_decided,
    },
};

#[tokio::test]
async fn the_question_names_whom_a_change_hits_and_changes_nothing() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    let first = app.confirmed(patients[0], 0, app.slot(20)).await;
    let second = app
        .requested(patients[1], app.wanted(0, VISIT, app.slot(22)))
        .await;
    app.confirmed(patients[2], 0, app.slot(20 + 48)).await;
    app.sql(
        "insert into message_stops (recipient, reason, stopped_at)
         select phone, 'opted_out', now() from patients where name = 'Patient 1'",
    )
    .await;
    let day = ask_to_cancel_day(&app.database, app.day_to_cancel().await, app.now)
        .await
        .unwrap();
    let absence = ask_to_edit(&app.database, app.absence().await, app.now)
        .await
        .unwrap();
    let closure = ask_to_close(&app.database, app.closure(), app.now).await.unwrap();
    for question in [&day, &absence, &closure] {
        let named: Vec<&str> = question
            .affected
            .iter()
            .map(|one| one.item.reference.as_str())
            .collect();
        assert_eq!(named, [&first, &second]);
        assert!(
            question
                .affected
                .iter()
                .all(|one| one.item.patient_phone.is_some())
        );
        let reach: Vec<bool> = question.affected.iter().map(|one| one.reach.phone).collect();
        assert_eq!(reach, [true, false]);
        assert!(question.affected.iter().all(|one| !one.reach.email));
        assert_eq!(question.decided_on, day.decided_on);
    }
    assert_eq!(app.count("select count(*) from time_off").await, 0);
    assert_eq!(app.count("select count(*) from schedule_changes").await, 0);
    assert_eq!(app.count("select count(*) from call_lists").await, 0);
    let of_another = CancelDay {
        caller: app.doctor_caller(1),
        ..app.day_to_cancel().await
    };
    let refused = ask_to_cancel_day(&app.database, of_another, app.now).await;
    assert_eq!(refused.err(), Some(AppError::NotFound));
}

#[tokio::test]
async fn nothing_is_done_where_somebody_booked_moved_or_cancelled_since_the_question() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let booked = app.confirmed(patients[0], 0, app.slot(20)).await;
    let asked = ask_to_cancel_day(&app.database, app.day_to_cancel().await, app.now)
        .await
        .unwrap();
    let decided = AsDecided::of(&asked.decided_on);
    let second = app.confirmed(patients[1], 0, app.slot(22)).await;
    let command = app.day_to_cancel().await;
    let refused = cancel_day_as_decided(&app.database, command.clone(), decided.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::AffectedChanged));
    let edit = app.absence().await;
    let refused = edit_as_decided(&app.database, edit, decided.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::AffectedChanged));
    let refused = close_as_decided(&app.database, app.closure(), decided.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::AffectedChanged));
    assert_eq!(app.count("select count(*) from time_off").await, 0);
    assert_eq!(app.count("select count(*) from plan_exceptions").await, 0);
    assert_eq!(app.appointment(&booked).await.0, "confirmed");
    // Whoever came has gone again: it hits those on whom it was decided.
    let cancelled = ChangeStatus {
        caller: app.admin_caller(),
        which: second.into(),
        to: Status::Cancelled,
        version: None,
        reason: "Asked to".to_owned(),
        key: None,
    };
    change_status(&app.database, cancelled, app.now).await.unwrap();
    let done = cancel_day_as_decided(&app.database, command, decided, app.now)
        .await
        .unwrap();
    assert_eq!(done.appointments.len(), 1);
    assert_eq!(app.appointment(&booked).await.0, "cancelled");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_decision_that_races_bookings_hits_exactly_whom_it_was_made_about() {
    let app = TestApp::crowded().await;
    let patients = app.patients(13).await;
    app.open_hours().await;
    app.confirmed(patients[12], 0, app.slot(20)).await;
    // Somebody is before the decision in the queue at first, and nobody then.
    for before in [1, 0] {
        let command = app.day_to_cancel().await;
        let asked = ask_to_cancel_day(&app.database, command.clone(), app.now)
            .await
            .unwrap();
        let lists = app.count("select count(*) from call_lists").await;
        let (database, now) = (app.database.clone(), app.now);
        let decided = AsDecided::of(&asked.decided_on);
        let cancels: Doing<Became> = Box::pin(async move {
            Became::Cancelled(cancel_day_as_decided(&database, command, decided, now).await)
        });
        let booking = |number: usize| {
            let slot = 24 + i64::try_from(number).unwrap();
            app.racing_to_book(patients[number], app.wanted(0, VISIT, app.slot(slot)))
        };
        let first = 6 * (1 - before);
        let waves = vec![
            (first..first + before).map(booking).collect(),
            vec![cancels],
            (first + before..first + 6).map(booking).collect(),
        ];
        let results = app.race_behind(DOCTORS, waves).await;
        let made = app.count("select count(*) from call_lists").await - lists;
        for result in &results {
            match result {
                Became::Cancelled(Ok(done)) => {
                    assert_eq!(done.appointments.len(), asked.affected.len(), "{results:?}");
                    assert_eq!(made, 1);
                }
                Became::Cancelled(Err(error)) => {
                    assert_eq!(*error, AppError::AffectedChanged);
                    assert_eq!(made, 0);
                }
                _ => {}
            }
        }
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn the_question_before_a_closure_waits_for_nobody() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(20)).await;
    let mut connection = app.connection().await;
    let mut books = connection.begin().await.unwrap();
    sqlx::raw_sql("select from doctors for update")
        .execute(&mut *books)
        .await
        .unwrap();
    let asked = ask_to_close(&app.database, app.closure(), app.now);
    let asked = tokio::time::timeout(std::time::Duration::from_secs(5), asked).await;
    assert_eq!(asked.unwrap().unwrap().affected.len(), 1);
    books.rollback().await.unwrap();
    assert_eq!(app.count("select count(*) from time_off").await, 0);
}

#[tokio::test]
async fn who_asks_whom_a_change_would_hit_has_read_of_them() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(20)).await;
    let reads = "select count(*) from patient_reads where what = 'list'";
    for (number, colleague) in (0..3).map(|number| (number, app.colleague(number))) {
        let before = app.count(reads).await;
        let asked = match number {
            0 => {
                let command = CancelDay {
                    caller: colleague,
                    ..app.day_to_cancel().await
                };
                ask_to_cancel_day(&app.database, command, app.now).await
            }
            1 => {
                let command = Edit {
                    caller: colleague,
                    ..app.absence().await
                };
                ask_to_edit(&app.database, command, app.now).await
            }
            _ => {
                let command = Close {
                    caller: colleague,
                    ..app.closure()
                };
                ask_to_close(&app.database, command, app.now).await
            }
        };
        assert_eq!(asked.unwrap().affected.len(), 1);
        assert_eq!(app.count(reads).await, before + 1, "{number}");
    }
}
