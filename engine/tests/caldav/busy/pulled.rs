//! Busy times as they are read from a server of calendars.

use std::sync::Arc;

use super::event;
use crate::{
    caldav::{FAMILY, Server, choose, clinic, dispatch, later, linked, settle, settle_at},
    support::VISIT,
};
use engine::caldav::{
    PULL_MINUTES,
    busy::{give_back, troubles},
};

#[tokio::test]
async fn what_is_in_a_calendar_that_is_read_is_busy_and_follows_it() {
    let app = clinic().await;
    let server = Arc::new(Server::default());
    let (dispatch, starts_at) = (dispatch(&app, &server), app.slot(60));
    linked(&app).await;
    let (meeting, broken) = (format!("{FAMILY}meeting.ics"), format!("{FAMILY}broken.ics"));
    server.change(&broken, Some("BEGIN:NONSENSE".to_owned()));
    server.change(&meeting, Some(event(starts_at, 1, "")));
    settle(&app, &dispatch).await;
    let offers = async || app.offers(app.wanted(0, VISIT, starts_at)).await;
    assert!(!offers().await, "one that is broken holds up no other");
    let states: Vec<String> = app.states().await.into_iter().map(|(state, _)| state).collect();
    assert!(states.contains(&"malformed".to_owned()), "{states:?}");
    server.change(&meeting, Some(event(app.slot(62), 1, "")));
    settle(&app, &dispatch).await;
    assert!(offers().await);
    server.change(&meeting, Some(event(starts_at, 1, "")));
    settle(&app, &dispatch).await;
    assert!(!offers().await);
    server.change(&meeting, None);
    settle(&app, &dispatch).await;
    assert!(offers().await);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_went_while_a_calendar_was_not_read_takes_no_time_when_it_is_read_again() {
    let app = clinic().await;
    let server = Arc::new(Server::default());
    let (dispatch, starts_at) = (dispatch(&app, &server), app.slot(60));
    linked(&app).await;
    let meeting = format!("{FAMILY}meeting.ics");
    server.change(&meeting, Some(event(starts_at, 1, "")));
    settle(&app, &dispatch).await;
    let offers = async || app.offers(app.wanted(0, VISIT, starts_at)).await;
    assert!(!offers().await);
    choose(&app, Some("Work"), &[]).await.unwrap();
    server.change(&meeting, None);
    choose(&app, Some("Work"), &["Family"]).await.unwrap();
    settle(&app, &dispatch).await;
    assert!(offers().await);
    server.change(&meeting, Some(event(starts_at, 1, "")));
    settle(&app, &dispatch).await;
    assert!(!offers().await);
    choose(&app, Some("Work"), &[]).await.unwrap();
    while give_back(&app.database).await.unwrap() {}
    assert!(offers().await);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_could_not_be_read_by_itself_is_read_the_next_time() {
    let app = clinic().await;
    let server = Arc::new(Server::default());
    let dispatch = dispatch(&app, &server);
    linked(&app).await;
    for (name, slot) in [("first.ics", 60), ("second.ics", 62)] {
        server.change(&format!("{FAMILY}{name}"), Some(event(app.slot(slot), 1, "")));
    }
    server.too_long(&[], 1);
    settle_at(&dispatch, later(&app, 1)).await;
    let offers = async |slot: i64| app.offers(app.wanted(0, VISIT, app.slot(slot))).await;
    assert!(offers(60).await && offers(62).await);
    settle_at(&dispatch, later(&app, 2 + PULL_MINUTES)).await;
    assert!(!offers(60).await && !offers(62).await);
}

#[tokio::test]
async fn one_that_is_too_long_is_told_and_holds_up_no_other() {
    let app = clinic().await;
    let server = Arc::new(Server::default());
    let dispatch = dispatch(&app, &server);
    linked(&app).await;
    let long = format!("{FAMILY}a.ics");
    for name in [&long, &format!("{FAMILY}b.ics")] {
        server.change(name, Some(event(app.slot(60), 1, "")));
    }
    server.too_long(&[&long], 0);
    settle(&app, &dispatch).await;
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(60))).await);
    let doctor = app.doctor_caller(0);
    let told = troubles(&app.database, &doctor, app.doctors[0].id).await.unwrap();
    let told: Vec<(&str, i64)> = told.iter().map(|one| (one.state.as_str(), one.objects)).collect();
    assert_eq!(told, [("too_large", 1)]);
    // It is not read again and again.
    let before = server.requests();
    settle_at(&dispatch, later(&app, 10 * PULL_MINUTES)).await;
    assert_eq!(server.requests() - before, 1);
}
