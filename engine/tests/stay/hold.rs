//! Rooms that are held while somebody decides.

use super::*;
use crate::support::RULES;
use engine::{
    stay::{Presence, SetPresence, Status, SubmitStay},
    time::plus_minutes,
};

fn submitting(stay: &Stay) -> SubmitStay {
    SubmitStay {
        caller: patient_caller(stay.patient_id),
        stay_id: stay.id,
        key: None,
    }
}

#[tokio::test]
async fn what_is_held_is_taken_until_its_end_and_free_from_then_on() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let two = wanted(&app, single, (10, 12), 1);
    let held = hold(&app, me, two).await.unwrap();
    assert_eq!(held.held_until, Some(plus_minutes(app.now, RULES.hold_minutes)));
    assert_eq!(free(&app, single, (10, 12)).await, [0, 0]);
    assert!(matches!(
        book(&app, other, two).await,
        Err(AppError::RoomsShort { available: 0, .. })
    ));
    let end = held.held_until.unwrap();
    let range = (two.arrival, two.departure);
    let nights = stay::nights(&app.database, single, range, end).await.unwrap();
    assert!(nights.iter().all(|night| night.free == 1), "{nights:?}");
    let booked = stay::book(&app.database, request(other, two), end).await.unwrap();
    assert_eq!(booked.status, Status::Booked);
    assert!(matches!(
        stay::submit(&app.database, submitting(&held), end).await,
        Err(AppError::RoomsShort { available: 0, .. })
    ));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_hold_that_ran_out_is_booked_while_its_rooms_are_free() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let two = wanted(&app, single, (10, 12), 1);
    let held = hold(&app, me, two).await.unwrap();
    let later = plus_minutes(held.held_until.unwrap(), 5);
    // Somebody had the rooms meanwhile, and gave them back.
    let between = stay::book(&app.database, request(other, two), later)
        .await
        .unwrap();
    stay::cancel(&app.database, cancelling(&between), later)
        .await
        .unwrap();
    let booked = stay::submit(&app.database, submitting(&held), later)
        .await
        .unwrap();
    assert_eq!(
        (booked.id, booked.status, booked.held_until),
        (held.id, Status::Booked, None)
    );
    assert_eq!(booked.total_minor, held.total_minor);
    app.assert_whole().await;
}

