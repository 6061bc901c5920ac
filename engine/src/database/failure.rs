//! Failures: why an attempt came to nothing, and what callers are told about it.

use std::time::Instant;

use crate::error::AppError;

/// The reason why an attempt came to nothing.
#[derive(Debug)]
pub enum Failure {
    /// The rules say no. Trying again would not change that.
    Refused(AppError),
    /// The database says no, or cannot be reached. Nothing was written.
    Database(sqlx::Error),
    /// There was no answer to the commit: whether everything or nothing was written, only the database knows. A
    /// repeated request brings its idempotency key along.
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

/// The kind of a failure of the database, which decides whether another attempt is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// 40P01: chosen as the victim of a deadlock.
    Deadlock,
    /// 40001: the snapshot was too old.
    Serialization,
    /// 55P03: a lock was not available in time.
    LockTimeout,
    /// 57014, 25P03, 25P04: a statement or transaction took too long.
    Timeout,
    /// The connection broke, or none was available.
    Unreachable,
    /// 25006: this is a standby, or a database that was made read-only.
    ReadOnly,
    /// 53100 and its kin: no room on the disk, no memory, a disk that fails.
    Full,
    /// A bug, or a database that is not what we think.
    Other,
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::Deadlock,
        Self::Serialization,
        Self::LockTimeout,
        Self::Timeout,
        Self::Unreachable,
        Self::ReadOnly,
        Self::Full,
        Self::Other,
    ];

    /// The name in logs and metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Deadlock => "deadlock",
            Self::Serialization => "serialization",
            Self::LockTimeout => "lock_timeout",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::ReadOnly => "read_only",
            Self::Full => "full",
            Self::Other => "other",
        }
    }

    pub(super) fn of(error: &sqlx::Error) -> Self {
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
                Some("25006") => Self::ReadOnly,
                // Resources that ran out, and errors of the operating system.
                Some(code) if code.starts_with("53") || code.starts_with("58") => Self::Full,
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
            Self::Deadlock | Self::Serialization | Self::LockTimeout | Self::Unreachable | Self::ReadOnly
        )
    }

    /// Whether nothing can be done until somebody, or time, has mended the database.
    pub(super) fn is_an_outage(self) -> bool {
        matches!(self, Self::Unreachable | Self::ReadOnly | Self::Full)
    }

    /// The sentence about an outage of this kind.
    pub(super) fn outage(self) -> &'static str {
        match self {
            Self::ReadOnly => "the database cannot be written to: it is a standby, or read-only",
            Self::Full => "the database cannot write: it has no room on its disk, or no memory",
            _ => "the database cannot be reached",
        }
    }
}

impl Failure {
    /// Whether the connection failed or leads to a database that cannot be written to, so that others may be like it.
    pub(super) fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Database(error) | Self::Unanswered(error) => Kind::of(error).is_an_outage(),
        }
    }

    /// The error that the caller sees. The details are logged here, once.
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
                    Kind::Unreachable | Kind::Full => AppError::Unavailable,
                    // Where writing was not meant to be possible.
                    Kind::ReadOnly | Kind::Other => AppError::Internal,
                }
            }
        }
    }
}

pub(super) fn milliseconds_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
