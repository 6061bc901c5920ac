//! Holds that have expired, and holds that are extended.

use crate::support::{APPOINTMENTS, RULES, TestApp, VISIT, hold, one_winner, refusal, submit, visitor};
use engine::{
    appointment,
    availability::{Except, is_free},
    booking::{self, Wanted},
    error::{AppError, Refusal},
    time::plus_minutes,
};

#[tokio::test]
async fn the_time_of_an_expired_hold_is_free_without_anybody_ending_it() {
    let app = TestApp::new().await;
    let wanted = app.wanted(0, VISIT, app.slot(18));
    app.hold(1, wanted, app.now).await.unwrap();
    let almost = plus_minutes(app.now, 9);
    assert_eq!(
        refusal(&app.hold(2, wanted, almost).await),
        Some(Refusal::SlotTaken)
    );
    let exactly = plus_minutes(app.now, 10);
    assert!(
        is_free(&app.database, wanted, Except::default(), exactly)
            .await
            .unwrap()
    );
    app.hold(2, wanted, exactly).await.unwrap();
    app.assert_sound().await;
}

/// In many half hours at once: the owner books, ten others want the time, and the worker comes by.
#[tokio::test]
async fn the_time_of_an_expired_hold_goes_to_one_person() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    let later = plus_minutes(app.now, 11);
    for round in 0..4 {
        let wanted = app.wanted(0, VISIT, app.slot(2 * round));
        let owner = 100 + usize::try_from(round).unwrap();
        let patient_id = app.patient(owner).await;
        let held = app.hold(owner, wanted, app.now).await.unwrap();
        let database = app.database.clone();
        let racers: Vec<_> = (0..12)
            .map(|number| {
                let (database, held) = (database.clone(), held.clone());
                async move {
                    match number {
                        0 => booking::submit(&database, submit(owner, patient_id, &held), later)
                            .await
                            .map(|booked| booked.reference),
                        1 => appointment::expire(&database, later).await.map(|_| String::new()),
                        _ => booking::hold(&database, hold(number, wanted), later).await,
                    }
                }
            })
            .collect();
        let mut results = app.race(racers).await;
        results.remove(1).unwrap();
        let (_, losers) = one_winner(&results);
        for error in losers {
            assert!(matches!(
                error,
                AppError::BookingFailed {
                    reason: Refusal::SlotTaken | Refusal::HoldExpired,
                    ..
                }
            ));
        }
        if results[0].is_err() {
            assert_eq!(refusal(&results[0]), Some(Refusal::HoldExpired));
        }
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn extending_an_expired_hold_and_taking_its_time_do_not_both_succeed() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    let later = plus_minutes(app.now, 11);
    let mut held = Vec::new();
    for number in 0..12 {
        let wanted = app.wanted(0, VISIT, app.slot(2 * i64::try_from(number).unwrap()));
        held.push((number, wanted, app.hold(number, wanted, app.now).await.unwrap()));
    }
    let racer = |(number, wanted, reference): (usize, Wanted, String), keeps: bool| {
        let database = app.database.clone();
        async move {
            if keeps {
                booking::extend(&database, reference, visitor(number), RULES, later).await
            } else {
                booking::hold(&database, hold(1000 + number, wanted), later)
                    .await
                    .map(drop)
            }
        }
    };
    // For the first six, who takes comes first; for the others, who keeps.
    let wave = |is_second: bool| -> Vec<_> {
        held.iter()
            .map(|one| racer(one.clone(), (one.0 < 6) == is_second))
            .collect()
    };
    let waves = vec![wave(false), wave(true)];
    let results = app.race_behind(APPOINTMENTS, waves).await;
    let (first, second) = results.split_at(12);
    for (number, (first, second)) in first.iter().zip(second).enumerate() {
        let (keeper, taker) = if number < 6 {
            (second, first)
        } else {
            (first, second)
        };
        let expected = if keeper.is_ok() {
            Refusal::SlotTaken
        } else {
            Refusal::HoldExpired
        };
        let (_, losers) = one_winner(&[*keeper, *taker]);
        assert!(
            matches!(losers[..], [AppError::BookingFailed { reason, .. }] if reason == expected),
            "{losers:?}"
        );
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_hold_is_extended_to_half_an_hour_at_most() {
    let app = TestApp::new().await;
    let wanted = app.wanted(0, VISIT, app.slot(18));
    let held = app.hold(1, wanted, app.now).await.unwrap();
    for minute in [5, 14, 23, 29] {
        let at = plus_minutes(app.now, minute);
        booking::extend(&app.database, held.clone(), visitor(1), RULES, at)
            .await
            .unwrap();
        assert_eq!(
            refusal(&app.hold(2, wanted, at).await),
            Some(Refusal::SlotTaken),
            "{minute}"
        );
    }
    app.hold(2, wanted, plus_minutes(app.now, 30)).await.unwrap();
}

#[tokio::test]
async fn the_hold_of_another_browser_can_be_neither_extended_nor_booked() {
    let app = TestApp::new().await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(18)), app.now)
        .await
        .unwrap();
    let patient_id = app.patient(1).await;
    let stranger = booking::extend(&app.database, held.clone(), visitor(2), RULES, app.now).await;
    assert_eq!(stranger, Err(AppError::NotFound));
    assert_eq!(
        app.submit(2, patient_id, &held, app.now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(app.appointment(&held).await.1, 1);
}
