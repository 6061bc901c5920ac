//! Busy times as they are read from a server of calendars.

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::event;
use crate::{
    caldav::{FAMILY, Server, choose, clinic, dispatch, linked, settle},
    support::VISIT,
};
use engine::caldav::busy::give_back;

#[sqlx::test]
async fn what_is_in_a_calendar_that_is_read_is_busy_and_follows_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = clinic(options).await;
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

#[sqlx::test]
async fn what_went_while_a_calendar_was_not_read_takes_no_time_when_it_is_read_again(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = clinic(options).await;
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