#[tokio::test]
async fn another_hold_of_a_patient_takes_the_place_of_the_one_before() {
    let app = TestApp::new().await;
    let types = [
        room_type(&app, "Single room", 1).await,
        room_type(&app, "Double room", 1).await,
    ];
    let me = app.patient(1).await;
    hold(&app, me, wanted(&app, types[0], (10, 12), 1)).await.unwrap();
    // The same rooms, a day later: what it had counts for nobody.
    hold(&app, me, wanted(&app, types[0], (11, 13), 1)).await.unwrap();
    assert_eq!(free(&app, types[0], (10, 13)).await, [1, 0, 0]);
    hold(&app, me, wanted(&app, types[1], (11, 13), 1)).await.unwrap();
    assert_eq!(free(&app, types[0], (10, 13)).await, [1, 1, 1]);
    assert_eq!(
        app.count("select count(*) from stays where status = 'held'")
            .await,
        1
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_hold_that_nobody_wanted_is_ended_a_day_later() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let me = app.patient(1).await;
    let held = hold(&app, me, wanted(&app, single, (10, 12), 1)).await.unwrap();
    let end = held.held_until.unwrap();
    let taken = "select coalesce(sum(taken), 0)::bigint from room_nights";
    stay::tidy(&app.database, plus_minutes(end, 60)).await.unwrap();
    assert_eq!(app.count(taken).await, 2);
    stay::tidy(&app.database, plus_minutes(end, 24 * 60))
        .await
        .unwrap();
    assert_eq!(app.count(taken).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn what_somebody_else_holds_is_not_there() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let held = hold(&app, me, wanted(&app, single, (10, 12), 1)).await.unwrap();
    let command = SubmitStay {
        caller: patient_caller(other),
        ..submitting(&held)
    };
    assert_eq!(
        stay::submit(&app.database, command, app.now).await,
        Err(AppError::NotFound)
    );
    let for_me = BookStay {
        patient_id: me,
        ..request(other, wanted(&app, single, (20, 21), 1))
    };
    assert_eq!(
        stay::book(&app.database, for_me, app.now).await,
        Err(AppError::NotFound)
    );
}

/// Its rooms may be somebody else's: only who books it again takes them.
#[tokio::test]
async fn a_hold_that_lapsed_is_no_booking_because_the_desk_says_so() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let two = wanted(&app, single, (10, 12), 1);
    let held = hold(&app, me, two).await.unwrap();
    let saying = |presence| {
        let command = SetPresence {
            caller: app.admin_caller(),
            stay_id: held.id,
            presence,
            version: None,
            key: None,
        };
        stay::set_presence(&app.database, command, app.now)
    };
    let refused = |from, to| {
        Err(AppError::StayTransition {
            stay_id: held.id,
            from,
            to,
        })
    };
    let said = saying(Presence::NotArrived).await;
    assert_eq!(said, refused(Status::Held, Status::Booked));
    let end = held.held_until.unwrap();
    stay::book(&app.database, request(other, two), end).await.unwrap();
    let said = saying(Presence::NotArrived).await;
    assert_eq!(said, refused(Status::Lapsed, Status::Booked));
    let said = saying(Presence::Arrived).await;
    assert_eq!(said, refused(Status::Lapsed, Status::Arrived));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_hold_that_ran_out_is_not_booked_after_its_first_day_nor_where_its_rooms_are_closed() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let double = room_type(&app, "Double room", 1).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let over = hold(&app, me, wanted(&app, single, (0, 3), 1)).await.unwrap();
    let tomorrow = plus_minutes(app.now, 24 * 60);
    assert_eq!(
        stay::submit(&app.database, submitting(&over), tomorrow).await,
        Err(AppError::InvalidDateRange)
    );
    let closed = hold(&app, other, wanted(&app, double, (10, 12), 1))
        .await
        .unwrap();
    let closing = PutRoomType {
        caller: app.admin_caller(),
        which: Some((double, 1)),
        description: RoomType {
            active: false,
            ..description(&app, "Double room", 1)
        },
        key: None,
    };
    stay::put_room_type(&app.database, closing, app.now)
        .await
        .unwrap();
    assert_eq!(
        stay::submit(&app.database, submitting(&closed), closed.held_until.unwrap()).await,
        Err(AppError::RoomTypeNotFound)
    );
    // Nobody has given their rooms back: both still were holds.
    assert_eq!(
        app.count("select count(*) from stays where status = 'held'")
            .await,
        2
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn a_hold_that_ran_out_is_no_answer_to_a_new_wish() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let me = app.patient(1).await;
    let two = wanted(&app, single, (10, 12), 1);
    let holding = |then| stay::hold(&app.database, derived(me, two), RULES, then);
    let first = holding(app.now).await.unwrap();
    let twin = holding(plus_minutes(app.now, 1)).await.unwrap();
    assert_eq!(twin, first);
    let end = first.held_until.unwrap();
    let again = holding(end).await.unwrap();
    assert_ne!(again.id, first.id);
    assert_eq!(again.held_until, Some(plus_minutes(end, RULES.hold_minutes)));
    app.assert_whole().await;
}

#[tokio::test]
async fn what_a_patient_holds_is_not_in_the_way_of_what_they_book() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 1).await;
    let double = room_type(&app, "Double room", 1).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    for (number, caller) in [patient_caller(me), app.admin_caller()].into_iter().enumerate() {
        let from = 10 + 10 * i32::try_from(number).unwrap();
        let own = hold(&app, me, wanted(&app, single, (from, from + 2), 1))
            .await
            .unwrap();
        let two = wanted(&app, single, (from + 1, from + 3), 1);
        assert!(matches!(
            book(&app, other, two).await,
            Err(AppError::RoomsShort { available: 0, .. })
        ));
        let command = BookStay {
            caller,
            ..request(me, two)
        };
        let booked = stay::book(&app.database, command, app.now).await.unwrap();
        assert_ne!(booked.id, own.id);
        assert_eq!(free(&app, single, (from, from + 3)).await, [1, 0, 0]);
    }
    // Other rooms that they hold stay theirs.
    hold(&app, me, wanted(&app, double, (10, 12), 1)).await.unwrap();
    book(&app, me, wanted(&app, single, (30, 31), 1)).await.unwrap();
    assert_eq!(free(&app, double, (10, 12)).await, [0, 0]);
    app.assert_whole().await;
}
