//! The way in which Janji writes: retries, timeouts, callers who leave, databases that are gone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{
    Connection, Executor,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{Barrier, Notify};

use super::app::{Setup, TestApp};
use crate::{
    database::{Database, Failure, Settings, Tx, migrate},
    error::AppError,
};

async fn add_one(tx: &mut Tx, id: i64) -> Result<(), Failure> {
    sqlx::query("update counters set value = value + 1 where id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn with_counters(options: PgConnectOptions, settings: Settings) -> TestApp {
    let app = TestApp::with(
        options,
        Setup {
            settings,
            ..Setup::default()
        },
    )
    .await;
    app.sql(
        "create table counters (id bigint primary key, value bigint not null);
         insert into counters select id, 0 from generate_series(0, 99) as id;",
    )
    .await;
    app
}

fn quick() -> Settings {
    Settings {
        pool_size: 4,
        lock_timeout: Duration::from_millis(40),
        statement_timeout: Duration::from_millis(400),
        acquire_timeout: Duration::from_millis(400),
    }
}

/// Each pair locks two rows in opposite orders, and meets in the middle of its first attempt.
#[sqlx::test]
async fn injected_deadlocks_end_in_success_and_nobody_notices(_: PgPoolOptions, options: PgConnectOptions) {
    let app = with_counters(options, Setup::default().settings).await;
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

#[sqlx::test]
async fn a_deadlock_that_comes_back_every_time_is_given_up_with_nothing_written(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = with_counters(options, quick()).await;
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

#[sqlx::test]
async fn a_lock_that_cannot_be_had_is_tried_four_times_and_then_said_so(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = with_counters(options, quick()).await;
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

#[sqlx::test]
async fn a_lock_that_is_let_go_in_time_is_waited_for(_: PgPoolOptions, options: PgConnectOptions) {
    let app = with_counters(options, Setup::default().settings).await;
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

#[sqlx::test]
async fn what_takes_too_long_is_ended_once_and_nothing_is_written(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = with_counters(options, quick()).await;
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

#[sqlx::test]
async fn an_attempt_that_refuses_panics_or_forgets_to_commit_writes_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = with_counters(options, quick()).await;
    let refused = app
        .database
        .write("test.refused", |mut tx| async move {
            add_one(&mut tx, 1).await?;
            Err::<(), _>(AppError::Forbidden.into())
        })
        .await;
    assert_eq!(refused, Err(AppError::Forbidden));
    let panicked: Result<(), AppError> = app
        .database
        .write("test.panicked", |mut tx| async move {
            add_one(&mut tx, 1).await?;
            panic!("on purpose");
        })
        .await;
    assert_eq!(panicked, Err(AppError::Internal));
    let forgot = app
        .database
        .write("test.forgot", |mut tx| async move { add_one(&mut tx, 1).await })
        .await;
    assert_eq!(forgot, Ok(()));
    assert_eq!(app.count("select value from counters where id = 1").await, 0);
}

/// Callers leave at every moment of a write: before it has a connection, in its middle, at its commit.
#[sqlx::test]
async fn callers_who_leave_lose_nothing_and_poison_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let settings = Settings {
        pool_size: 2,
        ..Setup::default().settings
    };
    let app = with_counters(options, settings).await;
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
    // What was begun comes to its end: the pool is given back whole.
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

/// Remembers what this thread logs, with what PostgreSQL warns of.
#[derive(Clone, Default)]
pub struct Heard(Arc<std::sync::Mutex<Vec<String>>>);

impl Heard {
    pub fn containing(&self, text: &str) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        lines.iter().filter(|line| line.contains(text)).cloned().collect()
    }
}

impl tracing::Subscriber for Heard {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::INFO || metadata.target().starts_with("janji")
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Text(String);
        impl tracing::field::Visit for Text {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0 += &format!("{value:?} ");
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// The test above would not see a warning that nobody passes on.
#[sqlx::test]
async fn a_warning_about_a_transaction_would_be_seen(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    let mut connection = app.connection().await;
    connection.execute("begin").await.unwrap();
    connection.execute("begin").await.unwrap();
    drop(guard);
    assert_eq!(heard.containing("transaction in progress").len(), 1);
}

#[tokio::test]
async fn a_database_that_is_gone_is_said_so_in_bounded_time() {
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

#[sqlx::test]
async fn a_pool_without_a_free_connection_is_said_so_in_bounded_time(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::with(
        options,
        Setup {
            settings: quick(),
            ..Setup::default()
        },
    )
    .await;
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

#[sqlx::test]
async fn a_connection_that_breaks_in_the_middle_is_said_so_and_the_next_write_works(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = with_counters(
        options,
        Settings {
            pool_size: 1,
            ..quick()
        },
    )
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
#[sqlx::test]
async fn after_a_restart_of_the_database_every_write_works(_: PgPoolOptions, options: PgConnectOptions) {
    let app = with_counters(
        options,
        Settings {
            pool_size: 3,
            ..quick()
        },
    )
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

#[sqlx::test(migrations = false)]
async fn servers_that_start_at_once_bring_the_tables_up_to_date_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    use sqlx::ConnectOptions;

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
