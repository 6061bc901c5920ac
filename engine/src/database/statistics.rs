//! Statistics of transactions: the cost of locks and the collisions, measured where they happen (C3).
//!
//! Each [`Database`](super::Database) counts for itself; `/metrics` and the admin's page read the same numbers. An
//! attempt runs with its operation in a task local, so that no statement has to pass it along.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use metrics::{Counter, Histogram, counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::{
    failure::Kind,
    lock::{Lock, Progress},
};
use crate::error::AppError;

/// The upper bounds of buckets, in seconds. A lock that is free takes a round trip, well below a
/// millisecond; the longest wait is the lock timeout. The alert of C4 reads the bound at one second.
const SECONDS: [f64; 15] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// A counter for each of a closed set of names.
#[derive(Debug)]
struct Counters(Vec<(&'static str, Counter)>);

impl Counters {
    fn new(names: impl IntoIterator<Item = &'static str>, counter: impl Fn(&'static str) -> Counter) -> Self {
        Self(
            names
                .into_iter()
                .map(|name| {
                    let counter = counter(name);
                    // Present from the beginning: an increase from nothing is none to Prometheus.
                    counter.increment(0);
                    (name, counter)
                })
                .collect(),
        )
    }

    fn count(&self, name: &'static str) {
        if let Some((_, counter)) = self.0.iter().find(|(known, _)| *known == name) {
            counter.increment(1);
        }
    }
}

/// The numbers of one operation, such as `booking.hold`.
#[derive(Debug)]
pub(super) struct Operation {
    attempts: Counter,
    rollbacks: Counter,
    outcomes: Counters,
    failures: Counters,
    retries: Counters,
    give_ups: Counters,
    conflicts: Counters,
    connection_wait: Histogram,
    duration: Histogram,
    lock_wait: Vec<(Lock, Histogram)>,
    lock_hold: Histogram,
}

impl Operation {
    fn new(operation: &'static str) -> Self {
        let collisions = || {
            Kind::ALL
                .into_iter()
                .filter(|kind| kind.is_worth_another_attempt())
                .map(Kind::name)
        };
        Self {
            attempts: counter!("janji_attempts_total", "operation" => operation),
            rollbacks: counter!("janji_rollbacks_total", "operation" => operation),
            outcomes: Counters::new(
                ["done", "refused", "failed"],
                |outcome| counter!("janji_transactions_total", "operation" => operation, "outcome" => outcome),
            ),
            failures: Counters::new(
                Kind::ALL.map(Kind::name),
                |kind| counter!("janji_attempt_failures_total", "operation" => operation, "kind" => kind),
            ),
            retries: Counters::new(
                collisions(),
                |kind| counter!("janji_retries_total", "operation" => operation, "kind" => kind),
            ),
            give_ups: Counters::new(
                collisions(),
                |kind| counter!("janji_give_ups_total", "operation" => operation, "kind" => kind),
            ),
            conflicts: Counters::new(
                AppError::CONFLICTS,
                |kind| counter!("janji_conflicts_total", "operation" => operation, "kind" => kind),
            ),
            connection_wait: histogram!("janji_connection_wait_seconds", "operation" => operation),
            duration: histogram!("janji_transaction_duration_seconds", "operation" => operation),
            lock_wait: Lock::ALL
                .into_iter()
                .map(|lock| {
                    let wait =
                        histogram!("janji_lock_wait_seconds", "operation" => operation, "lock" => lock.name());
                    (lock, wait)
                })
                .collect(),
            lock_hold: histogram!("janji_lock_hold_seconds", "operation" => operation),
        }
    }

    /// Another attempt begins.
    pub(super) fn attempted(&self) {
        self.attempts.increment(1);
    }

    /// A connection was had, and a transaction begun on it.
    pub(super) fn connected(&self, waited: Duration) {
        self.connection_wait.record(waited);
    }

    pub(super) fn rolled_back(&self) {
        self.rollbacks.increment(1);
    }

    pub(super) fn done(&self) {
        self.outcomes.count("done");
    }

    /// The rules said no.
    pub(super) fn refused(&self, error: AppError) {
        self.outcomes.count("refused");
        if let Some(conflict) = error.conflict() {
            self.conflicts.count(conflict);
        }
    }

    /// An attempt came to nothing because of the database.
    pub(super) fn failed(&self, kind: Kind) {
        self.failures.count(kind.name());
    }

    pub(super) fn retried(&self, kind: Kind) {
        self.retries.count(kind.name());
    }

    /// There will be no other attempt.
    pub(super) fn ended(&self, kind: Kind) {
        self.outcomes.count("failed");
        // Where it had been worth another attempt, there was no more room for one.
        self.give_ups.count(kind.name());
    }
}

/// The numbers of a database, as this process has them since it began.
#[derive(Debug)]
pub struct Statistics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    operations: RwLock<HashMap<&'static str, Arc<Operation>>>,
}

