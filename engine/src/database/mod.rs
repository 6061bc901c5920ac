//! PostgreSQL: where it runs, how it is reached, and the one way in which Janji writes to it.
//!
//! # The transaction
//!
//! Every write is an *attempt*: a function that is given an open transaction, takes its locks, checks,
//! writes and commits. [`Database::write`] runs it in a task of its own, so that it comes to its end even
//! when the browser that asked has gone away: dropping database work half-way hands a connection
//! with an open transaction to the next user, whose acknowledged write is then rolled back. When
//! PostgreSQL ends an attempt for the sake of another one, the whole attempt is made again from its
//! start (C1). A part of it that the rules may refuse alone, such as a row of an import, has a [`Savepoint`] (C8).
//!
//! # The lock order
//!
//! [`Lock`] has the kinds of locks in the order in which every transaction takes them, and asserts it.

mod connection;
mod constraint;
pub mod embedded;
mod failure;
mod lock;
mod retry;
mod startup;
mod statistics;
mod transaction;

use std::{
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{
    Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use self::{
    connection::Reader,
    constraint::OnConstraint,
    failure::Failure,
    lock::Lock,
    startup::{StartError, migrate},
    statistics::{Statistics, locking},
    transaction::{Listener, Savepoint, Tx, Writing},
};
use self::{
    connection::{Doubt, within},
    transaction::Listeners,
};
use crate::error::AppError;

/// Limits on the use of PostgreSQL.
#[derive(Clone, Debug)]
pub struct Settings {
    pub pool_size: u32,
    /// Limit for a statement to wait for a lock.
    pub lock_timeout: Duration,
    /// Limit for a statement, and for a transaction that sits idle.
    pub statement_timeout: Duration,
    /// Limit for a request to wait for a connection.
    pub acquire_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            // Measured: about twice the cores is best. More connections only wait for each other.
            pool_size: u32::try_from(2 * cores).unwrap_or(16).clamp(4, 32),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            acquire_timeout: Duration::from_secs(5),
        }
    }
}

/// Time that Janji waits longer than PostgreSQL, so that PostgreSQL is the first to give up, and says why. Janji gives up
/// only where PostgreSQL is silent.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(2);

/// Time that a connection may lie in the pool before it is checked at its next use.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// The database of this installation.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    statistics: Arc<Statistics>,
    /// Limit for an attempt altogether (C2).
    limit: Duration,
    doubt: Doubt,
    listeners: Listeners,
}

impl Database {
    /// Connects, and checks that Janji can work with this database.
    ///
    /// # Errors
    /// One line for the operator: not reachable, too old, without its extensions.
    pub async fn connect(url: &str, settings: &Settings) -> Result<Self, StartError> {
        let options = PgConnectOptions::from_str(url).map_err(|_| StartError::BadUrl)?;
        startup::check(&options).await?;
        Ok(Self::new(PgPoolOptions::new(), options, settings))
    }

