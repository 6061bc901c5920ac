//! Reads: with a connection of their own, in a search, and of one moment.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use super::{
    Database, Failure, Listeners, Reader, SILENCE_TIMEOUT, Tx, clock::now, connection::within, failure::Kind,
};
use crate::error::AppError;

/// What is done with a connection or a transaction, boxed: what surrounds it is compiled once for each type of its answer, and
/// not once for each read.
pub(super) type Work<C, T> =
    Box<dyn FnOnce(C) -> Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>> + Send>;

pub(super) fn boxed<C, T, F, Fut>(work: F) -> Work<C, T>
where
    F: FnOnce(C) -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, Failure>> + Send + 'static,
{
    Box::new(move |connection| Box::pin(work(connection)))
}

/// The statements that begin a search. Only the plan for these very values leaves out what is not asked for. What costs
/// much by PostgreSQL's estimate would be compiled, for seconds, before the few rows that end it are read.
const BEGIN_SEARCH: &str = concat!(
    "begin read only; set local plan_cache_mode = force_custom_plan; set local jit = off; ",
    now!()
);

/// The statements that begin a look at one moment.
const BEGIN_SNAPSHOT: &str = concat!("begin isolation level repeatable read, read only; ", now!());

/// See [`Database::read`].
pub(super) async fn read<T>(
    database: Database,
    operation: &'static str,
    read: Work<Reader, T>,
) -> Result<T, AppError> {
    let started = Instant::now();
    let result = match Reader::acquire(&database.pool, &database.begin).await {
        Ok(connection) => within(database.limit, read(connection)).await,
        Err(error) => Err(error.into()),
    };
    database.answer_read(result, operation, started)
}

/// See [`Database::search`].
pub(super) async fn search<T>(
    database: Database,
    operation: &'static str,
    read: Work<Tx, T>,
) -> Result<T, AppError> {
    let started = Instant::now();
    let result = match database.begin_reading(BEGIN_SEARCH).await {
        Ok(tx) => within(database.limit, read(tx)).await,
        Err(error) => Err(error.into()),
    };
    database.answer_read(result, operation, started)
}

/// See [`Database::snapshot`].
pub(super) async fn snapshot<T>(
    database: Database,
    operation: &'static str,
    timeout: Duration,
    read: Work<Tx, T>,
) -> Result<T, AppError> {
    let started = Instant::now();
    let result = match begin_snapshot(&database, timeout).await {
        Ok(tx) => within(timeout + SILENCE_TIMEOUT, read(tx)).await,
        Err(failure) => Err(failure),
    };
    database.answer_read_only(result, operation, started)
}

async fn begin_snapshot(database: &Database, timeout: Duration) -> Result<Tx, Failure> {
    let mut tx = database.begin_reading(BEGIN_SNAPSHOT).await?;
    sqlx::query_scalar!(
        r#"select set_config('statement_timeout', $1, true) as "set!""#,
        timeout.as_millis().to_string(),
    )
    .fetch_one(&mut *tx)
    .await?;
    Ok(tx)
}

impl Database {
    /// Begins a transaction of which nobody hears.
    pub(super) async fn begin_reading(&self, statements: &'static str) -> Result<Tx, sqlx::Error> {
        Tx::begin(
            &self.pool,
            &self.clock,
            Listeners::default(),
            self.begin.by(statements),
        )
        .await
    }

    /// The answer to the caller of a read. Reads are not tried again.
    fn answer_read<T>(
        &self,
        result: Result<T, Failure>,
        operation: &'static str,
        started: Instant,
    ) -> Result<T, AppError> {
        if result.is_ok() {
            self.outage.succeeded(false);
        }
        result.map_err(|failure| {
            if failure.is_of_the_connection() {
                self.doubt.raise();
            }
            self.outage.answer(failure, operation, 1, started)
        })
    }

    /// The answer to the caller of a read that cannot write on any database.
    pub(super) fn answer_read_only<T>(
        &self,
        result: Result<T, Failure>,
        operation: &'static str,
        started: Instant,
    ) -> Result<T, AppError> {
        match result {
            // This is a bug and no outage.
            Err(Failure::Database(error)) if Kind::of(&error) == Kind::ReadOnly => {
                Err(Failure::Database(error).into_app_error(operation, 1, started))
            }
            result => self.answer_read(result, operation, started),
        }
    }
}
