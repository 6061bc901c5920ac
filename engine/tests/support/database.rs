//! Databases of tests.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

use engine::database::{Database, Settings};
use sqlx::{
    AssertSqlSafe, ConnectOptions, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{runtime, sync::oneshot};

/// A database of a test's own with today's tables, at the server that `DATABASE_URL` names: a copy of its `template1`.
/// The last who has it throws it away, with all connections to it. After a failure it stays, to be looked at.
#[derive(Clone)]
pub struct TestDatabase {
    options: PgConnectOptions,
    _kept: Arc<Kept>,
}

struct Kept {
    name: String,
    /// Until it is thrown away.
    keeper: Option<Keeper>,
}

/// The thread that made the database and throws it away, over one connection: the test's own runtime may be over by then.
struct Keeper {
    thread: JoinHandle<()>,
    throw_away: oneshot::Sender<()>,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let url = std::env::var("DATABASE_URL")
            .expect("tests need a DATABASE_URL: run them by script/test or script/database");
        let options: PgConnectOptions = url.parse().unwrap();
        let (name, server) = (unused_name(), options.clone().database("postgres"));
        let (made, is_made) = oneshot::channel();
        let (throw_away, is_over) = oneshot::channel();
        let of_keeper = name.clone();
        let thread = thread::spawn(move || keep(&of_keeper, &server, made, is_over));
        is_made.await.expect("there is no database for the test");
        let keeper = Some(Keeper { thread, throw_away });
        Self {
            options: options.database(&name),
            _kept: Arc::new(Kept { name, keeper }),
        }
    }

    /// The same database, as another role or by another way.
    pub fn by(&self, options: PgConnectOptions) -> Self {
        Self {
            options,
            ..self.clone()
        }
    }

    /// A pool of its own, as that of another server.
    pub fn open(&self, settings: &Settings) -> Database {
        Database::new(PgPoolOptions::new(), self.options.clone(), settings)
    }
}

impl Deref for TestDatabase {
    type Target = PgConnectOptions;

    fn deref(&self) -> &PgConnectOptions {
        &self.options
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Some(Keeper { thread, throw_away }) = self.keeper.take() else {
            return;
        };
        if thread::panicking() {
            eprintln!("the test's database stays: {}", self.name);
            drop(throw_away);
        } else {
            let _ = throw_away.send(());
        }
        // A database that stays is no failure of the test.
        let _ = thread.join();
    }
}

/// A name that no other test has, of this run or an earlier one.
fn unused_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    format!("test_{}_{}_{number}", since.as_millis(), std::process::id())
}

/// Makes the database, and throws it away as soon as it is told.
fn keep(name: &str, server: &PgConnectOptions, made: oneshot::Sender<()>, is_over: oneshot::Receiver<()>) {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async move {
        let mut connection = server.connect().await.unwrap();
        // Files are copied in half the time that it takes to write each page down.
        let create = format!("create database {name} strategy file_copy");
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut connection)
            .await
            .unwrap();
        // Who has asked may be gone; then so is the other end, and the database stays.
        let _ = made.send(());
        if is_over.await.is_ok()
            && let Err(error) = throw_away(&mut connection, name).await
        {
            eprintln!("{error}");
        }
    });
}

async fn throw_away(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    // PostgreSQL looks for who is still there every tenth of a second, and they are gone in a few thousandths.
    for _ in 0..50 {
        let is_in_use = "select exists (select from pg_stat_activity where datname = $1)";
        if !sqlx::query_scalar(is_in_use)
            .bind(name)
            .fetch_one(&mut *connection)
            .await?
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let statement = format!("drop database if exists {name} with (force)");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}
