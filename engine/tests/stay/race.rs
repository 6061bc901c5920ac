//! Many want rooms at once.

use super::*;
use crate::support::RULES;
use engine::stay::{SetNights, Status};

/// Whoever takes rooms comes to their kind.
const ROOM_TYPES: &str = "select from room_types for update";
/// Whoever changes a stay comes to its row.
const STAYS: &str = "select from stays for update";

type Racer = std::pin::Pin<Box<dyn Future<Output = Result<Stay, AppError>> + Send>>;

fn booking(app: &TestApp, command: BookStay) -> Racer {
    let (database, now) = (app.database.clone(), app.now);
    Box::pin(async move { stay::book(&database, command, now).await })
}

fn changing_to(app: &TestApp, command: ChangeStay) -> Racer {
    let (database, now) = (app.database.clone(), app.now);
    Box::pin(async move { stay::change(&database, command, now).await })
}

fn cancelling_it(app: &TestApp, command: CancelStay) -> Racer {
    let (database, now) = (app.database.clone(), app.now);
    Box::pin(async move { stay::cancel(&database, command, now).await })
}

#[tokio::test]
async fn of_twenty_who_want_one_of_ten_rooms_ten_have_one_and_ten_are_told() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 10).await;
    let patients = app.patients(20).await;
    let three = wanted(&app, single, (10, 13), 1);
    let racers = patients
        .iter()
        .map(|&id| booking(&app, request(id, three)))
        .collect();
    let results = app.race_behind(ROOM_TYPES, vec![racers]).await;
    assert_eq!(results.iter().flatten().count(), 10, "{results:?}");
    let told = AppError::RoomsShort {
        wanted: three,
        available: 0,
        night: day(&app, 10),
    };
    assert_eq!(
        results.iter().filter(|result| **result == Err(told)).count(),
        10,
        "{results:?}"
    );
    assert_eq!(free(&app, single, (9, 14)).await, [10, 0, 0, 0, 10]);
    no_deadlock(&app).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn who_wants_more_rooms_than_are_left_has_none_and_hears_the_night() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 10).await;
    let patients = app.patients(12).await;
    // One night of the three is nearly full.
    book(&app, patients[0], wanted(&app, single, (11, 12), 7))
        .await
        .unwrap();
    let two = wanted(&app, single, (10, 13), 2);
    let racers = patients[1..]
        .iter()
        .map(|&id| booking(&app, request(id, two)))
        .collect();
    let results = app.race_behind(ROOM_TYPES, vec![racers]).await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    let told = AppError::RoomsShort {
        wanted: two,
        available: 1,
        night: day(&app, 11),
    };
    assert_eq!(
        results.iter().filter(|result| **result == Err(told)).count(),
        10,
        "{results:?}"
    );
    assert_eq!(free(&app, single, (10, 13)).await, [8, 1, 8]);
    no_deadlock(&app).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn five_identical_requests_are_one_stay_and_five_same_answers() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 10).await;
    let me = app.patient(1).await;
    let three = wanted(&app, single, (10, 13), 2);
    let racers = (0..5).map(|_| booking(&app, derived(me, three))).collect();
    let results = app.race(racers).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| *result == Ok(first.clone())),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from stays").await, 1);
    assert_eq!(first.total_minor, 3 * 2 * PRICE);
    assert_eq!(free(&app, single, (10, 13)).await, [8, 8, 8]);
    // What was cancelled is no answer to a new wish.
    stay::cancel(&app.database, cancelling(&first), app.now)
        .await
        .unwrap();
    let again = stay::book(&app.database, derived(me, three), app.now)
        .await
        .unwrap();
    assert_ne!(again.id, first.id);
    app.assert_whole().await;
}

