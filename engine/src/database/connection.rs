//! Connections that end in bounded time even where the network has gone silent.
//!
//! sqlx waits for an answer as long as TCP does, which is a quarter of an hour and more, and puts a connection back
//! into the pool only after an answer. A few silent ones would keep the whole pool. So what is done on a connection
//! has a limit, and so has putting it back: a connection that does not answer then is closed.

use std::{
    io,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, pool::PoolConnection};
use tokio::sync::Notify;

use super::session::Begin;

/// Limit for a connection to begin a transaction, to roll it back, and to say that it is ready for the next user.
pub(super) const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// Time after one connection broke in which the others are checked before they are used.
const DOUBT_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether connections of the pool may have broken while they lay in it, or lead to a database that cannot be written to
/// since another one has taken its place: where one has, others often have, too.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubt {
    raised: Arc<Mutex<Option<Instant>>>,
    /// Wakes whoever looks for another host.
    told: Arc<Notify>,
}

impl Doubt {
    /// Notes that a connection has broken.
    pub fn raise(&self) {
        *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.tell();
    }

    /// Has the hosts asked, where there are several.
    pub fn tell(&self) {
        self.told.notify_one();
    }

    /// What wakes whoever looks for another host.
    pub fn told(&self) -> Arc<Notify> {
        self.told.clone()
    }

    pub fn is_in_order(&self) -> bool {
        let raised = *self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        raised.is_some_and(|raised| raised.elapsed() < DOUBT_TIMEOUT)
    }
}

/// A connection of the pool, and whether a transaction may be open on it.
#[derive(Debug)]
pub(super) struct Lease {
    /// Taken when it goes back.
    pub connection: Option<PoolConnection<Postgres>>,
    pub in_transaction: bool,
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

/// A connection to read on. It is without a transaction, but for behind a pooler, which would lend another one in between.
#[derive(Debug)]
pub struct Reader(Lease);

impl Reader {
    pub(super) async fn acquire(pool: &PgPool, begin: &Begin) -> Result<Self, sqlx::Error> {
        let mut reader = Self(Lease {
            connection: Some(pool.acquire().await?),
            in_transaction: begin.is_pooled(),
        });
        if begin.is_pooled() {
            let statements = AssertSqlSafe(begin.by("begin read only; ").into_owned());
            let begun = sqlx::raw_sql(statements).execute(&mut *reader);
            within(CONNECTION_TIMEOUT, begun).await?;
        }
        Ok(reader)
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

/// Makes a type usable as the connection that it holds.
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

pub(super) use is_a_connection;