impl Statistics {
    pub(super) fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            // Refused only where there is no bucket at all.
            .set_buckets(&SECONDS)
            .unwrap_or_default()
            .build_recorder();
        let statistics = Self {
            handle: recorder.handle(),
            recorder,
            operations: RwLock::default(),
        };
        statistics.record(describe);
        statistics
    }

    /// Runs something that speaks of counters, gauges and histograms; they are these ones.
    pub fn record<T>(&self, numbers: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&self.recorder, numbers)
    }

    /// All numbers, as Prometheus reads them.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Puts measurements into their buckets; until then every single measurement is kept. Reading does
    /// it, too, but nobody may ever read.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    pub(super) fn operation(&self, name: &'static str) -> Arc<Operation> {
        let known = self
            .operations
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned();
        known.unwrap_or_else(|| {
            let mut operations = self.operations.write().unwrap_or_else(PoisonError::into_inner);
            operations
                .entry(name)
                .or_insert_with(|| Arc::new(self.record(|| Operation::new(name))))
                .clone()
        })
    }

    /// The database refused something because of this constraint.
    pub(super) fn constraint_hit(&self, constraint: &str) {
        self.record(|| {
            counter!("janji_constraint_hits_total", "constraint" => constraint.to_owned()).increment(1);
        });
    }
}

fn describe() {
    describe_counter!(
        "janji_attempts_total",
        "Attempts at a transaction, with those made again"
    );
    describe_counter!(
        "janji_rollbacks_total",
        "Attempts that were begun and rolled back"
    );
    describe_counter!("janji_transactions_total", "Transactions by what became of them");
    describe_counter!(
        "janji_attempt_failures_total",
        "Attempts that the database ended, by kind"
    );
    describe_counter!(
        "janji_retries_total",
        "Attempts that were made again after a collision or a broken connection, by kind"
    );
    describe_counter!(
        "janji_give_ups_total",
        "Transactions that came to nothing for good because of the database, by the last kind"
    );
    describe_counter!("janji_conflicts_total", "Conflicts that were prevented, by kind");
    describe_counter!(
        "janji_constraint_hits_total",
        "Writes that a named constraint of the database refused"
    );
    describe_histogram!(
        "janji_connection_wait_seconds",
        "From wanting a transaction to having one"
    );
    describe_histogram!(
        "janji_transaction_duration_seconds",
        "From the begin of an attempt to its end"
    );
    describe_histogram!("janji_lock_wait_seconds", "How long a statement that locks took");
    describe_histogram!(
        "janji_lock_hold_seconds",
        "From the first lock of an attempt to its end"
    );
}

/// The attempt that is running in this task.
struct Measured {
    statistics: Arc<Statistics>,
    operation: Arc<Operation>,
    locked_at: Cell<Option<Instant>>,
    progress: Progress,
}

tokio::task_local! {
    static MEASURED: Measured;
}

/// Runs an attempt whose transaction has begun, and measures it.
pub(super) async fn measuring<T>(
    statistics: &Arc<Statistics>,
    operation: &Arc<Operation>,
    attempt: impl Future<Output = T>,
) -> T {
    let measured = Measured {
        statistics: statistics.clone(),
        operation: operation.clone(),
        locked_at: Cell::new(None),
        progress: Progress::default(),
    };
    let began = Instant::now();
    let timed = async {
        let result = attempt.await;
        MEASURED.with(|measured| {
            measured.operation.duration.record(began.elapsed());
            if let Some(locked_at) = measured.locked_at.get() {
                measured.operation.lock_hold.record(locked_at.elapsed());
            }
        });
        result
    };
    MEASURED.scope(measured, timed).await
}

/// Runs a statement that takes a lock, asserts the lock order and measures how long the statement took.
///
/// # Errors
/// Those of the statement.
///
/// # Panics
/// In builds with debug assertions, where the attempt has taken a later kind of lock already.
pub async fn locking<T, E>(lock: Lock, statement: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let _ = MEASURED.try_with(|measured| measured.progress.advance(lock));
    let asked = Instant::now();
    let result = statement.await;
    // Outside of an attempt there is nothing to measure.
    let _ = MEASURED.try_with(|measured| {
        if let Some((_, wait)) = measured
            .operation
            .lock_wait
            .iter()
            .find(|(known, _)| *known == lock)
        {
            wait.record(asked.elapsed());
        }
        if result.is_ok() && measured.locked_at.get().is_none() {
            measured.locked_at.set(Some(Instant::now()));
        }
    });
    result
}

/// Lets the attempt that is running take its locks from the first kind again.
pub(super) fn restart_lock_order() {
    let _ = MEASURED.try_with(|measured| measured.progress.restart());
}

/// Counts a constraint that was hit in the attempt that is running.
pub(super) fn constraint_hit(constraint: &str) {
    let _ = MEASURED.try_with(|measured| measured.statistics.constraint_hit(constraint));
}
