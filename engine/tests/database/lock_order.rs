//! The lock order: a transaction that takes a lock out of order fails in tests.

use engine::{
    database::{Failure, Lock, Tx, locking},
    error::AppError,
};

use crate::support::TestApp;

/// Takes something of this kind; the order is by kind, whatever is locked.
async fn take(tx: &mut Tx, lock: Lock) -> Result<(), Failure> {
    locking(lock, sqlx::query("select 1").execute(&mut **tx)).await?;
    Ok(())
}

#[tokio::test]
async fn an_attempt_that_goes_back_in_the_lock_order_fails() {
    let app = TestApp::new().await;
    let attempt = |mut tx: Tx| async move {
        take(&mut tx, Lock::Appointments).await?;
        take(&mut tx, Lock::Doctor).await?;
        tx.commit().await
    };
    assert_eq!(
        app.database.write("test.back", attempt).await,
        Err(AppError::Internal)
    );
}

#[tokio::test]
async fn an_attempt_that_follows_the_lock_order_succeeds() {
    let app = TestApp::new().await;
    let attempt = |mut tx: Tx| async move {
        take(&mut tx, Lock::Doctor).await?;
        take(&mut tx, Lock::Doctor).await?;
        take(&mut tx, Lock::Appointments).await?;
        tx.commit().await
    };
    assert_eq!(app.database.write("test.forward", attempt).await, Ok(()));
}

#[tokio::test]
async fn a_new_part_of_an_attempt_starts_over() {
    let app = TestApp::new().await;
    let attempt = |mut tx: Tx| async move {
        take(&mut tx, Lock::Doctor).await?;
        let part = tx.new_part().await?;
        let taken = take(&mut tx, Lock::Organisation).await;
        part.settle(&mut tx, taken).await??;
        tx.commit().await
    };
    assert_eq!(app.database.write("test.part", attempt).await, Ok(()));
}
