//! Outages: a database that cannot be reached, or cannot be written to. Each is one line in the log when it begins and one
//! when it has ended, however many requests failed meanwhile.

use std::{
    fmt::Display,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::failure::{Failure, Kind};
use crate::error::AppError;

/// An outage has ended when something succeeds, and nothing has failed for this time.
const QUIET: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, Default)]
pub(super) struct Outage(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// What every request asks, without the lock.
    lasts: AtomicBool,
    state: Mutex<Option<State>>,
}

#[derive(Debug)]
struct State {
    /// The kind of the last failure.
    kind: Kind,
    /// The kinds that the log has heard of.
    told: Vec<Kind>,
    began: Instant,
    failed: Instant,
    failures: u64,
}

impl Outage {
    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error that the caller of a failed operation sees. The log has the details: of an outage, once.
    pub fn answer(
        &self,
        failure: Failure,
        operation: &'static str,
        attempt: u32,
        started: Instant,
    ) -> AppError {
        if let Failure::Database(error) | Failure::Unanswered(error) = &failure {
            let kind = Kind::of(error);
            if kind.is_an_outage() {
                self.failed(kind, operation, error);
                return AppError::Unavailable;
            }
        }
        failure.into_app_error(operation, attempt, started)
    }

    /// Counts a request that failed for this reason. An outage is told to the log once, and once more where it turns out to
    /// be of another kind, as when a standby takes the place of a database that was gone.
    pub fn failed(&self, kind: Kind, operation: &'static str, error: &dyn Display) {
        let now = Instant::now();
        let mut state = self.state();
        let outage = state.get_or_insert_with(|| State {
            kind,
            told: Vec::new(),
            began: now,
            failed: now,
            failures: 0,
        });
        outage.kind = kind;
        outage.failed = now;
        outage.failures += 1;
        let is_told = outage.told.contains(&kind);
        if !is_told {
            outage.told.push(kind);
        }
        self.0.lasts.store(true, Ordering::Release);
        drop(state);
        if is_told {
            tracing::debug!(operation, outcome = kind.name(), %error, "the outage lasts");
        } else {
            tracing::error!(
                operation,
                outcome = kind.name(),
                %error,
                "{}; requests are told to come back later until that is over",
                kind.outage()
            );
        }
    }

    /// Notes that something succeeded: `wrote` tells a write from a read.
    pub fn succeeded(&self, wrote: bool) {
        if !self.0.lasts.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.state();
        let Some(outage) = &*state else {
            return;
        };
        // A standby can be read, and so can a disk that is full.
        if outage.failed.elapsed() < QUIET || !wrote && outage.kind != Kind::Unreachable {
            return;
        }
        tracing::warn!(
            seconds = outage.began.elapsed().as_secs(),
            failures = outage.failures,
            "the outage of the database is over"
        );
        *state = None;
        self.0.lasts.store(false, Ordering::Release);
    }

    /// The kind of the outage that lasts.
    pub fn kind(&self) -> Option<Kind> {
        if !self.0.lasts.load(Ordering::Acquire) {
            return None;
        }
        self.state().as_ref().map(|outage| outage.kind)
    }
}