/// Each holds rooms of one kind and wants some of the other: what it gives back and what it takes are two runs of nights, and
/// half of them name these the other way round. Without the order of the locks they wait for each other in a circle.
#[tokio::test]
async fn fifty_over_overlapping_nights_in_opposite_orders_do_not_deadlock() {
    let app = TestApp::crowded().await;
    let types = [
        room_type(&app, "Single room", 1000).await,
        room_type(&app, "Double room", 1000).await,
    ];
    let patients = app.patients(50).await;
    for (number, &id) in patients.iter().enumerate() {
        let shift = i32::try_from(number % 5).unwrap();
        hold(
            &app,
            id,
            wanted(&app, types[number % 2], (10 + shift, 30 + shift), 1),
        )
        .await
        .unwrap();
    }
    for round in 1..=2 {
        let racers: Vec<Racer> = patients
            .iter()
            .enumerate()
            .map(|(number, &id)| {
                let shift = i32::try_from(number % 5).unwrap();
                let command = request(
                    id,
                    wanted(&app, types[(number + round) % 2], (10 + shift, 30 + shift), 1),
                );
                let (database, now) = (app.database.clone(), app.now);
                let racer: Racer = Box::pin(async move { stay::hold(&database, command, RULES, now).await });
                racer
            })
            .collect();
        for result in app.race(racers).await {
            result.unwrap();
        }
    }
    assert_eq!(
        app.count("select count(*) from stays where status = 'held'")
            .await,
        50
    );
    no_deadlock(&app).await;
    app.assert_whole().await;
}

/// Nobody has wanted any of the nights before: whoever makes their rows keeps the others waiting.
#[tokio::test]
async fn fifty_over_nights_without_a_row_yet_do_not_deadlock() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 20).await;
    let patients = app.patients(50).await;
    let racers = patients
        .iter()
        .enumerate()
        .map(|(number, &id)| {
            let from = 40 - i32::try_from(number * 7 % 25).unwrap();
            booking(&app, request(id, wanted(&app, single, (from, from + 10), 1)))
        })
        .collect();
    let results = app.race(racers).await;
    for result in &results {
        assert!(
            matches!(result, Ok(_) | Err(AppError::RoomsShort { .. })),
            "{result:?}"
        );
    }
    no_deadlock(&app).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn a_stay_that_is_cancelled_ten_times_at_once_gives_its_rooms_back_once() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 10).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let mine = book(&app, me, wanted(&app, single, (10, 13), 3)).await.unwrap();
    book(&app, other, wanted(&app, single, (11, 12), 4))
        .await
        .unwrap();
    let racers = (0..10).map(|_| cancelling_it(&app, cancelling(&mine))).collect();
    let results = app.race_behind(STAYS, vec![racers]).await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    let refused = AppError::StayTransition {
        stay_id: mine.id,
        from: Status::Cancelled,
        to: Status::Cancelled,
    };
    assert_eq!(
        results.iter().filter(|result| **result == Err(refused)).count(),
        9
    );
    assert_eq!(free(&app, single, (10, 13)).await, [10, 6, 10]);
    app.assert_whole().await;
}

