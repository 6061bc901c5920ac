//! Races for times: holding, booking, keeping and moving.

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{
    APPOINTMENTS, DOCTORS, INSTANT, LONG, TestApp, VISIT, hold, one_winner, refusal, submit, visitor,
};
use crate::{
    account::{
        Role,
        service::{SetActive, set_doctor_active},
    },
    appointment::{
        Status,
        service::{self as appointment, ChangeStatus},
    },
    availability::service::{Except, alternatives, is_free},
    booking::{
        Wanted,
        service::{self as booking, Reschedule},
    },
    error::{AppError, Refusal},
    time::plus_minutes,
};

type Held = Result<String, AppError>;

async fn hold_all(app: &TestApp, choices: Vec<(usize, Wanted)>, now: Timestamp) -> Vec<Held> {
    let racers = choices
        .into_iter()
        .map(|(visitor, wanted)| {
            let (database, live) = (app.database.clone(), app.live.clone());
            async move { booking::hold(&database, &live, hold(visitor, wanted), now).await }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

async fn submit_all(app: &TestApp, bookings: Vec<(usize, i64, String)>, now: Timestamp) -> Vec<Held> {
    let racers = bookings
        .into_iter()
        .map(|(visitor, patient_id, reference)| {
            let (database, live) = (app.database.clone(), app.live.clone());
            async move {
                booking::submit(&database, &live, submit(visitor, patient_id, &reference), now)
                    .await
                    .map(|booked| booked.reference)
            }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

fn reschedule(app: &TestApp, reference: &str, version: i32, starts_at: Timestamp) -> Reschedule {
    Reschedule {
        key: None,
        caller: app.admin_caller(),
        which: reference.into(),
        version: Some(version),
        starts_at,
        visitor: None,
    }
}

async fn reschedule_all(app: &TestApp, moves: Vec<Reschedule>) -> Vec<Result<(), AppError>> {
    let now = app.now;
    let racers = moves
        .into_iter()
        .map(|command| {
            let (database, live) = (app.database.clone(), app.live.clone());
            async move {
                booking::reschedule(&database, &live, command, now)
                    .await
                    .map(drop)
            }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

// One time, many people.

async fn fifty_visitors_race(app: &TestApp) {
    // The first time is in an hour that nobody has booked in yet, the second one in the same hour.
    for slot in [18, 19] {
        let wanted = app.wanted(0, VISIT, app.slot(slot));
        let first = 100 * usize::try_from(slot).unwrap();
        let choices = (first..first + 50).map(|visitor| (visitor, wanted)).collect();
        let results = hold_all(app, choices, app.now).await;
        let (reference, losers) = one_winner(&results);
        assert_eq!(app.appointment(&reference).await.0, "held");
        for error in losers {
            assert_eq!(
                error,
                AppError::BookingFailed {
                    reason: Refusal::SlotTaken,
                    wanted
                }
            );
        }
    }
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_sound().await;
}

#[sqlx::test]
async fn fifty_visitors_racing_for_one_time_get_one_hold(_: PgPoolOptions, options: PgConnectOptions) {
    fifty_visitors_race(&TestApp::new(options).await).await;
}

#[sqlx::test]
async fn fifty_visitors_racing_for_one_time_get_one_hold_by_the_locks_alone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    fifty_visitors_race(&app).await;
}

/// Each held the time after the hold of the one before had run out.
async fn fifty_patients_race_for_a_lapsed_time(app: &TestApp) {
    let wanted = app.wanted(0, VISIT, app.slot(48));
    let mut now = app.now;
    let mut bookings = Vec::new();
    for (number, patient_id) in app.patients(50).await.into_iter().enumerate() {
        let reference = app.hold(number, wanted, now).await.unwrap();
        bookings.push((number, patient_id, reference));
        now = plus_minutes(now, 11);
    }
    let results = submit_all(app, bookings, now).await;
    let (reference, losers) = one_winner(&results);
    assert_eq!(app.appointment(&reference).await.0, "pending");
    for error in losers {
        assert_eq!(
            error,
            AppError::BookingFailed {
                reason: Refusal::HoldExpired,
                wanted
            }
        );
    }
    assert_eq!(
        app.count("select count(*) from appointments where status in ('held', 'pending')")
            .await,
        1
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn fifty_patients_who_each_held_a_time_book_it_once(_: PgPoolOptions, options: PgConnectOptions) {
    fifty_patients_race_for_a_lapsed_time(&TestApp::new(options).await).await;
}

#[sqlx::test]
async fn fifty_patients_who_each_held_a_time_book_it_once_by_the_locks_alone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    fifty_patients_race_for_a_lapsed_time(&app).await;
}

/// Times that overlap without being equal, some of them across the full hour, in which their locks
/// meet.
async fn overlapping_times_race(app: &TestApp) {
    let start = app.slot(20);
    let choices = (0..48)
        .map(|number| {
            let starts_at = plus_minutes(start, i64::try_from(number % 8).unwrap() * 15);
            (number, app.wanted(0, LONG, starts_at))
        })
        .collect();
    let results = hold_all(app, choices, app.now).await;
    // Less than two hours of starts, an hour for each with its buffers.
    let winners = results.iter().flatten().count();
    assert!((1..=2).contains(&winners), "{results:?}");
    assert!(
        results
            .iter()
            .all(|result| result.is_ok() || refusal(result) == Some(Refusal::SlotTaken)),
        "{results:?}"
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn of_overlapping_times_only_those_are_held_that_do_not_overlap(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    overlapping_times_race(&TestApp::new(options).await).await;
}

#[sqlx::test]
async fn of_overlapping_times_only_those_are_held_that_do_not_overlap_by_the_locks_alone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    app.open_hours().await;
    overlapping_times_race(&app).await;
}

#[sqlx::test]
async fn distant_times_of_one_doctor_are_all_had_at_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let choices = (0..50)
        .map(|number| {
            (
                number,
                app.wanted(0, VISIT, app.slot(i64::try_from(number).unwrap())),
            )
        })
        .collect();
    let results = hold_all(&app, choices, app.now).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    app.assert_sound().await;
}

#[sqlx::test]
async fn two_losers_who_take_the_same_alternative_race_safely_again(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let wanted = app.wanted(0, VISIT, app.slot(18));
    app.hold(0, wanted, app.now).await.unwrap();
    let except = Except::default();
    let offered = alternatives(&app.database, wanted, except.clone(), Role::Patient, app.now)
        .await
        .unwrap();
    assert_eq!(offered.len(), 3);
    assert!(
        offered
            .iter()
            .any(|alternative| alternative.offering.doctor_id != wanted.doctor_id)
    );
    for alternative in &offered {
        let wanted = alternative.offering.at(alternative.starts_at);
        assert!(
            is_free(&app.database, wanted, except.clone(), app.now)
                .await
                .unwrap()
        );
    }
    let first = offered[0].offering.at(offered[0].starts_at);
    let results = hold_all(&app, vec![(1, first), (2, first)], app.now).await;
    let (_, losers) = one_winner(&results);
    assert_eq!(
        losers,
        [AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted: first
        }]
    );
    let again = alternatives(&app.database, first, except, Role::Patient, app.now)
        .await
        .unwrap();
    assert!(
        again
            .iter()
            .all(|alternative| alternative.offering.at(alternative.starts_at) != first)
    );
    app.assert_sound().await;
}

// One patient, two places.

/// In each of many half hours, one patient books two doctors from two browsers at once.
async fn one_patient_races_with_themselves(app: &TestApp) {
    let patient_id = app.patient(1).await;
    let mut bookings = Vec::new();
    for number in 0..12 {
        for doctor in 0..2 {
            let visitor = 2 * usize::try_from(number).unwrap() + doctor;
            let wanted = app.wanted(doctor, VISIT, app.slot(2 * number));
            bookings.push((
                visitor,
                patient_id,
                app.hold(visitor, wanted, app.now).await.unwrap(),
            ));
        }
    }
    let results = submit_all(app, bookings, app.now).await;
    for pair in results.chunks(2) {
        let (_, losers) = one_winner(pair);
        assert!(
            matches!(
                losers[..],
                [AppError::BookingFailed {
                    reason: Refusal::PatientOverlap,
                    ..
                }]
            ),
            "{losers:?}"
        );
    }
    assert_eq!(
        app.count("select count(*) from appointments where status = 'pending'")
            .await,
        12
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn one_patient_booking_two_doctors_at_once_is_with_one_of_them(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    one_patient_races_with_themselves(&TestApp::new(options).await).await;
}

#[sqlx::test]
async fn one_patient_booking_two_doctors_at_once_is_with_one_of_them_by_the_locks_alone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    one_patient_races_with_themselves(&app).await;
}

#[sqlx::test]
async fn a_request_that_nobody_answered_is_no_obstacle_for_its_patient(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient_id = app.patient(1).await;
    // In a week, so that it runs out long before its time.
    let starts_at = app.slot(7 * 48);
    app.requested(patient_id, app.wanted(0, VISIT, starts_at)).await;
    let later = plus_minutes(app.now, 24 * 60 + 1);
    // No worker has been round.
    let held = app.hold(1, app.wanted(1, VISIT, starts_at), later).await.unwrap();
    app.submit(1, patient_id, &held, later).await.unwrap();
    app.assert_sound().await;
}

// Clicks.

#[sqlx::test]
async fn ten_clicks_at_once_book_once_and_answer_the_same(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patient_id = app.patient(1).await;
    for service in [VISIT, INSTANT] {
        let wanted = app.wanted(0, service, app.slot(2 * i64::try_from(service).unwrap()));
        let held = app.hold(1, wanted, app.now).await.unwrap();
        let results = submit_all(&app, vec![(1, patient_id, held.clone()); 10], app.now).await;
        assert_eq!(results, vec![Ok(held); 10]);
    }
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    assert_eq!(app.count("select count(*) from appointment_changes").await, 4);
    app.assert_sound().await;
}

/// The hold ran out and was ended, the time is free: it is held again, and still booked once.
#[sqlx::test]
async fn ten_clicks_on_a_hold_that_was_ended_book_once_and_answer_the_same(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient_id = app.patient(1).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(18)), app.now)
        .await
        .unwrap();
    let later = plus_minutes(app.now, 11);
    assert_eq!(appointment::expire(&app.database, &app.live, later).await, Ok(1));
    let results = submit_all(&app, vec![(1, patient_id, held.clone()); 10], later).await;
    let first = results[0].clone().unwrap();
    assert_ne!(first, held);
    assert_eq!(results, vec![Ok(first.clone()); 10]);
    // And an eleventh, after Back.
    assert_eq!(app.submit(1, patient_id, &held, later).await, Ok(first));
    assert_eq!(
        app.count("select count(*) from appointments where status = 'pending'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn choosing_another_time_lets_the_first_one_go(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (first, second) = (
        app.wanted(0, VISIT, app.slot(18)),
        app.wanted(1, VISIT, app.slot(30)),
    );
    let held = app.hold(1, first, app.now).await.unwrap();
    app.hold(1, second, app.now).await.unwrap();
    assert_eq!(app.appointment(&held).await.0, "cancelled");
    app.hold(2, first, app.now).await.unwrap();
    app.assert_sound().await;
}

#[sqlx::test]
async fn one_browser_clicking_many_times_at_once_holds_one(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let choices = (0..20).map(|number| {
        (
            1,
            app.wanted(number % 4, VISIT, app.slot(2 * i64::try_from(number).unwrap())),
        )
    });
    let results = hold_all(&app, choices.collect(), app.now).await;
    assert!(results.iter().any(Result::is_ok), "{results:?}");
    app.assert_sound().await;
    // The last of them may not have seen the others; the next click tidies up.
    app.hold(1, app.wanted(0, VISIT, app.slot(100)), app.now)
        .await
        .unwrap();
    assert_eq!(
        app.count("select count(*) from appointments where status = 'held'")
            .await,
        1
    );
}

// Holds that ran out.

#[sqlx::test]
async fn a_hold_that_ran_out_is_free_without_anybody_ending_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
#[sqlx::test]
async fn a_time_whose_hold_ran_out_goes_to_its_owner_or_to_one_other(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    let later = plus_minutes(app.now, 11);
    for round in 0..4 {
        let wanted = app.wanted(0, VISIT, app.slot(2 * round));
        let owner = 100 + usize::try_from(round).unwrap();
        let patient_id = app.patient(owner).await;
        let held = app.hold(owner, wanted, app.now).await.unwrap();
        let (database, live) = (app.database.clone(), app.live.clone());
        let racers: Vec<_> = (0..12)
            .map(|number| {
                let (database, live, held) = (database.clone(), live.clone(), held.clone());
                async move {
                    match number {
                        0 => booking::submit(&database, &live, submit(owner, patient_id, &held), later)
                            .await
                            .map(|booked| booked.reference),
                        1 => appointment::expire(&database, &live, later)
                            .await
                            .map(|_| String::new()),
                        _ => booking::hold(&database, &live, hold(number, wanted), later).await,
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

#[sqlx::test]
async fn keeping_a_hold_that_ran_out_and_taking_it_exclude_each_other(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    let later = plus_minutes(app.now, 11);
    let mut held = Vec::new();
    for number in 0..12 {
        let wanted = app.wanted(0, VISIT, app.slot(2 * i64::try_from(number).unwrap()));
        held.push((number, wanted, app.hold(number, wanted, app.now).await.unwrap()));
    }
    let racer = |(number, wanted, reference): (usize, Wanted, String), keeps: bool| {
        let (database, live) = (app.database.clone(), app.live.clone());
        async move {
            if keeps {
                booking::keep(&database, reference, visitor(number), 10, later).await
            } else {
                booking::hold(&database, &live, hold(1000 + number, wanted), later)
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

#[sqlx::test]
async fn a_time_is_kept_for_half_an_hour_at_most(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let wanted = app.wanted(0, VISIT, app.slot(18));
    let held = app.hold(1, wanted, app.now).await.unwrap();
    for minute in [5, 14, 23, 29] {
        let at = plus_minutes(app.now, minute);
        booking::keep(&app.database, held.clone(), visitor(1), 10, at)
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

#[sqlx::test]
async fn nobody_keeps_or_books_what_another_browser_holds(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(18)), app.now)
        .await
        .unwrap();
    let patient_id = app.patient(1).await;
    let stranger = booking::keep(&app.database, held.clone(), visitor(2), 10, app.now).await;
    assert_eq!(stranger, Err(AppError::NotFound));
    assert_eq!(
        app.submit(2, patient_id, &held, app.now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(app.appointment(&held).await.1, 1);
}

// Moving.

#[sqlx::test]
async fn two_appointments_that_want_each_others_time_both_stay_where_they_are(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

/// The old time is free if and only if the new one is taken (B10).
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

#[sqlx::test]
async fn of_many_who_move_to_one_free_time_one_does_and_the_rest_keep_theirs(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    appointments_race_for_one_free_time(&TestApp::new(options).await).await;
}

#[sqlx::test]
async fn of_many_who_move_to_one_free_time_one_does_and_the_rest_keep_theirs_by_the_locks_alone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    app.open_hours().await;
    appointments_race_for_one_free_time(&app).await;
}

#[sqlx::test]
async fn a_chain_of_moves_and_a_newcomer_leave_everybody_with_one_time(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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
        let (database, live) = (app.database.clone(), app.live.clone());
        let index = number % 10;
        let starts_at = app.slot(i64::try_from(index).unwrap() + i64::from(number < 10));
        let command = reschedule(&app, &references[index], 3, starts_at);
        let newcomer = hold(number, app.wanted(0, VISIT, starts_at));
        racers.push(async move {
            if number < 10 {
                booking::reschedule(&database, &live, command, now)
                    .await
                    .map(drop)
            } else {
                booking::hold(&database, &live, newcomer, now).await.map(drop)
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

#[sqlx::test]
async fn moving_by_less_than_its_length_is_no_conflict_with_itself(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient_id = app.patient(1).await;
    let starts_at = app.slot(20);
    let reference = app.requested(patient_id, app.wanted(0, LONG, starts_at)).await;
    let later = plus_minutes(starts_at, 15);
    booking::reschedule(
        &app.database,
        &app.live,
        reschedule(&app, &reference, 2, later),
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(
        app.appointment(&reference).await,
        ("pending".to_owned(), 3, later)
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_request_that_ran_out_cannot_be_moved_to_a_time_that_it_would_not_have(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient_id = app.patient(1).await;
    let reference = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(7 * 48)))
        .await;
    let later = plus_minutes(app.now, 24 * 60 + 1);
    let target = app.slot(8 * 48);
    let moved = booking::reschedule(
        &app.database,
        &app.live,
        reschedule(&app, &reference, 2, target),
        later,
    )
    .await;
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

// The doctor stops taking bookings.

#[sqlx::test]
async fn a_booking_that_began_before_the_doctor_stopped_is_kept_and_none_is_made_after(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let doctor = app.doctors[0].id;
    // Somebody else is booking in the same hour, so this booking waits, with the doctor locked.
    let early = app.wanted(0, VISIT, app.slot(18));
    app.hold(1, app.wanted(0, VISIT, app.slot(19)), app.now)
        .await
        .unwrap();
    let mut other = app.database.pool().begin().await.unwrap();
    sqlx::query("select from calendar_hours for update")
        .execute(&mut *other)
        .await
        .unwrap();
    let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
    let booking = tokio::spawn(async move { booking::hold(&database, &live, hold(2, early), now).await });
    app.until_waiting(1).await;
    let (database, live) = (app.database.clone(), app.live.clone());
    let command = SetActive {
        caller: app.admin_caller(),
        doctor_id: doctor,
        active: false,
        version: 1,
        key: None,
    };
    let stopping =
        tokio::spawn(async move { set_doctor_active(&database, &live, command, now).await.map(drop) });
    app.until_waiting(2).await;
    assert!(!stopping.is_finished());
    other.rollback().await.unwrap();
    booking.await.unwrap().unwrap();
    stopping.await.unwrap().unwrap();
    let late = app.hold(3, app.wanted(0, VISIT, app.slot(30)), app.now).await;
    assert_eq!(late, Err(AppError::NotFound));
}

#[sqlx::test]
async fn a_booking_that_comes_while_the_doctor_is_stopping_is_refused(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let wanted = app.wanted(0, VISIT, app.slot(18));
    let mut stopping = app.database.pool().begin().await.unwrap();
    sqlx::query("update doctors set active = false where id = $1")
        .bind(app.doctors[0].id)
        .execute(&mut *stopping)
        .await
        .unwrap();
    let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
    let booking = tokio::spawn(async move { booking::hold(&database, &live, hold(1, wanted), now).await });
    app.until_waiting(1).await;
    stopping.commit().await.unwrap();
    assert_eq!(booking.await.unwrap(), Err(AppError::NotFound));
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[sqlx::test]
async fn bookings_racing_the_doctors_stop_are_held_or_refused_and_no_more_come(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let (doctor, now) = (app.doctors[0].id, app.now);
    let racers: Vec<_> = (0..25)
        .map(|number| {
            let (database, live) = (app.database.clone(), app.live.clone());
            let command = SetActive {
                caller: app.admin_caller(),
                doctor_id: doctor,
                active: false,
                version: 1,
                key: None,
            };
            let wanted = app.wanted(0, VISIT, app.slot(2 * i64::try_from(number).unwrap()));
            async move {
                if number == 12 {
                    set_doctor_active(&database, &live, command, now).await.map(drop)
                } else {
                    booking::hold(&database, &live, hold(number, wanted), now)
                        .await
                        .map(drop)
                }
            }
        })
        .collect();
    let results = app.race(racers).await;
    results[12].unwrap();
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(()) | Err(AppError::NotFound))),
        "{results:?}"
    );
    let held = i64::try_from(results.iter().flatten().count()).unwrap() - 1;
    assert_eq!(app.count("select count(*) from appointments").await, held);
}

// What is no time.

#[sqlx::test]
async fn what_is_not_in_the_list_cannot_be_held(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let good = app.wanted(0, VISIT, app.slot(18));
    let second = |starts_at: i64| Wanted { starts_at, ..good };
    let closed = AppError::BookingFailed {
        reason: Refusal::SlotClosed,
        wanted: good,
    };
    for (what, wanted, expected) in [
        ("the past", second(app.now.as_second() / 1800 * 1800), closed),
        ("1970", second(0), closed),
        ("long ago", second(i64::MIN), closed),
        ("never", second(i64::MAX), closed),
        ("beyond the horizon", second(good.starts_at + 61 * 86_400), closed),
        ("off the grid", second(good.starts_at + 60), closed),
        (
            "another doctor",
            Wanted {
                doctor_id: 999,
                ..good
            },
            AppError::NotFound,
        ),
        (
            "another clinic",
            Wanted {
                clinic_id: -1,
                ..good
            },
            AppError::NotFound,
        ),
        (
            "another service",
            Wanted {
                service_id: i64::MAX,
                ..good
            },
            AppError::NotFound,
        ),
    ] {
        let result = app.hold(1, wanted, app.now).await;
        match expected {
            AppError::BookingFailed { reason, .. } => {
                assert_eq!(result, Err(AppError::BookingFailed { reason, wanted }), "{what}");
            }
            expected => assert_eq!(result, Err(expected), "{what}"),
        }
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[sqlx::test]
async fn a_time_that_the_clinic_closed_meanwhile_is_not_booked(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patient_id = app.patient(1).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(18)), app.now)
        .await
        .unwrap();
    app.sql("delete from working_hours").await;
    let result = app.submit(1, patient_id, &held, app.now).await;
    assert_eq!(refusal(&result), Some(Refusal::SlotClosed));
    assert_eq!(app.appointment(&held).await.0, "held");
}

#[sqlx::test]
async fn a_service_that_books_at_once_confirms_and_the_others_ask(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient_id = app.patient(1).await;
    let asked = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(18)))
        .await;
    let booked = app
        .requested(patient_id, app.wanted(0, INSTANT, app.slot(20)))
        .await;
    assert_eq!(app.appointment(&asked).await.0, Status::Pending.as_str());
    assert_eq!(app.appointment(&booked).await.0, Status::Confirmed.as_str());
}

// One in place of another.

fn instead(number: usize, patient_id: i64, held: &str, other: &str, version: i32) -> booking::Submit {
    booking::Submit {
        instead_of: Some((other.to_owned(), version)),
        ..submit(number, patient_id, held)
    }
}

#[sqlx::test]
async fn a_time_taken_in_place_of_another_frees_that_one_and_a_stale_page_changes_neither(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(2).await;
    let other = app.confirmed(patients[0], 0, app.slot(0)).await;
    let held = app
        .hold(1, app.wanted(1, VISIT, app.slot(0)), app.now)
        .await
        .unwrap();
    let run = |command: booking::Submit| {
        let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
        async move { booking::submit(&database, &live, command, now).await }
    };
    let overlaps = run(submit(1, patients[0], &held)).await;
    assert_eq!(refusal(&overlaps), Some(Refusal::PatientOverlap));
    let stale = run(instead(1, patients[0], &held, &other, 2)).await;
    assert!(matches!(stale, Err(AppError::StaleVersion { .. })), "{stale:?}");
    assert_eq!(app.appointment(&other).await.0, "confirmed");
    assert_eq!(app.appointment(&held).await.0, "held");
    // What is in nobody's way is not given up, whatever a form says.
    let apart = app.confirmed(patients[0], 2, app.slot(10)).await;
    let apart = run(instead(1, patients[0], &held, &apart, 3)).await;
    assert_eq!(apart, Err(AppError::NotFound));
    // Nobody gives up what is somebody else's.
    let theirs = app.confirmed(patients[1], 2, app.slot(0)).await;
    let stolen = run(instead(1, patients[0], &held, &theirs, 3)).await;
    assert_eq!(stolen, Err(AppError::NotFound));
    assert_eq!(app.appointment(&theirs).await.0, "confirmed");

    run(instead(1, patients[0], &held, &other, 3)).await.unwrap();
    assert_eq!(app.appointment(&other).await.0, "cancelled");
    assert_eq!(app.appointment(&held).await.0, "pending");
    app.assert_sound().await;
}

type Racer = std::pin::Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

/// Each patient wants the time of the other one's doctor in place of their own, while the first doctor starts the
/// visits: whoever is told no has kept what they had.
#[sqlx::test]
async fn taking_one_time_in_place_of_another_races_whoever_changes_that_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(10).await;
    let mut racers: Vec<Racer> = Vec::new();
    let mut pairs = Vec::new();
    for (number, &patient_id) in patients.iter().enumerate() {
        let slot = app.slot(i64::try_from(number).unwrap());
        let other = app.confirmed(patient_id, 0, slot).await;
        let held = app
            .hold(number, app.wanted(1, VISIT, slot), app.now)
            .await
            .unwrap();
        let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
        let command = instead(number, patient_id, &held, &other, 3);
        racers.push(Box::pin(async move {
            booking::submit(&database, &live, command, now).await.map(drop)
        }));
        let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
        let start = ChangeStatus {
            key: None,
            caller: app.doctor_caller(0),
            which: other.clone().into(),
            to: Status::InProgress,
            version: Some(3),
            reason: String::new(),
        };
        racers.push(Box::pin(async move {
            appointment::change_status(&database, &live, start, now)
                .await
                .map(drop)
        }));
        pairs.push((other, held));
    }
    let results = app.race_behind(APPOINTMENTS, vec![racers]).await;
    for ((other, held), results) in pairs.iter().zip(results.chunks(2)) {
        let (other, held) = (app.appointment(other).await.0, app.appointment(held).await.0);
        match (&results[0], &results[1]) {
            (Ok(()), Err(_)) => assert_eq!((other.as_str(), held.as_str()), ("cancelled", "pending")),
            (Err(_), Ok(())) => assert_eq!((other.as_str(), held.as_str()), ("in_progress", "held")),
            both => panic!("{both:?}"),
        }
    }
    app.assert_sound().await;
}
