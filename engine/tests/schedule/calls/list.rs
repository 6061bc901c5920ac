//! The list of whom to call: made with each deed, and ticked off.

use super::super::Doing;
use crate::support::TestApp;
use engine::{
    account::Caller,
    appointment::Status,
    error::AppError,
    schedule::{
        AsDecided, Called, CancelDay, Tick, Why, call_list, call_lists, cancel_day_as_decided,
        close_as_decided, edit_as_decided, tick,
    },
};

#[tokio::test]
async fn a_list_of_whom_to_call_is_made_with_each_deed() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    let booked = app.confirmed(patients[0], 0, app.slot(20)).await;
    app.confirmed(patients[1], 1, app.slot(20)).await;
    let unasked = AsDecided::unasked;
    let absence = edit_as_decided(&app.database, app.absence().await, unasked(), app.now)
        .await
        .unwrap();
    let closure = close_as_decided(&app.database, app.closure(), unasked(), app.now)
        .await
        .unwrap();
    let day = cancel_day_as_decided(&app.database, app.day_to_cancel().await, unasked(), app.now)
        .await
        .unwrap();
    // The appointment of the first doctor was outside of the plan already when the clinic closed.
    for (list, why, count) in [
        (absence.call_list, Why::Absence, 1),
        (closure.call_list, Why::Closure, 1),
        (day.call_list, Why::DayCancelled, 1),
    ] {
        let (list, calls) = call_list(&app.database, &app.admin_caller(), list.unwrap(), app.now)
            .await
            .unwrap();
        assert_eq!(
            (list.why, list.calls, list.open, calls.len()),
            (why, count, count, 1),
            "{list:?}"
        );
        assert_eq!((list.first_day, list.last_day), (app.day(20), app.day(20)));
    }
    let (_, calls) = call_list(
        &app.database,
        &app.admin_caller(),
        day.call_list.unwrap(),
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(calls[0].affected.item.reference, booked);
    assert_eq!(calls[0].affected.item.status, Status::Cancelled);
    // Doctors see their own.
    let own = call_lists(&app.database, &app.doctor_caller(0)).await.unwrap();
    assert_eq!(
        own.iter().map(|list| Some(list.id)).collect::<Vec<_>>(),
        [day.call_list, absence.call_list]
    );
    let theirs = call_list(
        &app.database,
        &app.doctor_caller(1),
        day.call_list.unwrap(),
        app.now,
    )
    .await;
    assert_eq!(theirs.err(), Some(AppError::NotFound));
    assert_eq!(
        call_lists(&app.database, &app.admin_caller())
            .await
            .unwrap()
            .len(),
        3
    );
    // Nobody booked on another day: there is no list.
    let empty = CancelDay {
        day: app.day(20 + 5 * 48),
        ..app.day_to_cancel().await
    };
    let empty = cancel_day_as_decided(&app.database, empty, unasked(), app.now)
        .await
        .unwrap();
    assert_eq!(empty.call_list, None);
}

#[tokio::test]
async fn whoever_was_given_another_time_is_out_of_harm() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    let mut references = Vec::new();
    for (patient, slot) in patients.into_iter().zip([20, 22, 24]) {
        references.push(app.confirmed(patient, 0, app.slot(slot)).await);
    }
    let command = app.absence().await;
    let done = edit_as_decided(&app.database, command, AsDecided::unasked(), app.now)
        .await
        .unwrap();
    let list_id = done.call_list.unwrap();
    app.sql(
        "update appointments
         set starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour',
             blocks_from = blocks_from + interval '1 hour', blocks_until = blocks_until + interval '1 hour'
         where id = (select max(id) from appointments)",
    )
    .await;
    let admin = app.admin_caller();
    let (_, calls) = call_list(&app.database, &admin, list_id, app.now).await.unwrap();
    let in_harm = |now| -> Vec<&str> {
        calls
            .iter()
            .filter(|call| call.is_in_harm(now))
            .map(|call| call.affected.item.reference.as_str())
            .collect()
    };
    assert_eq!(calls.len(), 3, "whoever is out of harm is still to be called");
    assert_eq!(in_harm(app.now), [&references[0], &references[1]]);
    assert_eq!(in_harm(app.slot(20)), [&references[1]], "the first has begun");
}

