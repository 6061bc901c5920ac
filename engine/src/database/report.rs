//! Reads that look at much: they have a share of the connections of their own, so that nobody who books waits for them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use super::{
    Database, Failure, SILENCE_TIMEOUT, Settings, Tx,
    clock::now,
    connection::within,
    finish,
    reading::{Work, boxed},
    trace,
};
use crate::error::AppError;

/// For how many connections there is a report at a time. A report keeps a core busy; a booking waits for most of its time.
const SHARE: u32 = 16;

/// Limit for a statement of a report. What takes longer asks for less at a time.
const REPORT_TIMEOUT: Duration = Duration::from_secs(8);

/// The statements that begin a report: it sees one moment, and is planned for what is asked for.
const BEGIN_REPORT: &str = concat!(
    "begin isolation level repeatable read, read only; set local plan_cache_mode = force_custom_plan; ",
    "set local jit = off; set local work_mem = '32MB'; set local statement_timeout = 8000; ",
    now!()
);

/// The connections that reports share.
#[derive(Clone, Debug)]
pub(super) struct Reports {
    places: Arc<Semaphore>,
    /// Limit for a report to wait for a place.
    wait: Duration,
}

impl Reports {
    pub fn new(settings: &Settings) -> Self {
        let places = (settings.pool_size / SHARE).max(1);
        Self {
            places: Arc::new(Semaphore::new(places as usize)),
            wait: settings.acquire_timeout,
        }
    }
}

impl Database {
    /// Reads for a report, in a transaction that sees the database as it was at one moment and cannot write. One
    /// connection of sixteen is for reports: who wants one more waits for another report, and never for a booking, nor a booking for
    /// it.
    ///
    /// # Errors
    /// `UNAVAILABLE` where all places are taken for long; the refusal of the read, or the failure of the database.
    pub async fn report<T, F, Fut>(&self, operation: &'static str, read: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let run = run(self.clone(), operation, boxed(read));
        finish(trace::spawn("report", operation, Box::pin(run))).await
    }
}

async fn run<T>(database: Database, operation: &'static str, read: Work<Tx, T>) -> Result<T, AppError> {
    let started = Instant::now();
    let reports = &database.reports;
    let place = tokio::time::timeout(reports.wait, reports.places.acquire()).await;
    let Ok(Ok(_place)) = place else {
        return Err(AppError::Unavailable);
    };
    let result = match database.begin_reading(BEGIN_REPORT).await {
        Ok(tx) => within(REPORT_TIMEOUT + SILENCE_TIMEOUT, read(tx)).await,
        Err(error) => Err(error.into()),
    };
    database.answer_read_only(result, operation, started)
}
