//! A database that can be reached and cannot do its work: a standby, a disk that is full.

use engine::{database::Database, error::AppError};

use super::{add_one, quick, with_counters};
use crate::support::{Heard, TestApp};

async fn write(database: &Database) -> Result<(), AppError> {
    database
        .write("test.write", |mut tx| async move {
            add_one(&mut tx, 1).await?;
            tx.commit().await
        })
        .await
}

async fn fail_with(database: &Database, code: &'static str) -> Result<(), AppError> {
    let statement = format!("do $$ begin raise exception using errcode = '{code}'; end $$");
    database
        .write("test.fail", move |mut tx| {
            let statement = statement.clone();
            async move {
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await
            }
        })
        .await
}

/// Makes new transactions read-only, or not, as when another server has become the primary.
async fn read_only(app: &TestApp, is_read_only: bool) {
    let (on, off) = (
        "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$",
        "begin read write;
         do $$ begin execute format('alter database %I reset default_transaction_read_only', current_database()); end $$;
         commit",
    );
    app.sql(if is_read_only { on } else { off }).await;
}

#[tokio::test]
async fn a_database_that_cannot_be_written_to_is_unavailable() {
    let app = with_counters(quick()).await;
    read_only(&app, true).await;
    // Whoever connects now is where nothing can be written.
    let standby = app.options.open(&quick());
    assert_eq!(write(&standby).await, Err(AppError::Unavailable));
    assert_eq!(standby.can_write().await, Err(AppError::Unavailable));
    assert!(standby.outage().is_some_and(|why| why.contains("standby")));

    // After that, connections that lead there are closed, and others lead to where writing is possible.
    read_only(&app, false).await;
    write(&standby).await.unwrap();
    assert_eq!(app.count("select value from counters where id = 1").await, 1);
}

#[tokio::test]
async fn a_connection_to_a_standby_is_closed_while_it_lies_in_the_pool() {
    let mut settings = quick();
    settings.pool_size = 1;
    let app = with_counters(settings).await;
    write(&app.database).await.unwrap();
    // The connection turns read-only, as that of a primary that was put back does.
    app.database
        .read("test.standby", |mut connection| async move {
            sqlx::raw_sql("set default_transaction_read_only = on")
                .execute(&mut *connection)
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    // The first attempt fails there; the next one has another connection.
    write(&app.database).await.unwrap();
    assert_eq!(app.count("select value from counters where id = 1").await, 2);
}

#[tokio::test]
async fn a_database_that_lacks_room_is_unavailable() {
    let app = with_counters(quick()).await;
    for code in ["53100", "53200", "53400", "58030", "25006"] {
        assert_eq!(
            fail_with(&app.database, code).await,
            Err(AppError::Unavailable),
            "{code}"
        );
    }
    // It is asked by writing, which works.
    app.database.can_write().await.unwrap();
}

#[tokio::test]
async fn an_outage_is_one_line_in_the_log() {
    let app = with_counters(quick()).await;
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    for _ in 0..50 {
        fail_with(&app.database, "53100").await.unwrap_err();
    }
    assert_eq!(heard.containing("no room on its disk").len(), 1);
    // It is over when nothing has failed for a moment.
    let over = async {
        while app.database.outage().is_some() {
            write(&app.database).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), over)
        .await
        .unwrap();
    assert_eq!(heard.containing("outage of the database is over").len(), 1);
    fail_with(&app.database, "53100").await.unwrap_err();
    assert_eq!(heard.containing("no room on its disk").len(), 2);
    drop(guard);
}
