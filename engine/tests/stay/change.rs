//! Stays that are extended, shortened and moved; people who arrive and leave.

use super::*;
use engine::{
    desk,
    error::{Field, FieldProblem},
    stay::{Presence, SetPresence, Status},
    time::plus_minutes,
};

async fn change(app: &TestApp, stay: &Stay, (from, until): (i32, i32), rooms: i32) -> Result<Stay, AppError> {
    let command = changing(stay, (day(app, from), day(app, until)), rooms);
    stay::change(&app.database, command, app.now).await
}

/// Lets rooms that have just been added cost a little more.
async fn make_dearer(app: &TestApp, room_type_id: i64, rooms: i32) {
    let dearer = PutRoomType {
        caller: app.admin_caller(),
        which: Some((room_type_id, 1)),
        description: RoomType {
            price: Price {
                minor: PRICE + 7,
                currency: "IDR".to_owned(),
            },
            ..description(app, "Single room", rooms)
        },
        key: None,
    };
    stay::put_room_type(&app.database, dearer, app.now).await.unwrap();
}

#[tokio::test]
async fn an_extension_takes_only_the_new_nights_at_the_price_of_today() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let me = app.patient(1).await;
    // The only room is theirs, so only new nights can be asked for.
    let mine = book(&app, me, wanted(&app, single, (10, 12), 1)).await.unwrap();
    make_dearer(&app, single, 1).await;
    let longer = change(&app, &mine, (9, 14), 1).await.unwrap();
    assert_eq!(
        (longer.version, longer.reference.clone()),
        (2, mine.reference.clone())
    );
    assert_eq!(longer.total_minor, 2 * PRICE + 3 * (PRICE + 7));
    assert_eq!(free(&app, single, (8, 15)).await, [1, 0, 0, 0, 0, 0, 1]);
    let shorter = change(&app, &longer, (11, 13), 1).await.unwrap();
    assert_eq!(shorter.total_minor, PRICE + (PRICE + 7));
    assert_eq!(free(&app, single, (8, 15)).await, [1, 1, 1, 0, 0, 1, 1]);
    app.assert_whole().await;
}

#[tokio::test]
async fn more_rooms_in_a_night_that_stays_cost_what_was_promised_for_it() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 3).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (10, 12), 1)).await.unwrap();
    make_dearer(&app, single, 3).await;
    let more = change(&app, &mine, (10, 12), 3).await.unwrap();
    assert_eq!(more.total_minor, 2 * 3 * PRICE);
    let longer = change(&app, &more, (11, 13), 2).await.unwrap();
    assert_eq!(longer.total_minor, 2 * PRICE + 2 * (PRICE + 7));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_move_that_cannot_be_had_leaves_everything_as_it_was() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 2).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let mine = book(&app, me, wanted(&app, single, (10, 12), 1)).await.unwrap();
    book(&app, other, wanted(&app, single, (20, 21), 2))
        .await
        .unwrap();
    let to = wanted(&app, single, (19, 22), 1);
    assert_eq!(
        change(&app, &mine, (19, 22), 1).await,
        Err(AppError::RoomsShort {
            wanted: to,
            available: 0,
            night: day(&app, 20),
        })
    );
    assert_eq!(free(&app, single, (10, 12)).await, [1, 1]);
    // The rooms that it has count for it.
    assert_eq!(
        change(&app, &mine, (10, 12), 3).await,
        Err(AppError::RoomsShort {
            wanted: wanted(&app, single, (10, 12), 3),
            available: 2,
            night: day(&app, 10),
        })
    );
    let more = change(&app, &mine, (10, 12), 2).await.unwrap();
    assert_eq!(more.total_minor, 4 * PRICE);
    let moved = change(&app, &more, (30, 31), 1).await.unwrap();
    assert_eq!(moved.total_minor, PRICE);
    assert_eq!(free(&app, single, (10, 12)).await, [2, 2]);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_stay_that_was_cancelled_stays_so() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 2).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (10, 12), 1)).await.unwrap();
    stay::cancel(&app.database, cancelling(&mine), app.now)
        .await
        .unwrap();
    let refused = |to| {
        Err(AppError::StayTransition {
            stay_id: mine.id,
            from: Status::Cancelled,
            to,
        })
    };
    assert_eq!(change(&app, &mine, (10, 13), 1).await, refused(Status::Cancelled));
    let stale = CancelStay {
        version: Some(1),
        ..cancelling(&mine)
    };
    assert_eq!(
        stay::cancel(&app.database, stale, app.now).await,
        Err(AppError::StaleStay { stay_id: mine.id })
    );
    assert_eq!(free(&app, single, (10, 12)).await, [2, 2]);
    app.assert_whole().await;
}

