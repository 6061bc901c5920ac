//! One attempt, and when to make another.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use rand::RngExt;
use sqlx::PgPool;

use super::{
    connection::{Doubt, Tx, silence},
    listeners::Listeners,
    statistics::{Statistics, constraint_hit, measuring},
};
use crate::error::AppError;

/// How long to wait before each further attempt (C1); each is lengthened by up to a half, so that
/// two that collided do not collide again.
const WAITS: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];

/// After this long no further attempt is begun (C2): waits for locks must not add up.
const LONGEST: Duration = Duration::from_secs(8);

/// Why an attempt came to nothing.
#[derive(Debug)]
pub enum Failure {
    /// The rules say no. Trying again would not change that.
    Refused(AppError),
    /// The database says no, or cannot be reached. Nothing was written.
    Database(sqlx::Error),
    /// There was no answer to the commit: whether everything or nothing was written, only the database knows. Who
    /// asks again brings the idempotency key along.
    Unanswered(sqlx::Error),
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::Refused(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// What a failure of the database means for the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// 40P01: chosen as the victim of a deadlock.
    Deadlock,
    /// 40001: the snapshot was too old.
    Serialization,
    /// 55P03: a lock could not be had in time.
    LockTimeout,
    /// 57014, 25P03, 25P04: a statement or transaction took too long.
    Timeout,
    /// The connection broke, or none could be had.
    Unreachable,
    /// A bug, or a database that is not what we think.
    Other,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [
        Self::Deadlock,
        Self::Serialization,
        Self::LockTimeout,
        Self::Timeout,
        Self::Unreachable,
        Self::Other,
    ];

    /// As logs and metrics write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Deadlock => "deadlock",
            Self::Serialization => "serialization",
            Self::LockTimeout => "lock_timeout",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Other => "other",
        }
    }

    fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.code().as_deref() {
                Some("40P01") => Self::Deadlock,
                Some("40001") => Self::Serialization,
                Some("55P03") => Self::LockTimeout,
                Some("57014" | "25P03" | "25P04") => Self::Timeout,
                // Shutting down, starting up, too many connections, connection failures.
                Some(code) if code.starts_with("57P") || code.starts_with("08") || code == "53300" => {
                    Self::Unreachable
                }
                _ => Self::Other,
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unreachable,
            _ => Self::Other,
        }
    }

    /// Whether the next attempt may well succeed: the others have come to their end by then, or there is another
    /// connection.
    pub(super) fn is_worth_another_attempt(self) -> bool {
        matches!(
            self,
            Self::Deadlock | Self::Serialization | Self::LockTimeout | Self::Unreachable
        )
    }
}

impl Failure {
    /// Whether it was the connection that failed, and others may have failed with it.
    pub(super) fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Database(error) | Self::Unanswered(error) => Kind::of(error) == Kind::Unreachable,
        }
    }

    /// The error that the caller sees. What it does not say, the log does, once.
    pub(super) fn into_app_error(self, operation: &'static str, attempt: u32, started: Instant) -> AppError {
        let duration_ms = milliseconds_since(started);
        match self {
            Self::Refused(error) => {
                tracing::debug!(operation, attempt, duration_ms, outcome = error.code(), "refused");
                error
            }
            Self::Database(error) | Self::Unanswered(error) => {
                let kind = Kind::of(&error);
                // The text of a constraint violation has the values of the row in its detail; the
                // display of the error does not.
                tracing::error!(
                    operation,
                    attempt,
                    duration_ms,
                    outcome = kind.name(),
                    %error,
                    "the database could not do it"
                );
                match kind {
                    Kind::Deadlock => AppError::DeadlockDetected,
                    Kind::Serialization => AppError::ConcurrencyAbort,
                    Kind::LockTimeout => AppError::InventoryLocked,
                    Kind::Timeout => AppError::TransactionTimeout,
                    Kind::Unreachable => AppError::Unavailable,
                    Kind::Other => AppError::Internal,
                }
            }
        }
    }
}

fn milliseconds_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Makes attempts until one ends in something else than a collision, at most four.
pub(super) async fn run<T, F, Fut>(
    pool: PgPool,
    listeners: Listeners,
    statistics: Arc<Statistics>,
    doubt: Doubt,
    limit: Duration,
    operation: &'static str,
    attempt: F,
) -> Result<T, AppError>
where
    F: Fn(Tx) -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    let numbers = statistics.operation(operation);
    let started = Instant::now();
    let mut waits = WAITS.iter();
    let mut number = 1u32;
    loop {
        numbers.attempted();
        let asked = Instant::now();
        let mut begun = false;
        let result = match begin(&pool, &listeners).await {
            Ok(tx) => {
                begun = true;
                numbers.connected(asked.elapsed());
                // Where it was silent is not known: it may have been at the commit.
                let in_time = tokio::time::timeout(limit, attempt(tx));
                let attempt = async {
                    in_time
                        .await
                        .unwrap_or_else(|_| Err(Failure::Unanswered(silence())))
                };
                let result = measuring(&statistics, &numbers, attempt).await;
                if result.is_err() {
                    numbers.rolled_back();
                }
                result
            }
            Err(error) => Err(error.into()),
        };
        let failure = match result {
            Ok(value) => {
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
                    // Who could not even begin has waited long enough for a database.
                    && begun
                    && started.elapsed() < LONGEST
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
        return Err(failure.into_app_error(operation, number, started));
    }
}

/// How the transaction of an attempt begins. Its statements are planned once in a connection, and not for each value
/// anew: they ask for little, by an index, whatever the value, and to plan one takes longer than to do it.
const BEGIN: &str = "begin; set local plan_cache_mode = force_generic_plan";

/// Begins a transaction. A connection that broke while it lay in the pool is found out here, before anything
/// was done, so another one is taken: as often as there could be broken ones.
async fn begin(pool: &PgPool, listeners: &Listeners) -> Result<Tx, sqlx::Error> {
    for _ in 0..pool.size() {
        match Tx::begin(pool, listeners.clone(), BEGIN).await {
            Err(error) if is_broken(&error) => tracing::debug!(%error, "a connection of the pool had broken"),
            result => return result,
        }
    }
    Tx::begin(pool, listeners.clone(), BEGIN).await
}

/// Whether this connection is gone; not whether the database is, for which somebody has waited long
/// enough already.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        // Whoever was silent has been waited for.
        sqlx::Error::Io(error) => error.kind() != io::ErrorKind::TimedOut,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

/// Gives the violation of a named constraint its meaning.
pub trait OnConstraint<T> {
    /// `error`, where the database refused because of this constraint.
    ///
    /// # Errors
    /// The given error, or the database's own.
    fn on_constraint(self, name: &str, error: AppError) -> Result<T, Failure>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint(self, name: &str, error: AppError) -> Result<T, Failure> {
        self.map_err(Failure::from).on_constraint(name, error)
    }
}

impl<T> OnConstraint<T> for Result<T, Failure> {
    fn on_constraint(self, name: &str, error: AppError) -> Result<T, Failure> {
        self.map_err(|failure| match failure {
            Failure::Database(sqlx::Error::Database(ref violation))
                if violation.constraint() == Some(name) =>
            {
                constraint_hit(name);
                Failure::Refused(error)
            }
            other => other,
        })
    }
}
