//! The transaction, and the one mechanism that acts on the events of every transaction.

use std::{
    borrow::Cow,
    ops::{Deref, DerefMut},
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};

use super::{
    clock::{self, Clock},
    connection::{CONNECTION_TIMEOUT, Lease, is_a_connection, within},
    failure::Failure,
    statistics::restart_lock_order,
};
use crate::{error::AppError, event::Event};

/// An open transaction. It is rolled back unless the attempt commits it.
#[derive(Debug)]
pub struct Tx {
    lease: Lease,
    now: Timestamp,
    /// Whether the count of the database's time agreed with the answer to `begin`.
    is_in_time: bool,
    /// Told so far, for the listeners at the commit.
    events: Vec<Event>,
    listeners: Listeners,
}

is_a_connection!(Tx, lease);

impl Tx {
    /// Begins a transaction by these statements, of which the last is [`now`](super::clock::now).
    pub(super) async fn begin(
        pool: &PgPool,
        clock: &Clock,
        listeners: Listeners,
        statements: Cow<'static, str>,
    ) -> Result<Self, sqlx::Error> {
        let connection = pool.acquire().await?;
        let sent_at = Instant::now();
        let mut tx = Self {
            lease: Lease {
                connection: Some(connection),
                // From here on: a caller that gives up meanwhile does not know whether the statement has arrived.
                in_transaction: true,
            },
            now: Timestamp::UNIX_EPOCH,
            is_in_time: false,
            events: Vec::new(),
            listeners,
        };
        // They are ours, with numbers in them.
        let begun = sqlx::raw_sql(AssertSqlSafe(statements)).fetch_all(&mut *tx);
        let rows = within(CONNECTION_TIMEOUT, begun).await?;
        let answer = rows.last().ok_or(sqlx::Error::RowNotFound)?;
        tx.now = clock::timestamp(answer.try_get(0)?)?;
        tx.is_in_time = clock.read(tx.now, sent_at);
        Ok(tx)
    }

    /// The time at which the transaction began, by the clock of the database.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether what was decided before the transaction by [`Database::now`](super::Database::now) can be relied on.
    pub(super) fn is_in_time(&self) -> bool {
        self.is_in_time
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
        match sqlx::raw_sql(COMMIT).execute(&mut *self).await {
            Ok(_) => {
                self.lease.in_transaction = false;
                listeners.after_commit(&events);
                Ok(())
            }
            // Nothing is written. Whether the commit was refused, which ends the transaction, or was not even come to, the
            // lease rolls back.
            Err(error @ sqlx::Error::Database(_)) => Err(Failure::Database(error)),
            Err(error) => Err(Failure::Unanswered(error)),
        }
    }
}

/// The message that commits. To the commit of a transaction in which a statement has failed, PostgreSQL answers that it
/// has rolled back, and the driver takes that for success. A statement before it, in the same message, fails there.
const COMMIT: &str = "select 1; commit";

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

/// The future of [`Listener::before_commit`].
pub type Writing<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// Acts on the events of transactions.
pub trait Listener: Send + Sync + 'static {
    /// A condition of SQL about the appointments that changed, whose ids are `$1`: where it is false, this listener has nothing
    /// to write about them, and does not hear of their changes before the commit. `None` where it hears of them in any case. The
    /// conditions of all listeners are one statement, so that a change of which nobody has to write anything costs one round trip
    /// under its locks, and not one for each listener.
    fn concern(&self) -> Option<&'static str> {
        None
    }

    /// Writes rows that must be true together with the events, in their transaction: they commit together or not at all.
    /// Nothing outside of the database may be called here.
    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        let _ = (tx, events);
        Box::pin(async { Ok(()) })
    }

    /// Informs others, after the commit. It must not wait.
    fn after_commit(&self, events: &[Event]) {
        let _ = events;
    }
}

/// The listeners of a database.
#[derive(Clone, Default)]
pub(super) struct Listeners(Arc<RwLock<Vec<Arc<dyn Listener>>>>);

impl Listeners {
    pub fn add(&self, listener: Arc<dyn Listener>) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
    }

    fn all(&self) -> Vec<Arc<dyn Listener>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets every listener write. Events that listeners tell are passed on as well. Answers with all events.
    pub async fn before_commit(&self, tx: &mut Tx) -> Result<Vec<Event>, Failure> {
        let mut told = Vec::new();
        loop {
            let events = tx.take_events();
            if events.is_empty() {
                return Ok(told);
            }
            let listeners = self.all();
            let concerned = concerned(tx, &listeners, &events).await?;
            for (listener, is_concerned) in listeners.iter().zip(concerned) {
                match is_concerned {
                    true => listener.before_commit(tx, &events).await?,
                    false => {
                        let others: Vec<Event> = (events.iter())
                            .filter(|event| changed(event).is_none())
                            .copied()
                            .collect();
                        listener.before_commit(tx, &others).await?;
                    }
                }
            }
            told.extend(events);
        }
    }

    pub fn after_commit(&self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        for listener in self.all() {
            listener.after_commit(events);
        }
    }
}

/// The appointment that changed.
fn changed(event: &Event) -> Option<i64> {
    match event {
        Event::AppointmentChanged { appointment_id, .. } => Some(*appointment_id),
        _ => None,
    }
}

/// Whether each of the listeners has something to write about the appointments that changed, by its [`Listener::concern`].
async fn concerned(
    tx: &mut Tx,
    listeners: &[Arc<dyn Listener>],
    events: &[Event],
) -> Result<Vec<bool>, Failure> {
    let changed: Vec<i64> = events.iter().filter_map(changed).collect();
    let concerns: Vec<&str> = listeners
        .iter()
        .filter_map(|listener| listener.concern())
        .collect();
    if changed.is_empty() || concerns.is_empty() {
        return Ok(vec![true; listeners.len()]);
    }
    // They are ours, without a value in them.
    let asked = format!("select array[{}]", concerns.join(", "));
    let answers: Vec<bool> = sqlx::query_scalar(AssertSqlSafe(asked))
        .bind(changed)
        .fetch_one(&mut **tx)
        .await?;
    let mut answers = answers.into_iter();
    Ok(listeners
        .iter()
        .map(|listener| listener.concern().is_none() || answers.next().unwrap_or(true))
        .collect())
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Listeners({})", self.all().len())
    }
}
