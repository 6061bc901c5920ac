//! Races between people who change the same appointment.

use jiff::Timestamp;

use super::{requests, to};
use crate::support::{APPOINTMENTS, RULES, TestApp, VISIT, one_winner, patient_caller};
use engine::{
    appointment::{ChangeStatus, Status, change_status, expire},
    availability::{Except, is_free},
    booking::{self, Reschedule},
    error::AppError,
    time::plus_minutes,
};

async fn change_all(app: &TestApp, commands: Vec<ChangeStatus>, now: Timestamp) -> Vec<Result<(), AppError>> {
    let racers = commands
        .into_iter()
        .map(|command| {
            let database = app.database.clone();
            async move { change_status(&database, command, now).await.map(drop) }
        })
        .collect();
    app.race_behind(APPOINTMENTS, vec![racers]).await
}

#[tokio::test]
async fn a_confirmation_and_a_cancellation_at_once_do_not_both_succeed() {
    let app = TestApp::crowded().await;
    let requests = requests(&app, 12).await;
    let commands = requests
        .iter()
        .flat_map(|(patient_id, reference)| {
            [
                to(app.doctor_caller(0), reference, Status::Confirmed, 2),
                to(patient_caller(*patient_id), reference, Status::Cancelled, 2),
            ]
        })
        .collect();
    let results = change_all(&app, commands, app.now).await;
    for (pair, (_, reference)) in results.chunks(2).zip(&requests) {
        let (_, losers) = one_winner(pair);
        assert!(
            matches!(losers[..], [AppError::StaleVersion { .. }]),
            "{losers:?}"
        );
        let expected = if pair[0].is_ok() { "confirmed" } else { "cancelled" };
        let (status, version, starts_at) = app.appointment(reference).await;
        assert_eq!((status.as_str(), version), (expected, 3));
        // The time follows the status.
        let wanted = app.wanted(0, VISIT, starts_at);
        let free = is_free(&app.database, wanted, Except::default(), app.now)
            .await
            .unwrap();
        assert_eq!(free, expected == "cancelled");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn one_of_many_changes_of_the_same_version_succeeds() {
    let app = TestApp::crowded().await;
    let (_, reference) = requests(&app, 1).await.remove(0);
    let commands = (0..4)
        .map(|number| {
            // Different people or different wishes: what somebody sends twice is another matter.
            let caller = match number % 2 {
                0 => app.admin_caller(),
                _ => app.doctor_caller(0),
            };
            let status = match number % 4 {
                0 | 1 => Status::Rejected,
                _ => Status::Confirmed,
            };
            to(caller, &reference, status, 2)
        })
        .collect();
    let (_, losers) = one_winner(&change_all(&app, commands, app.now).await);
    assert!(
        losers
            .iter()
            .all(|error| matches!(error, AppError::StaleVersion { .. })),
        "{losers:?}"
    );
    assert_eq!(app.appointment(&reference).await.1, 3);
    app.assert_sound().await;
}

#[tokio::test]
async fn ten_clicks_at_once_change_the_status_once() {
    let app = TestApp::crowded().await;
    let (_, reference) = requests(&app, 1).await.remove(0);
    let commands = (0..10)
        .map(|_| to(app.doctor_caller(0), &reference, Status::Confirmed, 2))
        .collect();
    assert_eq!(change_all(&app, commands, app.now).await, vec![Ok(()); 10]);
    assert_eq!(app.appointment(&reference).await.1, 3);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_answer_and_the_expiry_of_a_request_at_once_do_not_both_succeed() {
    let app = TestApp::crowded().await;
    let requests = requests(&app, 12).await;
    // The worker's clock is a second ahead.
    let later = plus_minutes(app.now, 24 * 60);
    let in_time = later - jiff::SignedDuration::from_secs(1);
    let racers: Vec<_> = (0..24)
        .map(|number| {
            let database = app.database.clone();
            let command = to(
                app.doctor_caller(0),
                &requests[number / 2].1,
                Status::Confirmed,
                2,
            );
            async move {
                if number % 2 == 0 {
                    change_status(&database, command, in_time).await.map(drop)
                } else {
                    expire(&database, later).await.map(drop)
                }
            }
        })
        .collect();
    let results = app.race(racers).await;
    for (pair, (_, reference)) in results.chunks(2).zip(&requests) {
        pair[1].unwrap();
        let (status, version, _) = app.appointment(reference).await;
        assert_eq!(version, 3);
        match pair[0] {
            Ok(()) => assert_eq!(status, "confirmed"),
            Err(error) => {
                assert!(matches!(error, AppError::StaleVersion { .. }));
                assert_eq!(status, "expired");
            }
        }
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn an_answer_after_the_deadline_expires_the_request() {
    let app = TestApp::new().await;
    let (_, reference) = requests(&app, 1).await.remove(0);
    let late = plus_minutes(app.now, 24 * 60);
    let command = to(app.doctor_caller(0), &reference, Status::Confirmed, 2);
    let result = change_status(&app.database, command, late).await;
    assert!(
        matches!(
            result,
            Err(AppError::InvalidTransition {
                from: Status::Expired,
                ..
            })
        ),
        "{result:?}"
    );
    assert_eq!(app.appointment(&reference).await.0, "expired");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_move_and_a_cancellation_at_once_do_not_both_succeed() {
    let app = TestApp::crowded().await;
    let requests = requests(&app, 12).await;
    let now = app.now;
    let racers: Vec<_> = (0..24)
        .map(|number| {
            let database = app.database.clone();
            let (patient_id, reference) = requests[number / 2].clone();
            let starts_at = app.slot(i64::try_from(number / 2).unwrap() + 20 * 48);
            async move {
                if number % 2 == 0 {
                    let command = Reschedule {
                        key: None,
                        caller: patient_caller(patient_id),
                        which: reference.into(),
                        version: Some(2),
                        starts_at,
                        visitor: None,
                        rules: RULES,
                    };
                    booking::reschedule(&database, command, now).await
                } else {
                    change_status(
                        &database,
                        to(patient_caller(patient_id), &reference, Status::Cancelled, 2),
                        now,
                    )
                    .await
                }
            }
        })
        .collect();
    for (number, pair) in app
        .race_behind(APPOINTMENTS, vec![racers])
        .await
        .chunks(2)
        .enumerate()
    {
        let (_, losers) = one_winner(pair);
        assert!(
            matches!(losers[..], [AppError::StaleVersion { .. }]),
            "{losers:?}"
        );
        let (old, new) = (
            i64::try_from(number).unwrap() + 7 * 48,
            i64::try_from(number).unwrap() + 20 * 48,
        );
        for (slot, free) in [(old, true), (new, pair[0].is_err())] {
            let wanted = app.wanted(0, VISIT, app.slot(slot));
            assert_eq!(
                is_free(&app.database, wanted, Except::default(), now).await,
                Ok(free)
            );
        }
    }
    app.assert_sound().await;
}
