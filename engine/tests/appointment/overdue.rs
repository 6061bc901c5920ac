//! Requests that fall due in an outage, or too many at once.

use engine::{
    appointment::{Decision, HeldBack, Round, begin_round, decide, expire, held_back},
    time::plus_minutes,
};
use jiff::Timestamp;

use super::requests;
use crate::support::{TestApp, VISIT, answer_within, submit};

const DAY: i64 = 24 * 60;

/// The requests that stand, and until when they wait for their answers.
async fn ends(app: &TestApp) -> Vec<Timestamp> {
    sqlx::query_scalar::<_, i64>(
        "select floor(extract(epoch from answer_until))::bigint from appointments where status = 'pending' order by id",
    )
    .fetch_all(&mut *app.spare().await)
    .await
    .unwrap()
    .into_iter()
    .map(|seconds| Timestamp::from_second(seconds).unwrap())
    .collect()
}

fn minutes_after(app: &TestApp, ends: &[Timestamp]) -> Vec<i64> {
    ends.iter()
        .map(|end| (end.as_second() - app.now.as_second()).div_euclid(60))
        .collect()
}

/// A round that has ended this many minutes after the test began.
async fn round_at(app: &TestApp, minutes: i64) -> Round {
    begin_round(&app.database, 0, plus_minutes(app.now, minutes))
        .await
        .unwrap()
}

/// A request that waits so many minutes for its answer.
async fn request(app: &TestApp, number: usize, slot: i64, minutes: i64) {
    let patient_id = app.patient(number).await;
    let held = app
        .hold(number, app.wanted(0, VISIT, app.slot(slot)), app.now)
        .await
        .unwrap();
    let mut command = submit(number, patient_id, &held);
    command.rules = answer_within(minutes);
    engine::booking::submit(&app.database, command, app.now)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_request_that_fell_due_in_an_outage_is_given_the_time_that_it_missed() {
    let app = TestApp::crowded().await;
    // Due before the outage, in it, and after it.
    for (number, minutes) in [(0, 5), (1, 30), (2, 600)] {
        request(&app, number, 200 + i64::try_from(number).unwrap(), minutes).await;
    }
    for minutes in [4, 8, 10] {
        round_at(&app, minutes).await;
    }
    // Nobody was there for two hours.
    assert_eq!(round_at(&app, 130).await, Round::Usual);
    assert_eq!(minutes_after(&app, &ends(&app).await), [5, 150, 600]);
    assert_eq!(expire(&app.database, plus_minutes(app.now, 130)).await, Ok(1));
    // It is given once.
    round_at(&app, 130).await;
    assert_eq!(minutes_after(&app, &ends(&app).await), [150, 600]);
    app.assert_sound().await;
}

#[tokio::test]
async fn two_workers_give_the_time_of_an_outage_once() {
    let app = TestApp::crowded().await;
    request(&app, 0, 200, 30).await;
    round_at(&app, 10).await;
    let now = plus_minutes(app.now, 130);
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let database = app.database.clone();
            async move { begin_round(&database, 0, now).await }
        })
        .collect();
    for round in app.race(racers).await {
        assert_eq!(round, Ok(Round::Usual));
    }
    assert_eq!(minutes_after(&app, &ends(&app).await), [150]);
}

#[tokio::test]
async fn no_request_waits_longer_than_until_its_start() {
    let app = TestApp::crowded().await;
    request(&app, 0, 4, 30).await;
    round_at(&app, 10).await;
    let start = app.slot(4);
    let before_start = (start.as_second() - app.now.as_second()).div_euclid(60) - 10;
    round_at(&app, before_start).await;
    assert_eq!(ends(&app).await, [start]);
    // After its start there is nothing to wait for.
    round_at(&app, before_start + 30).await;
    assert_eq!(ends(&app).await, [start]);
    assert_eq!(
        expire(&app.database, plus_minutes(app.now, before_start + 30)).await,
        Ok(1)
    );
}

#[tokio::test]
async fn a_restart_is_no_outage() {
    let app = TestApp::crowded().await;
    request(&app, 0, 200, 12).await;
    round_at(&app, 10).await;
    round_at(&app, 14).await;
    assert_eq!(minutes_after(&app, &ends(&app).await), [12]);
}

#[tokio::test]
async fn requests_that_are_due_at_once_wait_for_an_admin() {
    let app = TestApp::new().await;
    requests(&app, 4).await;
    let database = &app.database;
    // As the database keeps it.
    let due = Timestamp::from_microsecond(plus_minutes(app.now, DAY).as_microsecond()).unwrap();
    round_at(&app, DAY - 1).await;
    let since = HeldBack {
        since: due,
        requests: 4,
    };
    assert_eq!(begin_round(database, 3, due).await, Ok(Round::HeldBack(since)));
    // They can be answered meanwhile, and go on waiting.
    assert_eq!(expire(database, due).await, Ok(0));
    assert_eq!(minutes_after(&app, &ends(&app).await), [DAY + 60; 4]);
    for minutes in [61, 122, 183] {
        let later = plus_minutes(due, minutes);
        round_at(&app, DAY + minutes - 4).await;
        assert_eq!(begin_round(database, 3, later).await, Ok(Round::HeldBack(since)));
        assert_eq!(expire(database, later).await, Ok(0));
        assert_eq!(held_back(database, later).await, Ok(Some(since)));
    }

    decide(database, Decision::Expire, None, plus_minutes(due, 184))
        .await
        .unwrap();
    assert_eq!(held_back(database, plus_minutes(due, 184)).await, Ok(None));
    let gone = plus_minutes(due, 244);
    round_at(&app, DAY + 240).await;
    assert_eq!(begin_round(database, 3, gone).await, Ok(Round::Usual));
    assert_eq!(expire(database, gone).await, Ok(4));
    app.assert_sound().await;
}

#[tokio::test]
async fn an_admin_can_give_more_time() {
    let app = TestApp::new().await;
    requests(&app, 4).await;
    let due = plus_minutes(app.now, DAY);
    round_at(&app, DAY - 1).await;
    begin_round(&app.database, 3, due).await.unwrap();
    decide(&app.database, Decision::Wait { minutes: 600 }, None, due)
        .await
        .unwrap();
    assert_eq!(minutes_after(&app, &ends(&app).await), [DAY + 600; 4]);
    assert_eq!(held_back(&app.database, due).await, Ok(None));
    // Whoever decides later decides nothing: the requests keep the time that they were given.
    let later = decide(&app.database, Decision::Wait { minutes: 900 }, None, due).await;
    assert_eq!(later, Ok(false));
    assert_eq!(
        decide(&app.database, Decision::Expire, None, due).await,
        Ok(false)
    );
    assert_eq!(minutes_after(&app, &ends(&app).await), [DAY + 600; 4]);
    assert_eq!(begin_round(&app.database, 3, due).await, Ok(Round::Usual));
}

#[tokio::test]
async fn as_many_as_are_usual_expire_without_an_admin() {
    let app = TestApp::new().await;
    requests(&app, 4).await;
    let due = plus_minutes(app.now, DAY);
    round_at(&app, DAY - 1).await;
    for at_once in [4, 0] {
        assert_eq!(begin_round(&app.database, at_once, due).await, Ok(Round::Usual));
    }
    assert_eq!(expire(&app.database, due).await, Ok(4));
}
