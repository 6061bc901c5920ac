//! Callers who leave in the middle, and attempts that end without a commit.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sqlx::Executor;
use tokio::sync::Notify;

use super::{add_one, quick, with_counters};
use crate::support::{Heard, TestApp, settings};
use engine::{database::Settings, error::AppError};

#[tokio::test]
async fn an_attempt_that_refuses_writes_nothing() {
    let app = with_counters(quick()).await;
    let refused = app
        .database
        .write("test.refused", |mut tx| async move {
            add_one(&mut tx, 1).await?;
            Err::<(), _>(AppError::Forbidden.into())
        })
        .await;
    assert_eq!(refused, Err(AppError::Forbidden));
    assert_eq!(app.count("select value from counters where id = 1").await, 0);
}

#[tokio::test]
async fn an_attempt_that_panics_writes_nothing() {
    let app = with_counters(quick()).await;
    let panicked: Result<(), AppError> = app
        .database
        .write("test.panicked", |mut tx| async move {
            add_one(&mut tx, 1).await?;
            panic!("on purpose");
        })
        .await;
    assert_eq!(panicked, Err(AppError::Internal));
    assert_eq!(app.count("select value from counters where id = 1").await, 0);
}

#[tokio::test]
async fn an_attempt_that_forgets_to_commit_writes_nothing() {
    let app = with_counters(quick()).await;
    let forgot = app
        .database
        .write("test.forgot", |mut tx| async move { add_one(&mut tx, 1).await })
        .await;
    assert_eq!(forgot, Ok(()));
    assert_eq!(app.count("select value from counters where id = 1").await, 0);
}

/// Callers leave at every moment of a write: before it has a connection, in its middle, at its commit.
#[tokio::test]
async fn callers_who_leave_lose_no_acknowledged_write() {
    let settings = Settings {
        pool_size: 2,
        ..settings()
    };
    let app = with_counters(settings).await;
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    let committed = Arc::new(AtomicUsize::new(0));
    let done = Arc::new(Notify::new());
    for number in 0..200usize {
        let (database, committed, done) = (app.database.clone(), committed.clone(), done.clone());
        let caller = tokio::spawn(async move {
            database
                .write("test.left", move |mut tx| {
                    let (committed, done) = (committed.clone(), done.clone());
                    async move {
                        add_one(&mut tx, 1).await?;
                        tx.commit().await?;
                        committed.fetch_add(1, Ordering::Relaxed);
                        done.notify_one();
                        Ok(())
                    }
                })
                .await
        });
        for _ in 0..number % 17 {
            tokio::task::yield_now().await;
        }
        caller.abort();
        // Somebody else's write, which was acknowledged.
        if number % 5 == 0 {
            app.database
                .write("test.stayed", |mut tx| async move {
                    add_one(&mut tx, 2).await?;
                    tx.commit().await
                })
                .await
                .unwrap();
        }
    }
    // Every write that began comes to its end: the pool has all its connections again.
    let both = [
        app.database.pool().acquire().await.unwrap(),
        app.database.pool().acquire().await.unwrap(),
    ];
    drop(both);
    let written = app.count("select value from counters where id = 1").await;
    assert_eq!(
        usize::try_from(written).unwrap(),
        committed.load(Ordering::Relaxed)
    );
    assert!(written > 0);
    assert_eq!(app.count("select value from counters where id = 2").await, 40);
    drop(guard);
    assert_eq!(heard.containing("transaction in progress"), Vec::<String>::new());
}

/// The test above would not see a warning that nobody passes on.
#[tokio::test]
async fn the_log_of_a_test_shows_warnings_about_transactions() {
    let app = TestApp::new().await;
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    let mut connection = app.connection().await;
    connection.execute("begin").await.unwrap();
    connection.execute("begin").await.unwrap();
    drop(guard);
    assert_eq!(heard.containing("transaction in progress").len(), 1);
}