async fn say(app: &TestApp, stay: &Stay, presence: Presence, days: i64) -> Result<Stay, AppError> {
    let command = SetPresence {
        caller: app.admin_caller(),
        stay_id: stay.id,
        presence,
        version: None,
        key: None,
    };
    let then = plus_minutes(app.now, days * 24 * 60);
    stay::set_presence(&app.database, command, then).await
}

#[tokio::test]
async fn who_leaves_early_gives_the_nights_to_come_back() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (10, 15), 1)).await.unwrap();
    assert!(matches!(
        say(&app, &mine, Presence::Arrived, 9).await,
        Err(AppError::StayTransition { .. })
    ));
    let here = say(&app, &mine, Presence::Arrived, 10).await.unwrap();
    assert_eq!(here.status, Status::Arrived);
    // In the wrong row.
    let back = say(&app, &here, Presence::NotArrived, 10).await.unwrap();
    assert_eq!(back.status, Status::Booked);
    let here = say(&app, &back, Presence::Arrived, 10).await.unwrap();
    // Who is here cannot have been elsewhere, nor cancel.
    for (from, until, rooms) in [(9, 15, 1), (11, 15, 1)] {
        assert_eq!(
            change(&app, &here, (from, until), rooms).await,
            Err(AppError::InvalidDateRange)
        );
    }
    assert_eq!(
        change(&app, &here, (10, 15), 2).await,
        Err(AppError::invalid(Field::Rooms, FieldProblem::Malformed))
    );
    assert!(matches!(
        stay::cancel(&app.database, cancelling(&here), app.now).await,
        Err(AppError::StayTransition { .. })
    ));
    let longer = change(&app, &here, (10, 16), 1).await.unwrap();
    let gone = say(&app, &longer, Presence::Left, 12).await.unwrap();
    assert_eq!((gone.status, gone.departure), (Status::Left, day(&app, 12)));
    assert_eq!(gone.total_minor, 2 * PRICE);
    assert_eq!(free(&app, single, (10, 16)).await, [0, 0, 1, 1, 1, 1]);
    app.assert_whole().await;
}