    /// A pool that connects when it is first used.
    pub fn new(pool: PgPoolOptions, options: PgConnectOptions, settings: &Settings) -> Self {
        let milliseconds = |timeout: Duration| timeout.as_millis().to_string();
        let options = options.application_name("janji").options([
            ("lock_timeout", milliseconds(settings.lock_timeout)),
            ("statement_timeout", milliseconds(settings.statement_timeout)),
            (
                "idle_in_transaction_session_timeout",
                milliseconds(settings.statement_timeout),
            ),
            ("timezone", "UTC".to_owned()),
            // The locks rely on it, whatever a given database has as its default; and an acknowledgement means
            // that the data is on disk.
            ("default_transaction_isolation", "read committed".to_owned()),
            ("synchronous_commit", "on".to_owned()),
        ]);
        let doubt = Doubt::default();
        let doubted = doubt.clone();
        let pool = pool
            .max_connections(settings.pool_size)
            .acquire_timeout(settings.acquire_timeout)
            // A round trip on every use, for a server that is nearly always there: only a connection that has
            // lain idle is checked, and each one after another has broken.
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                let is_doubted = meta.idle_for >= IDLE_TIMEOUT || doubted.is_in_order();
                Box::pin(async move {
                    if is_doubted {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Self {
            pool,
            statistics: Arc::new(Statistics::new()),
            limit: settings.statement_timeout + SILENCE_TIMEOUT,
            doubt,
            listeners: Listeners::default(),
        }
    }

    /// Runs an attempt in a transaction of its own, and again from its start when PostgreSQL gave it
    /// up for another one. The attempt commits; an attempt that returns without committing has
    /// written nothing.
    ///
    /// # Errors
    /// The refusal of the attempt, or the failure of the database as an [`AppError`]. Nothing is written then, but for an
    /// error in the commit itself: whether that arrived, only the database knows.
    pub async fn write<T, F, Fut>(&self, operation: &'static str, attempt: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: Fn(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let (pool, statistics) = (self.pool.clone(), self.statistics.clone());
        let (limit, doubt) = (self.limit, self.doubt.clone());
        let listeners = self.listeners.clone();
        finish(tokio::spawn(retry::run(
            pool, listeners, statistics, doubt, limit, operation, attempt,
        )))
        .await
    }

    /// Reads, on a connection of its own and without a transaction.
    ///
    /// # Errors
    /// The refusal of the read, or the failure of the database as an [`AppError`]. A read is not tried again.
    pub async fn read<T, F, Fut>(&self, operation: &'static str, read: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(Reader) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let (pool, limit, doubt) = (self.pool.clone(), self.limit, self.doubt.clone());
        finish(tokio::spawn(async move {
            let started = Instant::now();
            let result = match Reader::acquire(&pool).await {
                Ok(connection) => within(limit, read(connection)).await,
                Err(error) => Err(error.into()),
            };
            result.map_err(|failure| read_error(failure, &doubt, operation, started))
        }))
        .await
    }

    /// Reads in a transaction that sees the database as it was at one moment, and cannot write. `timeout` limits each
    /// statement; a look at everything takes longer than usual.
    ///
    /// # Errors
    /// The refusal of the read, or the failure of the database as an [`AppError`].
    pub async fn snapshot<T, F, Fut>(
        &self,
        operation: &'static str,
        timeout: Duration,
        read: F,
    ) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let (pool, doubt) = (self.pool.clone(), self.doubt.clone());
        finish(tokio::spawn(async move {
            let started = Instant::now();
            let result = match begin_snapshot(&pool, timeout).await {
                Ok(tx) => within(timeout + SILENCE_TIMEOUT, read(tx)).await,
                Err(failure) => Err(failure),
            };
            result.map_err(|failure| read_error(failure, &doubt, operation, started))
        }))
        .await
    }

    /// Asks PostgreSQL for an answer.
    ///
    /// # Errors
    /// `UNAVAILABLE` and other failures of the database.
    pub async fn ping(&self) -> Result<(), AppError> {
        self.read("health.ready", |mut connection| async move {
            sqlx::query_scalar!(r#"select 1 as "one!""#)
                .fetch_one(&mut *connection)
                .await?;
            Ok(())
        })
        .await
    }

    /// The cost of locks and the collisions (C3).
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Lets a listener act on the events of every transaction from now on.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.listeners.add(listener);
    }

    /// The pool, for LISTEN, health checks and tests.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Waits for running work and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Turns the failure of a read into the error that the caller sees. Reads are not tried again.
fn read_error(failure: Failure, doubt: &Doubt, operation: &'static str, started: Instant) -> AppError {
    if failure.is_of_the_connection() {
        doubt.raise();
    }
    failure.into_app_error(operation, 1, started)
}

async fn begin_snapshot(pool: &PgPool, timeout: Duration) -> Result<Tx, Failure> {
    let mut tx = Tx::begin(
        pool,
        Listeners::default(),
        "begin isolation level repeatable read, read only",
    )
    .await?;
    sqlx::query_scalar!(
        r#"select set_config('statement_timeout', $1, true) as "set!""#,
        timeout.as_millis().to_string(),
    )
    .fetch_one(&mut *tx)
    .await?;
    Ok(tx)
}

async fn finish<T>(task: tokio::task::JoinHandle<Result<T, AppError>>) -> Result<T, AppError> {
    task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "database work panicked");
        Err(AppError::Internal)
    })
}
