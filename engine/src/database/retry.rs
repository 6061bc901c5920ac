//! Attempts: when a transaction is tried again from its start.

use std::{
    io,
    pin::Pin,
    time::{Duration, Instant},
};

use rand::RngExt;

use super::{
    Database,
    clock::now,
    connection::silence,
    failure::{Failure, Kind, milliseconds_since},
    statistics::measuring,
    transaction::Tx,
};
use crate::error::AppError;

/// Waits before each further attempt (C1). Each is lengthened by up to a half, so that two attempts that collided do not
/// collide again.
const WAITS: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];

/// No further attempt is begun after this time (C2): waits for locks must not add up.
const ATTEMPTS_TIMEOUT: Duration = Duration::from_secs(8);

/// An attempt, boxed: what surrounds it is compiled once for each type of its answer, and not once for each attempt.
pub(super) type Attempt<T> =
    Box<dyn Fn(Tx) -> Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>> + Send>;

/// Makes attempts until one ends in something else than a collision, at most four.
pub(super) async fn run<T>(
    database: Database,
    operation: &'static str,
    attempt: Attempt<T>,
) -> Result<T, AppError> {
    let Database {
        statistics,
        doubt,
        outage,
        limit,
        ..
    } = &database;
    let numbers = statistics.operation(operation);
    let started = Instant::now();
    let mut waits = WAITS.iter();
    let mut number = 1u32;
    loop {
        numbers.attempted();
        let asked = Instant::now();
        let mut begun = false;
        let result = match begin(&database).await {
            // What the caller took for now was wrong, and with it what the attempt would decide.
            Ok(tx) if !tx.is_in_time() => {
                tracing::warn!(
                    operation,
                    "the clock was wrong, and is right now; a request has to be sent again"
                );
                Err(AppError::Unavailable.into())
            }
            Ok(tx) => {
                begun = true;
                numbers.connected(asked.elapsed());
                // The silence may have been at the commit.
                let in_time = tokio::time::timeout(*limit, attempt(tx));
                let attempt = async {
                    in_time
                        .await
                        .unwrap_or_else(|_| Err(Failure::Unanswered(silence())))
                };
                let result = measuring(statistics, &numbers, attempt).await;
                if result.is_err() {
                    numbers.rolled_back();
                }
                result
            }
            Err(error) => Err(error.into()),
        };
        let failure = match result {
            Ok(value) => {
                outage.succeeded(true);
                numbers.done();
                tracing::debug!(
                    operation,
                    attempt = number,
                    duration_ms = milliseconds_since(started),
                    outcome = "done",
                    "transaction done"
                );
                return Ok(value);
            }
            Err(failure) => failure,
        };
        if failure.is_of_the_connection() {
            doubt.raise();
        }
        match &failure {
            Failure::Refused(error) => numbers.refused(*error),
            Failure::Unanswered(error) => {
                let kind = Kind::of(error);
                numbers.failed(kind);
                numbers.ended(kind);
            }
            Failure::Database(error) => {
                let kind = Kind::of(error);
                numbers.failed(kind);
                if let Some(constraint) = error.as_database_error().and_then(|error| error.constraint()) {
                    statistics.constraint_hit(constraint);
                }
                if kind.is_worth_another_attempt()
                    // An attempt that could not even begin has waited long enough for a database.
                    && begun
                    && started.elapsed() < ATTEMPTS_TIMEOUT
                    && let Some(wait) = waits.next()
                {
                    numbers.retried(kind);
                    tracing::warn!(
                        operation,
                        attempt = number,
                        duration_ms = milliseconds_since(started),
                        outcome = kind.name(),
                        "collided, trying again"
                    );
                    let jitter = rand::rng().random_range(0.0..0.5);
                    tokio::time::sleep(wait.mul_f64(1.0 + jitter)).await;
                    number += 1;
                    continue;
                }
                numbers.ended(kind);
            }
        }
        return Err(outage.answer(failure, operation, number, started));
    }
}

/// The statements that begin the transaction of an attempt. They let PostgreSQL plan each later statement once in a
/// connection, and not for each value anew: it asks for little, by an index, whatever the value, and planning takes
/// longer than doing it.
const BEGIN: &str = concat!("begin; set local plan_cache_mode = force_generic_plan; ", now!());

/// Begins a transaction. A connection that broke while it lay in the pool is detected here, before anything
/// was done, so another one is taken: as often as there could be broken ones.
async fn begin(database: &Database) -> Result<Tx, sqlx::Error> {
    let Database {
        pool,
        clock,
        listeners,
        begin,
        ..
    } = database;
    for _ in 0..pool.size() {
        match Tx::begin(pool, clock, listeners.clone(), begin.by(BEGIN)).await {
            Err(error) if is_broken(&error) => tracing::debug!(%error, "a connection of the pool had broken"),
            result => return result,
        }
    }
    Tx::begin(pool, clock, listeners.clone(), begin.by(BEGIN)).await
}

/// Whether this connection is gone. A database that is gone is not meant: the caller has waited long enough for
/// that.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        // A silent connection has been waited for already.
        sqlx::Error::Io(error) => error.kind() != io::ErrorKind::TimedOut,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}