#[tokio::test]
async fn the_board_has_who_comes_who_goes_and_what_is_free() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 5).await;
    let patients = app.patients(4).await;
    let comes = book(&app, patients[0], wanted(&app, single, (0, 2), 1))
        .await
        .unwrap();
    let arrived = book(&app, patients[1], wanted(&app, single, (0, 3), 1))
        .await
        .unwrap();
    let leaves = book(&app, patients[2], wanted(&app, single, (0, 1), 1))
        .await
        .unwrap();
    book(&app, patients[3], wanted(&app, single, (1, 2), 1))
        .await
        .unwrap();
    for stay in [&arrived, &leaves] {
        say(&app, stay, Presence::Arrived, 0).await.unwrap();
    }
    let board = stay::board(&app.database, &app.admin_caller(), app.clinic, app.now)
        .await
        .unwrap();
    let ids = |items: &[stay::Item]| items.iter().map(|item| item.stay.id).collect::<Vec<_>>();
    assert_eq!(ids(&board.arrivals), [comes.id, arrived.id, leaves.id]);
    assert_eq!(ids(&board.here), [arrived.id, leaves.id]);
    assert!(board.departures.is_empty());
    assert_eq!((board.tonight[0].total, board.tonight[0].free), (5, 2));
    // A day later.
    let tomorrow = plus_minutes(app.now, 24 * 60);
    say(&app, &leaves, Presence::Left, 1).await.unwrap();
    let board = stay::board(&app.database, &app.admin_caller(), app.clinic, tomorrow)
        .await
        .unwrap();
    assert_eq!(ids(&board.departures), [leaves.id]);
    assert_eq!(ids(&board.here), [arrived.id]);
    assert_eq!(board.tonight[0].free, 2);
    let elsewhere = app.another_clinic().await;
    let stranger = app.reception_caller("desk@test.example", &[elsewhere]).await;
    assert_eq!(
        stay::board(&app.database, &stranger, app.clinic, app.now)
            .await
            .err(),
        Some(AppError::NotFound)
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn what_can_be_had_instead_is_free() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 3).await;
    let double = room_type(&app, "Double room", 3).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    book(&app, other, wanted(&app, single, (10, 12), 2))
        .await
        .unwrap();
    let two = wanted(&app, single, (10, 12), 2);
    let instead = stay::alternatives(&app.database, two, app.now).await.unwrap();
    let offered: Vec<WantedRooms> = instead.iter().map(|one| one.wanted).collect();
    assert_eq!(
        offered,
        [
            wanted(&app, single, (10, 12), 1),
            wanted(&app, single, (8, 10), 2),
            wanted(&app, single, (12, 14), 2),
            wanted(&app, single, (7, 9), 2),
            wanted(&app, double, (10, 12), 2),
        ]
    );
    for one in offered {
        let booked = book(&app, me, one).await.unwrap();
        stay::cancel(&app.database, cancelling(&booked), app.now)
            .await
            .unwrap();
    }
}

/// A public page reads what is wanted from its address.
#[tokio::test]
async fn nothing_is_offered_instead_of_what_nobody_can_have() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 3).await;
    let all_of_time = WantedRooms {
        room_type_id: single,
        arrival: Date::MIN,
        departure: Date::MAX,
        rooms: i32::MAX,
    };
    let absurd = [
        all_of_time,
        WantedRooms {
            departure: Date::MIN.tomorrow().unwrap(),
            ..all_of_time
        },
        WantedRooms {
            arrival: Date::MAX,
            departure: Date::MIN,
            ..all_of_time
        },
        wanted(&app, single, (10, 101), 4),
        wanted(&app, single, (10, 10), 4),
    ];
    for wanted in absurd {
        let instead = stay::alternatives(&app.database, wanted, app.now).await.unwrap();
        assert!(instead.is_empty(), "{wanted:?} {instead:?}");
    }
    let last = WantedRooms {
        arrival: Date::MAX.yesterday().unwrap(),
        ..all_of_time
    };
    stay::alternatives(&app.database, last, app.now).await.unwrap();
}

#[tokio::test]
async fn the_desk_of_a_clinic_knows_who_has_rooms_there() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 3).await;
    let me = app.patient(1).await;
    let elsewhere = app.another_clinic().await;
    let here = app.reception_caller("here@test.example", &[app.clinic]).await;
    let there = app.reception_caller("there@test.example", &[elsewhere]).await;
    let two = wanted(&app, single, (10, 12), 1);
    // Who only holds rooms decides yet.
    hold(&app, me, two).await.unwrap();
    let seen = desk::patient(&app.database, &here, me, app.now).await;
    assert_eq!(seen.err(), Some(AppError::NotFound));
    let booked = book(&app, me, two).await.unwrap();
    desk::patient(&app.database, &here, me, app.now).await.unwrap();
    let seen = desk::patient(&app.database, &there, me, app.now).await;
    assert_eq!(seen.err(), Some(AppError::NotFound));
    let another = BookStay {
        caller: here.clone(),
        ..request(me, wanted(&app, single, (11, 12), 1))
    };
    stay::book(&app.database, another, app.now).await.unwrap();
    stay::cancel(&app.database, cancelling(&booked), app.now)
        .await
        .unwrap();
    desk::patient(&app.database, &here, me, app.now).await.unwrap();
    app.assert_whole().await;
}
