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

pub mod backup;
mod clock;
mod connect;
mod connection;
mod constraint;
pub mod embedded;
mod failure;
mod hosts;
mod lock;
mod migration;
mod outage;
mod pause;
mod reading;
mod report;
mod retry;
mod roles;
mod session;
mod startup;
mod statistics;
mod trace;
mod transaction;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;

use self::failure::Kind;
pub use self::{
    clock::MAX_CLOCK_DIFFERENCE,
    connection::Reader,
    constraint::OnConstraint,
    failure::Failure,
    lock::Lock,
    migration::{Upgrade, migrate, must_be_migrated, newest_migration},
    roles::Address,
    startup::StartError,
    statistics::{Statistics, locking},
    trace::TRACE_TARGET,
    transaction::{Listener, Savepoint, Tx, Writing},
};
use self::{
    clock::{Clock, now},
    connection::Doubt,
    hosts::{Hosts, Lookout},
    outage::Outage,
    pause::Pause,
    report::Reports,
    retry::Attempt,
    session::Begin,
    startup::can_write,
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
            // Measured with 4 to 20 on 2 cores: bookings of different times need no more than twice the cores. But many who want
            // the same thing sit on connections while they wait, and commits that come together share one write to the disk.
            pool_size: u32::try_from(4 * cores).unwrap_or(16).clamp(16, 32),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            acquire_timeout: Duration::from_secs(5),
        }
    }
}

/// Time that Janji waits longer than PostgreSQL, so that PostgreSQL is the first to give up, and says why. Janji gives up
/// only where PostgreSQL is silent.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(2);

/// The database of this installation.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    clock: Clock,
    statistics: Arc<Statistics>,
    /// Limit for an attempt altogether (C2).
    limit: Duration,
    doubt: Doubt,
    outage: Outage,
    pause: Pause,
    listeners: Listeners,
    reports: Reports,
    begin: Begin,
    /// The database itself, where a pooler is in between that lends a connection for one transaction.
    direct: Option<Arc<Hosts>>,
    /// Held as long as anybody uses the database.
    _lookout: Option<Arc<Lookout>>,
}

impl Database {
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
        let attempt: Attempt<T> = Box::new(move |tx| Box::pin(attempt(tx)));
        let run = retry::run(self.clone(), operation, attempt);
        finish(trace::spawn("write", operation, Box::pin(run))).await
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
        let run = reading::read(self.clone(), operation, reading::boxed(read));
        finish(trace::spawn("read", operation, Box::pin(run))).await
    }

    /// Reads by filters that are there or not from call to call, among all that has ever been: each statement is planned
    /// anew, for these values.
    ///
    /// # Errors
    /// The refusal of the read, or the failure of the database as an [`AppError`]. A read is not tried again.
    pub async fn search<T, F, Fut>(&self, operation: &'static str, read: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let run = reading::search(self.clone(), operation, reading::boxed(read));
        finish(trace::spawn("search", operation, Box::pin(run))).await
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
        let run = reading::snapshot(self.clone(), operation, timeout, reading::boxed(read));
        finish(trace::spawn("snapshot", operation, Box::pin(run))).await
    }

    /// Asks whether the database can do its work. After a failure that says that it cannot write, that takes a write.
    ///
    /// # Errors
    /// `UNAVAILABLE` and other failures of the database.
    pub async fn can_write(&self) -> Result<(), AppError> {
        let is_out = self.outage.kind().is_some_and(|kind| kind != Kind::Unreachable);
        if is_out {
            return self.write("health.write", probe).await;
        }
        let can_write = self
            .read("health.ready", |mut connection| async move {
                Ok(can_write(&mut connection).await?)
            })
            .await?;
        if can_write {
            return Ok(());
        }
        self.outage
            .failed(Kind::ReadOnly, "health.ready", &"transactions are read-only");
        self.doubt.raise();
        Err(AppError::Unavailable)
    }

    /// The reason why the database cannot do its work, in words for the operator; none where it can.
    pub fn outage(&self) -> Option<&'static str> {
        self.outage.kind().map(Kind::outage)
    }

    /// The time, by the clock of the database: what every rule takes for now. It is counted on from the last answer of
    /// the database. A write that was prepared by a count that turns out wrong is refused (`UNAVAILABLE`).
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The time by which the clock of this server is ahead of the database's; negative where it is behind.
    pub fn clock_ahead(&self) -> SignedDuration {
        self.clock.ahead()
    }

    /// Has the clock of this server wrong by this time, which only tests do.
    pub fn shift_own_clock(&self, by: SignedDuration) {
        self.clock.shift(by);
    }

    /// Asks the database for its time, so that [`now`](Self::now) is right also where nothing was written for long.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read_clock(&self) -> Result<(), AppError> {
        let clock = self.clock.clone();
        self.read("clock.read", |mut connection| async move {
            let sent_at = Instant::now();
            let answer: i64 = sqlx::query_scalar(now!()).fetch_one(&mut *connection).await?;
            if !clock.read(clock::timestamp(answer)?, sent_at) {
                tracing::debug!("the count of the database's time was wrong, and is right now");
            }
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

    /// The pool, for health checks and tests.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Waits for running work and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Writes, where nobody minds.
async fn probe(mut tx: Tx) -> Result<(), Failure> {
    sqlx::query!("update worker_rounds set probed_at = $1", tx.now().to_sqlx())
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

async fn finish<T>(task: tokio::task::JoinHandle<Result<T, AppError>>) -> Result<T, AppError> {
    task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "database work panicked");
        Err(AppError::Internal)
    })
}
