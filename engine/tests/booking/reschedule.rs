//! Appointments that are moved to another time.

use jiff::Timestamp;

use crate::support::{DOCTORS, LONG, RULES, TestApp, VISIT, hold, one_winner, refusal};
use engine::{
    availability::{Except, is_free},
    booking::{self, Reschedule},
    error::{AppError, Refusal},
    time::plus_minutes,
};

fn reschedule(app: &TestApp, reference: &str, version: i32, starts_at: Timestamp) -> Reschedule {
    Reschedule {
        key: None,
        caller: app.admin_caller(),
        which: reference.into(),
        version: Some(version),
        starts_at,
        visitor: None,
        rules: RULES,
    }
}

async fn reschedule_all(app: &TestApp, moves: Vec<Reschedule>) -> Vec<Result<(), AppError>> {
    let now = app.now;
    let racers = moves
        .into_iter()
        .map(|command| {
            let database = app.database.clone();
            async move { booking::reschedule(&database, command, now).await.map(drop) }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

#[tokio::test]
async fn two_appointments_that_want_each_others_time_both_stay() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    let patients = app.patients(24).await;
    let mut moves = Vec::new();
    for (number, pair) in patients.chunks(2).enumerate() {
        let slots = [0, 2].map(|step| app.slot(4 * i64::try_from(number).unwrap() + step));
        let first = app.confirmed(pair[0], 0, slots[0]).await;
        let second = app.confirmed(pair[1], 0, slots[1]).await;
        moves.push(reschedule(&app, &first, 3, slots[1]));
        moves.push(reschedule(&app, &second, 3, slots[0]));
    }
    let results = reschedule_all(&app, moves).await;
    assert!(
        results
            .iter()
            .all(|result| refusal(result) == Some(Refusal::SlotTaken)),
        "{results:?}"
    );
    assert_eq!(
        app.count("select count(distinct starts_at) from appointments")
            .await,
        24
    );
    app.assert_sound().await;
}

/// The old time is free if and only if the new one is taken.
async fn appointments_race_for_one_free_time(app: &TestApp) {
    let patients = app.patients(20).await;
    let target = app.slot(100);
    let (mut moves, mut references) = (Vec::new(), Vec::new());
    for (number, patient_id) in patients.iter().enumerate() {
        let starts_at = app.slot(2 * i64::try_from(number).unwrap());
        let reference = app.confirmed(*patient_id, 0, starts_at).await;
        moves.push(reschedule(app, &reference, 3, target));
        references.push((reference, starts_at));
    }
    let results = reschedule_all(app, moves).await;
    one_winner(&results);
    for ((reference, old), result) in references.iter().zip(&results) {
        let is_at = app.appointment(reference).await.2;
        let old_is_free = is_free(
            &app.database,
            app.wanted(0, VISIT, *old),
            Except::default(),
            app.now,
        )
        .await;
        match result {
            Ok(()) => assert_eq!((is_at, old_is_free), (target, Ok(true))),
            Err(error) => {
                assert_eq!((is_at, old_is_free), (*old, Ok(false)));
                assert_eq!(
                    *error,
                    AppError::BookingFailed {
                        reason: Refusal::SlotTaken,
                        wanted: app.wanted(0, VISIT, target)
                    }
                );
            }
        }
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn one_of_many_appointments_moving_to_one_free_time_gets_it() {
    appointments_race_for_one_free_time(&TestApp::crowded().await).await;
}

#[tokio::test]
async fn one_of_many_appointments_moving_to_one_time_gets_it_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    app.open_hours().await;
    appointments_race_for_one_free_time(&app).await;
}

#[tokio::test]
async fn a_chain_of_moves_leaves_everybody_with_one_time() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    let patients = app.patients(10).await;
    let mut references = Vec::new();
    for (number, patient_id) in patients.iter().enumerate() {
        references.push(
            app.confirmed(*patient_id, 0, app.slot(i64::try_from(number).unwrap()))
                .await,
        );
    }
    // Each wants the time of the next, the last a free one, and newcomers want all of them.
    let now = app.now;
    let mut racers = Vec::new();
    for number in 0..20 {
        let database = app.database.clone();
        let index = number % 10;
        let starts_at = app.slot(i64::try_from(index).unwrap() + i64::from(number < 10));
        let command = reschedule(&app, &references[index], 3, starts_at);
        let newcomer = hold(number, app.wanted(0, VISIT, starts_at));
        racers.push(async move {
            if number < 10 {
                booking::reschedule(&database, command, now).await.map(drop)
            } else {
                booking::hold(&database, newcomer, now).await.map(drop)
            }
        });
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    assert!(
        results
            .iter()
            .all(|result| result.is_ok() || refusal(result) == Some(Refusal::SlotTaken)),
        "{results:?}"
    );
    assert_eq!(
        app.count("select count(*) from appointments where status = 'confirmed'")
            .await,
        10
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn an_appointment_can_move_by_less_than_its_length() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let starts_at = app.slot(20);
    let reference = app.requested(patient_id, app.wanted(0, LONG, starts_at)).await;
    let later = plus_minutes(starts_at, 15);
    booking::reschedule(&app.database, reschedule(&app, &reference, 2, later), app.now)
        .await
        .unwrap();
    assert_eq!(
        app.appointment(&reference).await,
        ("pending".to_owned(), 3, later)
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn an_expired_request_does_not_move_to_a_time_that_stays_free() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let reference = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(7 * 48)))
        .await;
    let later = plus_minutes(app.now, 24 * 60 + 1);
    let target = app.slot(8 * 48);
    let moved = booking::reschedule(&app.database, reschedule(&app, &reference, 2, target), later).await;
    // Either it is refused, or the new time is taken by it.
    let new_is_free = is_free(
        &app.database,
        app.wanted(0, VISIT, target),
        Except::default(),
        later,
    )
    .await
    .unwrap();
    assert_eq!(moved.is_ok(), !new_is_free, "{moved:?}");
}
