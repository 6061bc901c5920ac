//! Servers that start at once.

use sqlx::{ConnectOptions, Connection};

use engine::database::{StartError, migrate, must_be_migrated, newest_migration};

use crate::support::{Heard, TestApp, TestDatabase, VISIT, emptied};

#[tokio::test]
async fn servers_that_start_at_once_migrate_once() {
    let options = TestDatabase::new().await;
    emptied(&options).await;
    let url = options.to_url_lossy().to_string();
    let (first, second, third) = tokio::join!(migrate(&url), migrate(&url), migrate(&url));
    first.unwrap();
    second.unwrap();
    third.unwrap();
    migrate(&url).await.unwrap();
    let mut connection = options.connect().await.unwrap();
    let (applied, different): (i64, i64) =
        sqlx::query_as("select count(*), count(distinct version) from _sqlx_migrations where success")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert!(applied > 0);
    assert_eq!(applied, different);
    connection.close().await.unwrap();
}

/// Whoever runs goes on; whoever starts refuses, in one line, and leaves everything as it is.
#[tokio::test]
async fn tables_of_a_newer_program_are_refused() {
    let app = TestApp::new().await;
    // Something would be missing, too, which is not for an older program to do.
    app.sql(
        "delete from _sqlx_migrations where version = 21;
         insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9997, 'of tomorrow', true, '\\x01', 1), (9998, 'of tomorrow, broken off', false, '\\x01', 1)",
    )
    .await;
    let done = "select count(*) from _sqlx_migrations";
    let before = app.count(done).await;
    let url = app.options.to_url_lossy().to_string();
    for refused in [migrate(&url).await, must_be_migrated(&url).await] {
        let error = refused.unwrap_err();
        assert!(
            matches!(error, StartError::Newer { found: 9998, known } if known == newest_migration()),
            "{error}"
        );
        let line = error.to_string();
        assert!(line.contains("migration 9998") && !line.contains('\n'), "{line}");
    }
    assert_eq!(app.count(done).await, before);

    app.hold(1, app.wanted(0, VISIT, app.slot(0)), app.database.now())
        .await
        .unwrap();
    // The turn of those who migrate was given back.
    app.sql("delete from _sqlx_migrations where version in (9997, 9998); drop table worker_rounds")
        .await;
    migrate(&url).await.unwrap();
}

#[tokio::test]
async fn a_server_that_may_not_migrate_says_what_is_missing() {
    let app = TestApp::new().await;
    let url = app.options.to_url_lossy().to_string();
    must_be_migrated(&url).await.unwrap();
    app.sql("delete from _sqlx_migrations where version = 5").await;
    let error = must_be_migrated(&url).await.unwrap_err();
    assert!(matches!(error, StartError::NotMigrated(5)), "{error}");
    app.sql("drop table _sqlx_migrations").await;
    let error = must_be_migrated(&url).await.unwrap_err();
    assert!(matches!(error, StartError::NotMigrated(1)), "{error}");
}

/// Whoever comes behind a migration that waits for a lock waits as well; so it lets them go on, and tries again.
#[tokio::test]
async fn a_migration_that_waits_for_a_lock_tries_again() {
    let app = TestApp::crowded().await;
    app.sql("delete from _sqlx_migrations where version = 21; drop table worker_rounds")
        .await;
    let url = app.options.to_url_lossy().to_string();
    let mut holder = app.connection().await;
    let mut held = holder.begin().await.unwrap();
    sqlx::raw_sql("lock table _sqlx_migrations in share mode")
        .execute(&mut *held)
        .await
        .unwrap();
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    let until_it_tries_again = async {
        while heard.containing("tries again").is_empty() {
            tokio::task::yield_now().await;
        }
        held.rollback().await.unwrap();
    };
    let (migrated, ()) = tokio::join!(migrate(&url), until_it_tries_again);
    migrated.unwrap();
    drop(guard);
    assert!(!heard.containing("not done yet").is_empty());
    assert_eq!(app.count("select count(*) from worker_rounds").await, 1);
}

#[tokio::test]
async fn a_standby_is_named_and_not_migrated() {
    let app = TestApp::new().await;
    app.sql(
        "do $$ begin
             execute format('alter database %I set default_transaction_read_only = on', current_database());
         end $$",
    )
    .await;
    let error = migrate(app.options.to_url_lossy().as_ref()).await.unwrap_err();
    assert!(matches!(error, StartError::ReadOnly), "{error}");
}

/// A server that was killed while it built an index leaves one behind that nobody uses.
#[tokio::test]
async fn an_index_that_was_not_finished_is_made_anew() {
    let app = TestApp::crowded().await;
    app.sql(
        "delete from _sqlx_migrations where version in (37, 61);
         update pg_index set indisvalid = false
         where indexrelid = 'appointments_status_starts_at_idx'::regclass",
    )
    .await;
    let url = app.options.to_url_lossy().to_string();
    // Whoever waits does not keep the index waiting, which waits for all who were there before it.
    let (first, second, third) = tokio::join!(migrate(&url), migrate(&url), migrate(&url));
    first.unwrap();
    second.unwrap();
    third.unwrap();
    let valid = "select count(*) from pg_index
                 where indisvalid and indexrelid in ('appointments_status_starts_at_idx'::regclass,
                                                     'appointments_clinic_id_starts_at_idx'::regclass)";
    assert_eq!(app.count(valid).await, 2);
    assert_eq!(
        app.count("select count(*) from _sqlx_migrations where version in (37, 61)")
            .await,
        2
    );
}
