//! The commit of a transaction in which a statement has failed.

use engine::error::AppError;
use sqlx::Connection;

use super::{add_one, quick, with_counters};
use crate::support::TestApp;

/// Statements that fail for different reasons.
const FAILING: [&str; 5] = [
    "select 1 / 0",
    "insert into counters values (1, 1)",
    "select from no_such_table",
    "this is no SQL",
    "do $$ begin raise exception 'no'; end $$",
];

/// What this is about: the driver, by itself, takes it for success.
#[tokio::test]
async fn the_driver_takes_the_commit_of_an_aborted_transaction_for_success() {
    let app = TestApp::new().await;
    let mut connection = app.connection().await;
    let mut tx = connection.begin().await.unwrap();
    sqlx::query("select 1 / 0").execute(&mut *tx).await.unwrap_err();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_commit_after_a_statement_that_failed_is_no_success() {
    let app = with_counters(quick()).await;
    for statement in FAILING {
        let result = app
            .database
            .write("test.aborted", move |mut tx| async move {
                add_one(&mut tx, 1).await?;
                // A caller that overlooks the error.
                let _ = sqlx::raw_sql(statement).execute(&mut *tx).await;
                tx.commit().await
            })
            .await;
        assert_eq!(result, Err(AppError::Internal), "{statement}");
    }
    assert_eq!(app.count("select value from counters where id = 1").await, 0);
}

#[tokio::test]
async fn the_connection_of_an_aborted_commit_is_as_good_as_new() {
    let mut settings = quick();
    settings.pool_size = 1;
    let app = with_counters(settings).await;
    for _ in 0..20 {
        let aborted = app
            .database
            .write("test.aborted", |mut tx| async move {
                let _ = sqlx::query("select 1 / 0").execute(&mut *tx).await;
                tx.commit().await
            })
            .await;
        assert_eq!(aborted, Err(AppError::Internal));
        app.database
            .write("test.next", |mut tx| async move {
                add_one(&mut tx, 2).await?;
                tx.commit().await
            })
            .await
            .unwrap();
    }
    assert_eq!(app.count("select value from counters where id = 2").await, 20);
}

/// What a constraint says at the commit itself is an error, too, and the connection goes on.
#[tokio::test]
async fn a_commit_that_a_deferred_constraint_refuses_is_no_success() {
    let app = with_counters(quick()).await;
    app.sql("create table parts (of bigint references counters (id) deferrable initially deferred)")
        .await;
    for id in [1000, 1] {
        let result = app
            .database
            .write("test.deferred", move |mut tx| async move {
                sqlx::query("insert into parts values ($1)")
                    .bind(id)
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await
            })
            .await;
        assert_eq!(result.is_ok(), id == 1, "{result:?}");
    }
    assert_eq!(app.count("select count(*) from parts").await, 1);
}
