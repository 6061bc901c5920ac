//! Deadlocks and lock timeouts, which are tried again.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sqlx::{Connection, Executor};
use tokio::sync::Barrier;

use super::{add_one, quick, with_counters};
use crate::support::crowded;
use engine::error::AppError;

/// Each pair locks two rows in opposite orders, and meets in the middle of its first attempt.
#[tokio::test]
async fn injected_deadlocks_are_retried_until_they_succeed() {
    let app = with_counters(crowded()).await;
    let attempts = Arc::new(AtomicUsize::new(0));
    let mut racers = Vec::new();
    for pair in 0..10 {
        let middle = Arc::new(Barrier::new(2));
        let (low, high) = (2 * pair, 2 * pair + 1);
        for (first, second) in [(low, high), (high, low)] {
            let (database, middle, attempts) = (app.database.clone(), middle.clone(), attempts.clone());
            racers.push(async move {
                let mine = Arc::new(AtomicUsize::new(0));
                database
                    .write("test.deadlock", move |mut tx| {
                        let (middle, mine, attempts) = (middle.clone(), mine.clone(), attempts.clone());
                        async move {
                            attempts.fetch_add(1, Ordering::Relaxed);
                            add_one(&mut tx, first).await?;
                            if mine.fetch_add(1, Ordering::Relaxed) == 0 {
                                middle.wait().await;
                            }
                            add_one(&mut tx, second).await?;
                            tx.commit().await?;
                            Ok(())
                        }
                    })
                    .await
            });
        }
    }
    let results = app.race(racers).await;
    assert_eq!(results, vec![Ok(()); 20]);
    assert!(attempts.load(Ordering::Relaxed) >= 30, "there was no deadlock");
    assert_eq!(
        app.count("select count(*) from counters where id < 20 and value = 2")
            .await,
        20
    );
}

#[tokio::test]
async fn a_deadlock_in_every_attempt_leaves_nothing_written() {
    let app = with_counters(quick()).await;
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = attempts.clone();
    let result: Result<(), AppError> = app
        .database
        .write("test.deadlock", move |mut tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                add_one(&mut tx, 1).await?;
                (&mut *tx)
                    .execute("do $$ begin raise exception using errcode = '40P01'; end $$")
                    .await?;
                tx.commit().await
            }
        })
        .await;
    assert_eq!(result, Err(AppError::DeadlockDetected));
    assert_eq!(attempts.load(Ordering::Relaxed), 4);
    assert_eq!(app.count("select value from counters where id = 1").await, 0);
}

#[tokio::test]
async fn a_lock_timeout_is_reported_after_four_attempts() {
    let app = with_counters(quick()).await;
    let mut other = app.connection().await;
    let mut holder = other.begin().await.unwrap();
    sqlx::query("select from counters where id = 1 for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = attempts.clone();
    let result = app
        .database
        .write("test.lock", move |mut tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                add_one(&mut tx, 1).await?;
                tx.commit().await
            }
        })
        .await;
    assert_eq!(result, Err(AppError::InventoryLocked));
    assert_eq!(attempts.load(Ordering::Relaxed), 4);
    assert!(AppError::InventoryLocked.is_transient());
}

#[tokio::test]
async fn a_lock_that_is_released_in_time_is_waited_for() {
    let app = with_counters(crowded()).await;
    let mut other = app.connection().await;
    let mut holder = other.begin().await.unwrap();
    sqlx::query("select from counters where id = 1 for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    let database = app.database.clone();
    let writing = tokio::spawn(async move {
        database
            .write("test.lock", |mut tx| async move {
                add_one(&mut tx, 1).await?;
                tx.commit().await
            })
            .await
    });
    app.until_waiting(1).await;
    holder.commit().await.unwrap();
    writing.await.unwrap().unwrap();
    assert_eq!(app.count("select value from counters where id = 1").await, 1);
}
