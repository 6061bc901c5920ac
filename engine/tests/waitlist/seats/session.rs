//! A session that moves takes those who wait along; one that is cancelled lets them go. Both are told.

use engine::{
    appointment::expire,
    error::{AppError, Refusal},
    group::{self, Cancel, Change, Details, Group},
    time::plus_minutes,
};

use super::{FAR, free, seated, session, waits_for};
use crate::{
    support::{TestApp, refusal},
    waitlist::{accepts, cancels, clinic, is, state},
};

const MOVED: &str = "select count(*) from waitlist_offers where state = 'moved'";
const CALLED_OFF: &str = "select count(*) from waitlist_offers where state = 'called_off'";

async fn moves(app: &TestApp, group: &Group, slot: i64) -> Result<Group, AppError> {
    let command = Change {
        caller: app.admin_caller(),
        group_id: group.id,
        version: group.version,
        details: Details {
            title: group.title.clone(),
            starts_at: app.slot(slot),
            minutes: 60,
            capacity: group.capacity,
            price: None,
        },
        key: None,
    };
    group::change(&app.database, command, app.database.now()).await
}

#[tokio::test]
async fn who_waits_follows_a_session_that_moves_and_is_told() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let group = session(&app, FAR, 1).await;
    let seat = seated(&app, group.id, patients[0], 1).await;
    let entry = waits_for(&app, group.id, patients[1], 1, 1).await.id;
    moves(&app, &group, FAR + 100).await.unwrap();
    assert_eq!(state(&app, entry).await, is("waiting", "moved"));
    assert_eq!(app.count(MOVED).await, 1);
    let day = app.count(
        "select count(*) from waitlist_entries as entries join groups on groups.id = group_id
         join clinics on clinics.id = groups.clinic_id
         where first_day = (starts_at at time zone time_zone)::date and last_day = first_day",
    );
    assert_eq!(day.await, 1);
    cancels(&app, 0, &seat).await;
    let booked = accepts(&app, patients[1], entry, app.now).await.unwrap();
    assert_eq!(booked.starts_at, app.slot(FAR + 100));
    app.assert_whole().await;
}

#[tokio::test]
async fn an_offer_follows_a_session_that_moves() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let group = session(&app, FAR, 1).await;
    let seat = seated(&app, group.id, patients[0], 1).await;
    let entry = waits_for(&app, group.id, patients[1], 1, 1).await.id;
    let next = waits_for(&app, group.id, patients[2], 1, 2).await.id;
    cancels(&app, 0, &seat).await;
    moves(&app, &group, FAR + 100).await.unwrap();
    // The offer at the time before ended, and there is one at the new time.
    assert_eq!(state(&app, entry).await, is("offered", "offered"));
    assert_eq!(state(&app, next).await, is("waiting", "moved"));
    assert_eq!(app.count(MOVED).await, 1);
    let booked = accepts(&app, patients[1], entry, app.now).await.unwrap();
    assert_eq!(booked.starts_at, app.slot(FAR + 100));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_that_is_cancelled_lets_everybody_go_and_tells_them_once() {
    let app = clinic().await;
    let patients = app.patients(4).await;
    let group = session(&app, FAR, 2).await;
    let seat = seated(&app, group.id, patients[0], 1).await;
    seated(&app, group.id, patients[1], 1).await;
    let offered = waits_for(&app, group.id, patients[2], 1, 1).await.id;
    let waiting = waits_for(&app, group.id, patients[3], 1, 2).await.id;
    cancels(&app, 0, &seat).await;
    let command = Cancel {
        caller: app.admin_caller(),
        group_id: group.id,
        version: None,
        with_rest: false,
        reason: "The doctor is ill".to_owned(),
        key: None,
    };
    for _ in 0..2 {
        group::cancel(&app.database, command.clone(), app.now)
            .await
            .unwrap();
    }
    for entry in [offered, waiting] {
        assert_eq!(state(&app, entry).await, is("ended", "called_off"));
    }
    assert_eq!(app.count(CALLED_OFF).await, 2);
    let because = "select count(*) from waitlist_entries where ended_because = 'session_cancelled'";
    assert_eq!(app.count(because).await, 2);
    // Nothing is left to be had.
    let late = accepts(&app, patients[2], offered, plus_minutes(app.now, 1)).await;
    assert!(matches!(late, Err(AppError::BookingFailed { .. })), "{late:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn a_capacity_is_lowered_below_what_was_kept_only_once_that_ran_out() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let group = session(&app, FAR, 2).await;
    seated(&app, group.id, patients[0], 1).await;
    let seat = seated(&app, group.id, patients[1], 1).await;
    waits_for(&app, group.id, patients[2], 1, 1).await;
    cancels(&app, 0, &seat).await;
    let lowered = Group {
        capacity: 1,
        ..group.clone()
    };
    let refused = moves(&app, &lowered, FAR).await;
    assert!(matches!(refused, Err(AppError::InsufficientInventory { .. })));
    app.sql(
        "update appointments set held_until = created_at where status = 'held' and patient_id is not null;
         update waitlist_offers set kept_until = appointments.created_at
         from appointments where appointments.id = appointment_id and state = 'offered'",
    )
    .await;
    assert_eq!(free(&app, group.id).await, 1);
    moves(&app, &lowered, FAR).await.unwrap();
    assert_eq!(free(&app, group.id).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn seats_that_were_offered_are_not_taken_at_another_time() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let group = session(&app, FAR, 1).await;
    let seat = seated(&app, group.id, patients[0], 1).await;
    let entry = waits_for(&app, group.id, patients[1], 1, 1).await.id;
    cancels(&app, 0, &seat).await;
    let late = plus_minutes(app.now, 40);
    expire(&app.database, late).await.unwrap();
    assert_eq!(state(&app, entry).await, is("waiting", "lapsed"));
    moves(&app, &group, FAR + 100).await.unwrap();
    // The page that they look at says the time before.
    let answer = accepts(&app, patients[1], entry, late).await;
    assert_eq!(refusal(&answer), Some(Refusal::HoldExpired));
    assert_eq!(state(&app, entry).await.0, "waiting");
    let seats = "select count(*) from group_seats where freed_at is null";
    assert_eq!(app.count(seats).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_was_told_of_seats_and_books_a_time_of_the_doctor_waits_still() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let group = session(&app, FAR, 1).await;
    seated(&app, group.id, patients[0], 1).await;
    let entry = waits_for(&app, group.id, patients[1], 1, 1).await.id;
    app.sql(
        "insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, group_id, seats, state, why,
              offered_at)
         select entries.id, patient_id, groups.doctor_id, groups.clinic_id, groups.service_id, starts_at, ends_at,
                groups.id, seats, 'told', 'freed', now()
         from waitlist_entries as entries join groups on groups.id = group_id",
    )
    .await;
    moves(&app, &group, FAR + 100).await.unwrap();
    app.confirmed(patients[1], 0, app.slot(FAR)).await;
    assert_eq!(state(&app, entry).await.0, "waiting");
    app.assert_whole().await;
}
