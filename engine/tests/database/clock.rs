//! Servers whose own clocks are wrong.

use engine::{
    appointment::expire,
    booking,
    database::{Database, MAX_CLOCK_DIFFERENCE},
    error::{AppError, Refusal},
    idempotency,
};
use jiff::SignedDuration;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{TestApp, VISIT, hold, one_winner, refusal, settings};

/// An hour and two days, both ways.
const WRONG: [SignedDuration; 4] = [
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(-1),
    SignedDuration::from_hours(48),
    SignedDuration::from_hours(-48),
];

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Another server of the same clinic, whose clock is wrong by this time.
fn server(options: &PgConnectOptions, by: SignedDuration) -> Database {
    let database = Database::new(PgPoolOptions::new(), options.clone(), &settings());
    database.shift_own_clock(by);
    database
}

#[tokio::test]
async fn the_time_of_a_server_is_that_of_the_database() {
    let app = TestApp::new().await;
    for by in WRONG {
        let other = server(&app.options, by);
        other.read_clock().await.unwrap();
        let now = app.database.now();
        assert!(other.now().duration_since(now).abs() < SECOND, "{by:?}");
        assert!((other.clock_ahead() - by).abs() < SECOND, "{by:?}");
        assert!(other.clock_ahead().abs() > MAX_CLOCK_DIFFERENCE);
        assert!(app.database.clock_ahead().abs() < SECOND);
    }
}

#[tokio::test]
async fn a_transaction_has_the_time_at_which_it_began() {
    let app = TestApp::new().await;
    let (now, asked) = app
        .database
        .write("test.now", |mut tx| async move {
            let asked: i64 = sqlx::query_scalar("select (extract(epoch from now()) * 1000000)::bigint")
                .fetch_one(&mut *tx)
                .await?;
            Ok((tx.now(), asked))
        })
        .await
        .unwrap();
    assert_eq!(now.as_microsecond(), asked);
}

#[tokio::test]
async fn what_was_decided_by_a_wrong_clock_is_not_done() {
    let app = TestApp::new().await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    for by in WRONG {
        // As after the sleep of a machine: nobody has asked the database yet.
        let other = server(&app.options, by);
        let early = booking::hold(&other, hold(2, wanted), other.now()).await;
        assert_eq!(early, Err(AppError::Unavailable), "{by:?}");
        assert_eq!(app.count("select count(*) from appointments").await, 0);
        let now = other.now();
        assert!(now.duration_since(app.database.now()).abs() < SECOND);
    }
    let other = server(&app.options, WRONG[0]);
    booking::hold(&other, hold(2, wanted), other.now())
        .await
        .unwrap_err();
    booking::hold(&other, hold(2, wanted), other.now()).await.unwrap();
}

#[tokio::test]
async fn a_server_with_a_wrong_clock_gives_no_held_time_away() {
    let app = TestApp::new().await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    app.hold(1, wanted, app.database.now()).await.unwrap();
    for by in WRONG {
        let other = server(&app.options, by);
        other.read_clock().await.unwrap();
        let stolen = booking::hold(&other, hold(2, wanted), other.now()).await;
        assert_eq!(refusal(&stolen), Some(Refusal::SlotTaken), "{by:?}");
    }
}

#[tokio::test]
async fn a_server_with_a_wrong_clock_books_no_time_that_has_passed() {
    let app = TestApp::new().await;
    let half_hours = app.now.as_second().div_euclid(1800);
    let passed = jiff::Timestamp::from_second(half_hours * 1800).unwrap();
    for by in WRONG {
        let other = server(&app.options, by);
        other.read_clock().await.unwrap();
        let wanted = app.wanted(0, VISIT, passed);
        let held = booking::hold(&other, hold(2, wanted), other.now()).await;
        assert_eq!(refusal(&held), Some(Refusal::SlotClosed), "{by:?}");
    }
}

#[tokio::test]
async fn servers_with_wrong_clocks_race_for_one_time_while_their_workers_run() {
    let app = TestApp::crowded().await;
    let options = app.options.clone();
    let patient_id = app.patient(900).await;
    // A request that has a day, and a key that has one.
    let kept = app
        .requested(patient_id, app.wanted(1, VISIT, app.slot(90)))
        .await;
    app.sql("insert into idempotency_keys (id, request, expires_at) values ('\\x01', '\\x02', now() + interval '23 hours')")
        .await;
    let servers: Vec<Database> = WRONG.iter().map(|by| server(&options, *by)).collect();
    for server in &servers {
        server.read_clock().await.unwrap();
    }
    for round in 0..8 {
        let wanted = app.wanted(0, VISIT, app.slot(round));
        let mut racers = Vec::new();
        for number in 0..12 {
            let server = servers[number % servers.len()].clone();
            racers.push(async move {
                if number >= 8 {
                    expire(&server, server.now()).await?;
                    server
                        .write("test.tidy", move |mut tx| async move {
                            let now = tx.now();
                            idempotency::tidy(&mut tx, now).await?;
                            tx.commit().await
                        })
                        .await?;
                    return Ok(None);
                }
                let now = server.now();
                // Another browser each time: one that chooses another time gives up its first.
                let visitor = usize::try_from(round).unwrap() * 100 + number;
                booking::hold(&server, hold(visitor, wanted), now).await.map(Some)
            });
        }
        let results = app.race(racers).await;
        let holds: Vec<_> = results.into_iter().filter_map(Result::transpose).collect();
        let (_, losers) = one_winner(&holds);
        assert_eq!(losers.len(), 7);
    }
    app.assert_sound().await;
    let pending = "select count(*) from appointments where status = 'pending'";
    assert_eq!(app.count(pending).await, 1, "{kept} has expired");
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 1);
    let ends = "select count(*) from appointments
                where status = 'held' and held_until between now() and now() + interval '10 minutes'";
    assert_eq!(app.count(ends).await, 8);
}