#[tokio::test]
async fn of_a_cancel_and_an_extension_at_once_the_second_sees_the_first() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 10).await;
    let me = app.patient(1).await;
    for cancel_first in [true, false] {
        let mine = book(&app, me, wanted(&app, single, (10, 13), 3)).await.unwrap();
        let cancel = vec![cancelling_it(&app, cancelling(&mine))];
        let longer = changing(&mine, (mine.arrival, day(&app, 15)), 3);
        let extend = vec![changing_to(&app, longer)];
        let waves = match cancel_first {
            true => vec![cancel, extend],
            false => vec![extend, cancel],
        };
        let results = app.race_behind(STAYS, waves).await;
        match cancel_first {
            true => {
                assert!(results[0].is_ok());
                let refused = AppError::StayTransition {
                    stay_id: mine.id,
                    from: Status::Cancelled,
                    to: Status::Cancelled,
                };
                assert_eq!(results[1], Err(refused));
            }
            false => assert!(results.iter().all(Result::is_ok), "{results:?}"),
        }
        assert_eq!(free(&app, single, (9, 16)).await, [10; 7]);
    }
    no_deadlock(&app).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn of_two_changes_of_what_both_have_read_one_wins() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 10).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (10, 13), 1)).await.unwrap();
    let racers = [11, 12]
        .into_iter()
        .map(|until| {
            let command = ChangeStay {
                version: Some(1),
                ..changing(&mine, (mine.arrival, day(&app, until)), 1)
            };
            changing_to(&app, command)
        })
        .collect();
    let results = app.race_behind(STAYS, vec![racers]).await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    let stale = AppError::StaleStay { stay_id: mine.id };
    assert!(results.contains(&Err(stale)), "{results:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn fewer_rooms_and_a_booking_of_the_last_one_at_once_are_one_of_the_two() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 2).await;
    let patients = app.patients(3).await;
    for (number, shrinks_first) in [true, false].into_iter().enumerate() {
        let from = 10 + 10 * i32::try_from(number).unwrap();
        book(&app, patients[0], wanted(&app, single, (from, from + 3), 1))
            .await
            .unwrap();
        let last = wanted(&app, single, (from, from + 3), 1);
        let book_last = vec![booking(&app, request(patients[1], last))];
        let command = SetNights {
            caller: app.admin_caller(),
            room_type_id: single,
            from: day(&app, from + 1),
            until: day(&app, from + 2),
            total: Some(1),
            key: None,
        };
        let (database, now) = (app.database.clone(), app.now);
        let any = book(&app, patients[2], wanted(&app, single, (90, 91), 1))
            .await
            .unwrap();
        let shrink: Vec<Racer> = vec![Box::pin(async move {
            stay::set_nights(&database, command, now).await.map(|()| any)
        })];
        let waves = match shrinks_first {
            true => vec![shrink, book_last],
            false => vec![book_last, shrink],
        };
        let results = app.race_behind(ROOM_TYPES, waves).await;
        let night = day(&app, from + 1);
        assert!(results[0].is_ok(), "{results:?}");
        let second = match shrinks_first {
            true => AppError::RoomsShort {
                wanted: last,
                available: 0,
                night,
            },
            false => AppError::RoomsTaken {
                room_type_id: single,
                total: 1,
                first: night,
                last: night,
            },
        };
        assert_eq!(results[1], Err(second));
        stay::cancel(
            &app.database,
            cancelling(&stays_of(&app, patients[2]).await),
            app.now,
        )
        .await
        .unwrap();
    }
    no_deadlock(&app).await;
    app.assert_whole().await;
}

/// The booked stay of a patient.
async fn stays_of(app: &TestApp, patient_id: i64) -> Stay {
    let items = stay::of_patients(&app.database, &patient_caller(patient_id), vec![patient_id])
        .await
        .unwrap();
    let mut booked = items.into_iter().map(|item| item.stay);
    booked.find(|stay| stay.status == Status::Booked).unwrap()
}

/// Holds that have run out stand in the way of nobody, and each gives its rooms back once.
#[tokio::test]
async fn ten_who_want_what_a_hold_had_until_now_are_one_winner() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 1).await;
    let patients = app.patients(11).await;
    let two = wanted(&app, single, (10, 12), 1);
    let held = hold(&app, patients[0], two).await.unwrap();
    let later = held.held_until.unwrap();
    let racers: Vec<Racer> = patients[1..]
        .iter()
        .map(|&id| {
            let (database, command) = (app.database.clone(), request(id, two));
            let racer: Racer = Box::pin(async move { stay::book(&database, command, later).await });
            racer
        })
        .collect();
    let results = app.race_behind(STAYS, vec![racers]).await;
    assert_eq!(results.iter().flatten().count(), 1, "{results:?}");
    assert_eq!(free(&app, single, (10, 12)).await, [0, 0]);
    no_deadlock(&app).await;
    app.assert_whole().await;
}

/// Neither sees what the other one is about to hold, unless it waits.
#[tokio::test]
async fn of_two_holds_of_a_patient_at_once_one_remains() {
    let app = TestApp::crowded().await;
    let single = room_type(&app, "Single room", 1).await;
    let me = app.patient(1).await;
    let racers: Vec<Racer> = [10, 20]
        .into_iter()
        .map(|from| {
            let (database, now) = (app.database.clone(), app.now);
            let command = request(me, wanted(&app, single, (from, from + 2), 1));
            let racer: Racer = Box::pin(async move { stay::hold(&database, command, RULES, now).await });
            racer
        })
        .collect();
    for result in app.race_behind(ROOM_TYPES, vec![racers]).await {
        result.unwrap();
    }
    for (status, count) in [
        ("select count(*) from stays where status = 'held'", 1),
        ("select count(*) from stays where status = 'lapsed'", 1),
        ("select sum(taken) from room_nights", 2),
    ] {
        assert_eq!(app.count(status).await, count, "{status}");
    }
    no_deadlock(&app).await;
    app.assert_whole().await;
}
