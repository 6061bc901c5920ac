//! Reads that look at much: they have a share of the connections of their own, so that nobody who books waits for them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use super::{
    Database, Failure, Listeners, SILENCE_TIMEOUT, Settings, Tx, clock::now, connection::within,
    failure::Kind, finish, read_error, trace,
};
use crate::error::AppError;

/// The part of the connections that reports may have at a time.
const SHARE: u32 = 4;

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
    /// Reads for a report, in a transaction that sees the database as it was at one moment and cannot write. A quarter of the
    /// connections is for reports: who wants one more waits for another report, and never for a booking, nor a booking for it.
    ///
    /// # Errors
    /// `UNAVAILABLE` where all places are taken for long; the refusal of the read, or the failure of the database.
    pub async fn report<T, F, Fut>(&self, operation: &'static str, read: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let (pool, doubt, reports) = (self.pool.clone(), self.doubt.clone(), self.reports.clone());
        let (clock, outage, begin) = (self.clock.clone(), self.outage.clone(), self.begin.clone());
        finish(trace::spawn("report", operation, async move {
            let started = Instant::now();
            let place = tokio::time::timeout(reports.wait, reports.places.acquire_owned()).await;
            let Ok(Ok(_place)) = place else {
                return Err(AppError::Unavailable);
            };
            let statements = begin.by(BEGIN_REPORT);
            let result = match Tx::begin(&pool, &clock, Listeners::default(), statements).await {
                Ok(tx) => within(REPORT_TIMEOUT + SILENCE_TIMEOUT, read(tx)).await,
                Err(error) => Err(error.into()),
            };
            if result.is_ok() {
                outage.succeeded(false);
            }
            result.map_err(|failure| match &failure {
                // It only reads, on every database: this is a bug and no outage.
                Failure::Database(error) if Kind::of(error) == Kind::ReadOnly => {
                    failure.into_app_error(operation, 1, started)
                }
                _ => read_error(failure, &doubt, &outage, operation, started),
            })
        }))
        .await
    }
}
