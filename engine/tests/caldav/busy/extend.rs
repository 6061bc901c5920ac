//! A day more of every series each day.

use super::event;
use crate::support::TestApp;
use engine::{
    caldav::busy::{extend, tidy},
    time::plus_minutes,
};

const DAY: i64 = 24 * 60;

#[tokio::test]
async fn a_series_goes_on_for_as_long_as_it_is_there() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    app.put_busy(
        calendar,
        0,
        "/series.ics",
        event(app.slot(20), 1, "RRULE:FREQ=WEEKLY\r\n"),
    )
    .await
    .unwrap();
    app.put_busy(calendar, 0, "/once.ics", event(app.slot(22), 1, ""))
        .await
        .unwrap();
    app.put_busy(
        calendar,
        0,
        "/some.ics",
        event(app.slot(24), 1, "RRULE:FREQ=DAILY;COUNT=5\r\n"),
    )
    .await
    .unwrap();
    let going_on = app
        .count("select count(*) from external_items where expanded_until is not null")
        .await;
    assert_eq!(going_on, 1, "one has no end");
    assert_eq!(
        extend(&app.database, app.now).await,
        Ok(0),
        "it is worked out for today"
    );
    let last = "select extract(epoch from max(upper(span)))::bigint from external_busy";
    let before = app.count(last).await;
    let later = plus_minutes(app.now, 400 * DAY);
    assert_eq!(extend(&app.database, later).await, Ok(1));
    assert_eq!(extend(&app.database, later).await, Ok(0));
    let weeks = (app.count(last).await - before) / (7 * 24 * 3600);
    assert!((56..=58).contains(&weeks), "{weeks}");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_single_event_far_ahead_comes_when_it_is_time() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    let far = plus_minutes(app.slot(20), 1200 * DAY);
    app.put_busy(calendar, 0, "/far.ics", event(far, 1, ""))
        .await
        .unwrap();
    assert_eq!(app.count("select count(*) from external_busy").await, 0);
    assert_eq!(
        extend(&app.database, plus_minutes(app.now, 200 * DAY)).await,
        Ok(1)
    );
    assert_eq!(app.count("select count(*) from external_busy").await, 1);
    assert_eq!(
        app.count("select count(*) from external_items where recurrence is not null")
            .await,
        0
    );
}

#[tokio::test]
async fn times_that_are_over_are_deleted() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    app.put_busy(calendar, 0, "/a.ics", event(app.slot(20), 1, ""))
        .await
        .unwrap();
    let later = plus_minutes(app.slot(22), 8 * DAY);
    app.database
        .write("test.tidy", move |mut tx| async move {
            tidy(&mut tx, later).await?;
            tx.commit().await
        })
        .await
        .unwrap();
    assert_eq!(app.count("select count(*) from external_busy").await, 0);
    assert_eq!(app.count("select count(*) from external_items").await, 1);
}