#[tokio::test]
async fn of_many_who_tick_a_call_off_at_once_one_has_called_and_all_are_told() {
    let app = TestApp::crowded().await;
    let list_id = app.list_of(2).await;
    let admin = app.admin_caller();
    let (_, calls) = call_list(&app.database, &admin, list_id, app.now).await.unwrap();
    let appointment_id = calls[0].affected.item.id;
    let mut racers: Vec<Doing<Result<Option<Called>, AppError>>> = Vec::new();
    for number in 0..12 {
        let command = Tick {
            caller: app.colleague(number % 4),
            list_id,
            appointment_id,
            done: true,
        };
        let (database, now) = (app.database.clone(), app.now);
        racers.push(Box::pin(async move { tick(&database, command, now).await }));
    }
    let told: Vec<Called> = app
        .race(racers)
        .await
        .into_iter()
        .map(|result| result.unwrap().unwrap())
        .collect();
    assert!(told.iter().all(|called| *called == told[0]), "{told:?}");
    let (list, calls) = call_list(&app.database, &admin, list_id, app.now).await.unwrap();
    assert_eq!((list.calls, list.open), (2, 1));
    assert_eq!(calls[0].called.as_ref(), Some(&told[0]));
    assert_eq!(calls[1].called, None);
}

#[tokio::test]
async fn who_has_called_takes_it_back_and_nobody_else() {
    let app = TestApp::new().await;
    let list_id = app.list_of(1).await;
    let (caller, other) = (app.colleague(0), app.colleague(1));
    let (_, calls) = call_list(&app.database, &caller, list_id, app.now).await.unwrap();
    let appointment_id = calls[0].affected.item.id;
    let by = |caller: &Caller, done| Tick {
        caller: caller.clone(),
        list_id,
        appointment_id,
        done,
    };
    assert_eq!(tick(&app.database, by(&caller, false), app.now).await, Ok(None));
    let called = tick(&app.database, by(&caller, true), app.now).await.unwrap();
    assert_eq!(called.map(|called| called.staff_id), caller.staff_id());
    let refused = tick(&app.database, by(&other, false), app.now).await;
    assert_eq!(refused, Err(AppError::Forbidden));
    assert_eq!(tick(&app.database, by(&caller, false), app.now).await, Ok(None));
    let (list, _) = call_list(&app.database, &caller, list_id, app.now).await.unwrap();
    assert_eq!(list.open, 1);
    let unknown = Tick {
        appointment_id: 999,
        ..by(&caller, true)
    };
    assert_eq!(
        tick(&app.database, unknown, app.now).await,
        Err(AppError::NotFound)
    );
    let patient = Tick {
        caller: crate::support::patient_caller(1),
        ..by(&caller, true)
    };
    assert_eq!(
        tick(&app.database, patient, app.now).await,
        Err(AppError::NotFound)
    );
    // A doctor ticks off calls about their own days.
    let of_doctor = Tick {
        caller: app.doctor_caller(0),
        ..by(&caller, true)
    };
    assert!(tick(&app.database, of_doctor, app.now).await.unwrap().is_some());
    let of_another = Tick {
        caller: app.doctor_caller(1),
        ..by(&caller, true)
    };
    assert_eq!(
        tick(&app.database, of_another, app.now).await,
        Err(AppError::NotFound)
    );
}

#[tokio::test]
async fn a_list_with_open_calls_does_not_drop_out() {
    let app = TestApp::new().await;
    let open = app.list_of(1).await;
    app.sql(
        "insert into call_lists (doctor_id, why, first_day, last_day, made_by, made_at)
         select doctor_id, why, first_day, last_day, made_by, made_at
         from call_lists, generate_series(1, 60)",
    )
    .await;
    let lists = call_lists(&app.database, &app.admin_caller()).await.unwrap();
    assert_eq!(lists.len(), 50);
    assert_eq!((lists[0].id, lists[0].open), (open, 1));
    assert!(lists[1..].is_sorted_by(|one, next| one.id > next.id));
}
