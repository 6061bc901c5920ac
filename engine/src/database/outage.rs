//! Outages: a database that cannot be reached, or cannot be written to. Each is one line in the log when it begins and one
//! when it has ended, however many requests failed meanwhile.

use std::{
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

#[derive(Clone, Copy, Debug)]
struct State {
    kind: Kind,
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

    /// Counts a request that failed for this reason. Only the first one of an outage is told to the log, by this.
    fn failed(&self, kind: Kind, operation: &'static str, error: &sqlx::Error) {
        let now = Instant::now();
        let mut state = self.state();
        match &mut *state {
            Some(outage) => {
                outage.failed = now;
                outage.failures += 1;
                tracing::debug!(operation, outcome = kind.name(), %error, "the outage lasts");
            }
            None => {
                *state = Some(State {
                    kind,
                    began: now,
                    failed: now,
                    failures: 1,
                });
                self.0.lasts.store(true, Ordering::Release);
                tracing::error!(
                    operation,
                    outcome = kind.name(),
                    %error,
                    "{}; requests are told to come back later until that is over",
                    kind.outage()
                );
            }
        }
    }

    /// Notes that something succeeded: `wrote` tells a write from a read.
    pub fn succeeded(&self, wrote: bool) {
        if !self.0.lasts.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.state();
        let Some(outage) = *state else {
            return;
        };
        // A standby can be read, and so can a disk that is full.
        if outage.failed.elapsed() < QUIET || !wrote && outage.kind != Kind::Unreachable {
            return;
        }
        *state = None;
        self.0.lasts.store(false, Ordering::Release);
        tracing::warn!(
            seconds = outage.began.elapsed().as_secs(),
            failures = outage.failures,
            "the outage of the database is over"
        );
    }

    /// The kind of the outage that lasts.
    pub fn kind(&self) -> Option<Kind> {
        if !self.0.lasts.load(Ordering::Acquire) {
            return None;
        }
        self.state().map(|outage| outage.kind)
    }
}
