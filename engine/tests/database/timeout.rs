//! Statements that take too long.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{add_one, quick, with_counters};
use engine::error::AppError;

#[tokio::test]
async fn a_statement_timeout_ends_a_write_without_a_retry() {
    let app = with_counters(quick()).await;
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = attempts.clone();
    let result = app
        .database
        .write("test.slow", move |mut tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                add_one(&mut tx, 1).await?;
                sqlx::query("select pg_sleep(60)").execute(&mut *tx).await?;
                tx.commit().await
            }
        })
        .await;
    assert_eq!(result, Err(AppError::TransactionTimeout));
    assert_eq!(attempts.load(Ordering::Relaxed), 1);
    assert_eq!(app.count("select value from counters where id = 1").await, 0);
}
