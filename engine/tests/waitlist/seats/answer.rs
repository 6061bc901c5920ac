//! Accepting, declining and leaving, where seats are offered.

use engine::{
    appointment::{Status, expire},
    error::{AppError, Refusal},
    time::plus_minutes,
};

use super::{FAR, free, seated, session, takes, waits_for};
use crate::{
    support::{TestApp, refusal},
    waitlist::{accepts, cancels, clinic, declines, is, leaves, state},
};

/// A full session of two seats that were given up, and somebody to whom both are offered.
async fn offered(app: &TestApp, patients: &[i64]) -> (i64, i64) {
    let group = session(app, FAR, 2).await.id;
    let reference = seated(app, group, patients[0], 2).await;
    let entry = waits_for(app, group, patients[1], 2, 1).await.id;
    cancels(app, 0, &reference).await;
    assert_eq!(state(app, entry).await, is("offered", "offered"));
    (group, entry)
}

#[tokio::test]
async fn seats_that_are_accepted_are_booked_and_the_second_answer_is_the_first() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let (_, entry) = offered(&app, &patients).await;
    let booked = accepts(&app, patients[1], entry, app.now).await.unwrap();
    assert_eq!(booked.status, Status::Confirmed);
    assert_eq!(state(&app, entry).await, is("accepted", "accepted"));
    let again = accepts(&app, patients[1], entry, app.now).await.unwrap();
    assert_eq!((again.id, again.version), (booked.id, booked.version));
    let seats = "select count(*) from group_seats where freed_at is null";
    assert_eq!(app.count(seats).await, 2);
    // What is booked is cancelled, not declined.
    assert!(matches!(
        declines(&app, patients[1], entry, app.now).await,
        Err(AppError::InvalidTransition { .. })
    ));
    app.assert_whole().await;
}

#[tokio::test]
async fn an_offer_that_ran_out_is_accepted_while_nobody_has_its_seats() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let (group, entry) = offered(&app, &patients).await;
    let late = plus_minutes(app.now, 40);
    expire(&app.database, late).await.unwrap();
    assert_eq!(state(&app, entry).await, is("waiting", "lapsed"));
    assert_eq!(free(&app, group).await, 2);
    let booked = accepts(&app, patients[1], entry, late).await.unwrap();
    assert_eq!(booked.status, Status::Confirmed);
    assert_eq!(state(&app, entry).await, is("accepted", "accepted"));
    assert_eq!(free(&app, group).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn an_offer_that_ran_out_is_over_once_somebody_else_has_a_seat() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let (group, entry) = offered(&app, &patients).await;
    expire(&app.database, plus_minutes(app.now, 40)).await.unwrap();
    takes(&app, group, patients[2], 1).await.unwrap();
    let late = accepts(&app, patients[1], entry, plus_minutes(app.now, 40)).await;
    assert_eq!(refusal(&late), Some(Refusal::HoldExpired));
    assert_eq!(state(&app, entry).await, is("waiting", "lapsed"));
    app.assert_whole().await;
}

#[tokio::test]
async fn leaving_gives_the_seats_to_the_next_at_once() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let (group, entry) = offered(&app, &patients).await;
    let next = waits_for(&app, group, patients[2], 2, 2).await.id;
    leaves(&app, patients[1], entry).await;
    assert_eq!(state(&app, entry).await, is("ended", "withdrawn"));
    assert_eq!(state(&app, next).await, is("offered", "offered"));
    assert_eq!(free(&app, group).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_is_somewhere_else_by_then_is_refused_and_keeps_the_offer() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let (_, entry) = offered(&app, &patients).await;
    let own = app.confirmed(patients[1], 1, app.slot(FAR)).await;
    let answer = accepts(&app, patients[1], entry, app.now).await;
    assert_eq!(refusal(&answer), Some(Refusal::PatientOverlap));
    assert_eq!(state(&app, entry).await, is("offered", "offered"));
    cancels(&app, 1, &own).await;
    accepts(&app, patients[1], entry, app.now).await.unwrap();
    app.assert_whole().await;
}
