//! Databases that are gone, pools that are empty, connections that break.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{add_one, quick, with_counters};
use crate::support::TestApp;
use engine::{
    database::{Database, Settings},
    error::AppError,
};

#[tokio::test]
async fn a_database_that_is_gone_is_reported_in_bounded_time() {
    // Nobody listens there.
    let options = PgConnectOptions::new()
        .host("127.0.0.1")
        .port(1)
        .username("nobody")
        .database("none");
    let database = Database::new(PgPoolOptions::new(), options, &quick());
    let started = Instant::now();
    let written = database
        .write("test.gone", |tx| async move { tx.commit().await })
        .await;
    let read: Result<(), AppError> = database.read("test.gone", |_| async { Ok(()) }).await;
    assert_eq!(
        (written, read),
        (Err(AppError::Unavailable), Err(AppError::Unavailable))
    );
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_full_pool_is_reported_in_bounded_time() {
    let app = TestApp::with(quick()).await;
    let mut taken = Vec::new();
    for _ in 0..quick().pool_size {
        taken.push(app.database.pool().acquire().await.unwrap());
    }
    let written = app
        .database
        .write("test.full", |tx| async move { tx.commit().await })
        .await;
    assert_eq!(written, Err(AppError::Unavailable));
    drop(taken);
    app.database
        .write("test.full", |tx| async move { tx.commit().await })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_write_works_after_a_connection_broke_in_the_middle_of_another() {
    let app = with_counters(Settings {
        pool_size: 1,
        ..quick()
    })
    .await;
    let broken = app
        .database
        .write("test.broken", |mut tx| async move {
            add_one(&mut tx, 1).await?;
            sqlx::query("select pg_terminate_backend(pg_backend_pid())")
                .execute(&mut *tx)
                .await?;
            tx.commit().await
        })
        .await;
    assert_eq!(broken, Err(AppError::Unavailable));
    app.database
        .write("test.after", |mut tx| async move {
            add_one(&mut tx, 1).await?;
            tx.commit().await
        })
        .await
        .unwrap();
    assert_eq!(app.count("select value from counters where id = 1").await, 1);
}

/// PostgreSQL was restarted while connections lay in the pool.
#[tokio::test]
async fn every_write_works_after_a_restart_of_the_database() {
    let app = with_counters(Settings {
        pool_size: 3,
        ..quick()
    })
    .await;
    let mut connections = Vec::new();
    for _ in 0..3 {
        connections.push(app.database.pool().acquire().await.unwrap());
    }
    drop(connections);
    // Given back is not there yet: a connection is looked at first.
    while app.database.pool().num_idle() < 3 {
        tokio::task::yield_now().await;
    }
    app.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()",
    )
    .await;
    for _ in 0..3 {
        app.database
            .write("test.restarted", |mut tx| async move {
                add_one(&mut tx, 1).await?;
                tx.commit().await
            })
            .await
            .unwrap();
    }
}
