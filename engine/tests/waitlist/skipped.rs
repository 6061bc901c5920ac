//! Who has an appointment at a time that comes free is passed over, and told so once.

use engine::waitlist::Misfit;

use super::{
    cancels, clinic, declines, is, joins,
    seats::{seated, session, waits_for},
    state, wishes,
};

const FREED: i64 = 60;
const SKIPPED: &str = "select count(*) from waitlist_offers where state = 'skipped'";

#[tokio::test]
async fn who_has_an_appointment_then_is_passed_over_and_told_once() {
    let app = clinic().await;
    let patients = app.patients(5).await;
    let first = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let busy = joins(&app, patients[1], wishes(&app), 1).await.id;
    app.confirmed(patients[1], 1, app.slot(FREED)).await;
    let next = joins(&app, patients[2], wishes(&app), 2).await.id;
    // Who waits behind the one who gets it has lost nothing.
    let behind = joins(&app, patients[3], wishes(&app), 3).await.id;
    app.confirmed(patients[3], 2, app.slot(FREED)).await;
    cancels(&app, 0, &first).await;
    assert_eq!(state(&app, busy).await, is("waiting", "skipped"));
    assert_eq!(state(&app, next).await, is("offered", "offered"));
    assert_eq!(state(&app, behind).await.1, None);
    // The same time once more: the first one knows, and the last one is passed over, too.
    declines(&app, patients[2], next, app.now).await.unwrap();
    assert_eq!(state(&app, behind).await, is("waiting", "skipped"));
    assert_eq!(app.count(SKIPPED).await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_gives_the_other_appointment_up_is_offered_the_time_after_all() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let first = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 1).await.id;
    let other = app.confirmed(patients[1], 1, app.slot(FREED)).await;
    cancels(&app, 0, &first).await;
    assert_eq!(state(&app, entry).await, is("waiting", "skipped"));
    cancels(&app, 1, &other).await;
    // It is free for everybody, and somebody takes it and gives it up again.
    let again = app.confirmed(patients[2], 0, app.slot(FREED)).await;
    cancels(&app, 0, &again).await;
    assert_eq!(state(&app, entry).await, is("offered", "offered"));
    app.assert_whole().await;
}

#[tokio::test]
async fn who_waits_for_seats_and_is_somewhere_else_is_told_once() {
    let app = clinic().await;
    let patients = app.patients(5).await;
    let group = session(&app, FREED, 2).await.id;
    let one = seated(&app, group, patients[0], 1).await;
    let other = seated(&app, group, patients[1], 1).await;
    let busy = waits_for(&app, group, patients[2], 1, 1).await.id;
    app.confirmed(patients[2], 1, app.slot(FREED)).await;
    let next = waits_for(&app, group, patients[3], 1, 2).await.id;
    cancels(&app, 0, &one).await;
    assert_eq!(state(&app, busy).await, is("waiting", "skipped"));
    assert_eq!(state(&app, next).await, is("offered", "offered"));
    let offer = app
        .count("select id from waitlist_offers where state = 'offered'")
        .await;
    let (_, among) = engine::waitlist::passed_over(&app.database, &app.admin_caller(), offer, app.now)
        .await
        .unwrap();
    assert_eq!(among[0].misfit, Some(Misfit::Busy));
    cancels(&app, 0, &other).await;
    assert_eq!(app.count(SKIPPED).await, 1);
    app.assert_whole().await;
}
