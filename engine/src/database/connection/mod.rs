//! Connections, and transactions on them, that end in bounded time even where the network has gone silent.
//!
//! sqlx waits for an answer as long as TCP does, which is a quarter of an hour and more, and puts a connection back
//! into the pool only after an answer. A few silent ones would keep the whole pool. So what is done on a connection
//! has a limit, and so has putting it back: a connection that does not answer then is closed.

mod listeners;

use std::{
    io,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};

pub(super) use self::listeners::Listeners;
pub use self::listeners::{Listener, Writing};
use super::{failure::Failure, statistics::restart_lock_order};
use crate::{error::AppError, event::Event};

/// Limit for a connection to begin a transaction, to roll it back, and to say that it is ready for the next user.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// Time after one connection broke in which the others are checked before they are used.
const DOUBT_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether connections of the pool may have broken while they lay in it: where one has, others often have, too.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubt(Arc<Mutex<Option<Instant>>>);

impl Doubt {
    /// Notes that a connection has broken.
    pub fn raise(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub fn is_in_order(&self) -> bool {
        let raised = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        raised.is_some_and(|raised| raised.elapsed() < DOUBT_TIMEOUT)
    }
}

/// A connection of the pool, and whether a transaction may be open on it.
#[derive(Debug)]
struct Lease {
    /// Taken when it goes back.
    connection: Option<PoolConnection<Postgres>>,
    in_transaction: bool,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let in_transaction = self.in_transaction;
        tokio::spawn(async move {
            if in_transaction {
                let rolled_back = sqlx::raw_sql("rollback").execute(&mut *connection);
                if !matches!(
                    tokio::time::timeout(CONNECTION_TIMEOUT, rolled_back).await,
                    Ok(Ok(_))
                ) {
                    // Closed in bounded time; PostgreSQL rolls back what it no longer hears of.
                    connection.close_on_drop();
                    return;
                }
            }
            // Given up, this closes the connection and makes room for another one.
            let _ = tokio::time::timeout(CONNECTION_TIMEOUT, connection.return_to_pool()).await;
        });
    }
}

/// A connection to read on, without a transaction.
#[derive(Debug)]
pub struct Reader(Lease);

/// An open transaction. It is rolled back unless the attempt commits it.
#[derive(Debug)]
pub struct Tx {
    lease: Lease,
    /// Told so far, for the listeners at the commit.
    events: Vec<Event>,
    listeners: Listeners,
}

impl Reader {
    pub(super) async fn acquire(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(Self(Lease {
            connection: Some(pool.acquire().await?),
            in_transaction: false,
        }))
    }
}

impl Tx {
    /// Begins a transaction by this statement.
    pub(super) async fn begin(
        pool: &PgPool,
        listeners: Listeners,
        statement: &'static str,
    ) -> Result<Self, sqlx::Error> {
        let mut tx = Self {
            lease: Lease {
                connection: Some(pool.acquire().await?),
                // From here on: a caller that gives up meanwhile does not know whether the statement has arrived.
                in_transaction: true,
            },
            events: Vec::new(),
            listeners,
        };
        within(CONNECTION_TIMEOUT, sqlx::raw_sql(statement).execute(&mut *tx)).await?;
        Ok(tx)
    }

    /// Tells an event. Listeners hear of it when this transaction commits, and never when it does not.
    pub fn tell(&mut self, event: Event) {
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Lets the listeners write and commits; then the listeners inform others.
    ///
    /// # Errors
    /// Those of the database. [`Failure::Unanswered`] where there was no answer: whether it was done, only the database
    /// knows.
    pub async fn commit(mut self) -> Result<(), Failure> {
        let listeners = self.listeners.clone();
        let events = listeners.before_commit(&mut self).await?;
        match sqlx::raw_sql("commit").execute(&mut *self).await {
            Ok(_) => {
                self.lease.in_transaction = false;
                listeners.after_commit(&events);
                Ok(())
            }
            Err(error @ sqlx::Error::Database(_)) => {
                // It has ended all the same.
                self.lease.in_transaction = false;
                Err(Failure::Database(error))
            }
            Err(error) => Err(Failure::Unanswered(error)),
        }
    }
}

/// A part of a transaction that can be taken back alone. It is made by [`Tx::new_part`].
#[derive(Debug)]
#[must_use = "a part that nobody settles cannot be taken back"]
pub struct Savepoint {
    /// The number of events that had been told before it.
    events: usize,
}

impl Tx {
    /// Begins a part that can be taken back alone, until [`Savepoint::settle`], and that takes its locks from the start
    /// of the lock order again.
    ///
    /// The caller has to know, and to say, why that closes no circle: which locks earlier parts may still hold, and that
    /// nobody who has a lock of this part waits for one of those.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn new_part(&mut self) -> Result<Savepoint, Failure> {
        restart_lock_order();
        sqlx::raw_sql("savepoint part").execute(&mut **self).await?;
        Ok(Savepoint {
            events: self.events.len(),
        })
    }
}

impl Savepoint {
    /// Ends the part. A part that was refused is taken back, and the transaction goes on.
    ///
    /// # Errors
    /// Those of the database, which are no matter of the part: the attempt as a whole has failed, and is made again where
    /// that may help (C1).
    pub async fn settle<T>(
        self,
        tx: &mut Tx,
        part: Result<T, Failure>,
    ) -> Result<Result<T, AppError>, Failure> {
        let (statement, settled) = match part {
            Ok(value) => ("release savepoint part", Ok(value)),
            Err(Failure::Refused(error)) => {
                tx.events.truncate(self.events);
                ("rollback to savepoint part; release savepoint part", Err(error))
            }
            Err(failure) => return Err(failure),
        };
        sqlx::raw_sql(statement).execute(&mut **tx).await?;
        Ok(settled)
    }
}

/// Runs work on a connection with a time limit. Work that takes longer is given up, and its connection closed.
///
/// # Errors
/// A network error after the limit.
pub(super) async fn within<T, E: From<sqlx::Error>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(silence().into()))
}

/// The error for an answer that did not come.
pub(super) fn silence() -> sqlx::Error {
    sqlx::Error::Io(io::ErrorKind::TimedOut.into())
}

macro_rules! is_a_connection {
    ($type:ty, $($lease:tt)+) => {
        impl Deref for $type {
            type Target = PgConnection;

            fn deref(&self) -> &PgConnection {
                self.$($lease)+.connection.as_deref().expect("only drop takes it")
            }
        }

        impl DerefMut for $type {
            fn deref_mut(&mut self) -> &mut PgConnection {
                self.$($lease)+
                    .connection
                    .as_deref_mut()
                    .expect("only drop takes it")
            }
        }
    };
}

is_a_connection!(Reader, 0);
is_a_connection!(Tx, lease);
