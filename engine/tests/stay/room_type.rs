//! Kinds of rooms, and how many there are in a night.

use super::*;
use engine::{
    error::{Field, FieldProblem},
    stay::{SetNights, taken_above},
    time::plus_minutes,
};

fn putting(app: &TestApp, id: i64, version: i32, description: RoomType) -> PutRoomType {
    PutRoomType {
        caller: app.admin_caller(),
        which: Some((id, version)),
        description,
        key: None,
    }
}

fn nights(app: &TestApp, id: i64, (from, until): (i32, i32), total: Option<i32>) -> SetNights {
    SetNights {
        caller: app.admin_caller(),
        room_type_id: id,
        from: day(app, from),
        until: day(app, until),
        total,
        key: None,
    }
}

#[tokio::test]
async fn fewer_rooms_than_are_taken_are_refused_with_the_dates() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 10).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    book(&app, me, wanted(&app, single, (10, 13), 4)).await.unwrap();
    book(&app, other, wanted(&app, single, (12, 15), 3))
        .await
        .unwrap();
    let refused = stay::put_room_type(
        &app.database,
        putting(&app, single, 1, description(&app, "Single room", 3)),
        app.now,
    )
    .await;
    let (first, last) = (day(&app, 10), day(&app, 12));
    assert_eq!(
        refused.err(),
        Some(AppError::RoomsTaken {
            room_type_id: single,
            total: 3,
            first,
            last,
        })
    );
    let taken = taken_above(&app.database, single, (first, last), 3, app.now)
        .await
        .unwrap();
    let taken: Vec<i32> = taken.iter().map(|night| night.taken).collect();
    assert_eq!(taken, [4, 4, 7]);
    stay::put_room_type(
        &app.database,
        putting(&app, single, 1, description(&app, "Single room", 7)),
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(free(&app, single, (9, 16)).await, [7, 3, 3, 0, 4, 4, 7]);
    app.assert_whole().await;
}

#[tokio::test]
async fn what_was_said_of_a_night_stays_when_the_kind_has_another_number() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 10).await;
    let me = app.patient(1).await;
    book(&app, me, wanted(&app, single, (9, 12), 1)).await.unwrap();
    stay::set_nights(&app.database, nights(&app, single, (10, 12), Some(4)), app.now)
        .await
        .unwrap();
    assert_eq!(free(&app, single, (9, 13)).await, [9, 3, 3, 10]);
    stay::put_room_type(
        &app.database,
        putting(&app, single, 1, description(&app, "Single room", 6)),
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(free(&app, single, (9, 13)).await, [5, 3, 3, 6]);
    stay::set_nights(&app.database, nights(&app, single, (10, 11), None), app.now)
        .await
        .unwrap();
    assert_eq!(free(&app, single, (9, 13)).await, [5, 5, 3, 6]);
    assert_eq!(
        stay::set_nights(&app.database, nights(&app, single, (9, 12), Some(0)), app.now).await,
        Err(AppError::RoomsTaken {
            room_type_id: single,
            total: 0,
            first: day(&app, 9),
            last: day(&app, 11),
        })
    );
    for (from, until) in [(-1, 2), (5, 5), (5, 96)] {
        assert_eq!(
            stay::set_nights(
                &app.database,
                nights(&app, single, (from, until), Some(4)),
                app.now
            )
            .await,
            Err(AppError::InvalidDateRange)
        );
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn a_hold_that_ran_out_is_in_the_way_of_no_change() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 2).await;
    let me = app.patient(1).await;
    let held = hold(&app, me, wanted(&app, single, (10, 12), 2)).await.unwrap();
    let command = nights(&app, single, (10, 12), Some(1));
    assert!(matches!(
        stay::set_nights(&app.database, command.clone(), app.now).await,
        Err(AppError::RoomsTaken { .. })
    ));
    stay::set_nights(&app.database, command, held.held_until.unwrap())
        .await
        .unwrap();
    assert_eq!(free(&app, single, (10, 12)).await, [1, 1]);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_second_editor_is_told_and_some_things_stay() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 2).await;
    room_type(&app, "Double room", 2).await;
    let me = app.patient(1).await;
    let mine = book(&app, me, wanted(&app, single, (10, 12), 1)).await.unwrap();
    let change = |version, description| putting(&app, single, version, description);
    let plain = description(&app, "Single room", 2);
    let elsewhere = app.another_clinic().await;
    let euros = Price {
        minor: 4500,
        currency: "EUR".to_owned(),
    };
    for (version, description, error) in [
        (2, plain.clone(), AppError::StaleOrganisation),
        (
            1,
            RoomType {
                clinic_id: elsewhere,
                ..plain.clone()
            },
            AppError::invalid(Field::Clinic, FieldProblem::Malformed),
        ),
        (
            1,
            RoomType {
                price: euros.clone(),
                ..plain.clone()
            },
            AppError::invalid(Field::Currency, FieldProblem::Taken),
        ),
        (
            1,
            RoomType {
                name: "Double room".to_owned(),
                ..plain.clone()
            },
            AppError::invalid(Field::Title, FieldProblem::Taken),
        ),
    ] {
        let refused = stay::put_room_type(&app.database, change(version, description), app.now).await;
        assert_eq!(refused.err(), Some(error));
    }
    let by_patient = PutRoomType {
        caller: patient_caller(me),
        ..change(1, plain.clone())
    };
    assert_eq!(
        stay::put_room_type(&app.database, by_patient, app.now)
            .await
            .err(),
        Some(AppError::NotFound)
    );
    // Nobody books it any more, and what is booked can be shortened and not extended.
    let closed = RoomType {
        active: false,
        ..plain
    };
    stay::put_room_type(&app.database, change(1, closed), app.now)
        .await
        .unwrap();
    assert_eq!(
        book(&app, me, wanted(&app, single, (20, 21), 1)).await,
        Err(AppError::RoomTypeNotFound)
    );
    let longer = changing(&mine, (mine.arrival, day(&app, 13)), 1);
    assert_eq!(
        stay::change(&app.database, longer, app.now).await,
        Err(AppError::RoomTypeNotFound)
    );
    let shorter = changing(&mine, (mine.arrival, day(&app, 11)), 1);
    stay::change(&app.database, shorter, app.now).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn nights_that_are_over_keep_their_number() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 2).await;
    let me = app.patient(1).await;
    book(&app, me, wanted(&app, single, (0, 1), 2)).await.unwrap();
    let later = plus_minutes(app.now, 3 * 24 * 60);
    stay::put_room_type(
        &app.database,
        putting(&app, single, 1, description(&app, "Single room", 1)),
        later,
    )
    .await
    .unwrap();
    app.assert_whole().await;
}
