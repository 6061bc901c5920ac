//! The check of [`verify`](super::verify), as a server runs it: now and then, and when an admin asks.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use metrics::{counter, gauge};
use tokio::sync::Mutex;

use super::verify::{Report, verify};
use crate::{database::Database, error::AppError};

/// Somebody may be waiting in front of a browser.
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// A report, and the moment before its check.
type Latest = Option<(Instant, Arc<Report>)>;

/// The last report of this server. One check runs at a time, however many requests there are.
#[derive(Clone, Debug, Default)]
pub struct Integrity {
    running: Arc<Mutex<()>>,
    latest: Arc<RwLock<Latest>>,
}

impl Integrity {
    /// The report of the last check, if there was one.
    pub fn latest(&self) -> Option<Arc<Report>> {
        self.began_and_latest().map(|(_, report)| report)
    }

    fn began_and_latest(&self) -> Latest {
        self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Checks, unless somebody else began to after this was asked.
    ///
    /// # Errors
    /// `TRANSACTION_TIMEOUT`; those of the database.
    pub async fn check(&self, database: &Database) -> Result<Arc<Report>, AppError> {
        let asked_at = Instant::now();
        let _one_at_a_time = self.running.lock().await;
        if let Some((_, report)) = self.began_and_latest().filter(|(began, _)| *began >= asked_at) {
            return Ok(report);
        }
        let began = Instant::now();
        let report = Arc::new(verify(database, CHECK_TIMEOUT).await?);
        self.latest
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .replace((began, report.clone()));
        publish(database, &report);
        Ok(report)
    }
}

/// Tells the log and the metrics.
fn publish(database: &Database, report: &Report) {
    database.statistics().record(|| {
        for finding in &report.findings {
            // More than 2^53 of them would be another problem.
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            gauge!("janji_integrity_violations", "kind" => finding.rule.name()).set(finding.total as f64);
        }
        gauge!("janji_integrity_checked_at_seconds").set(report.checked_at.as_duration().as_secs_f64());
        counter!("janji_integrity_checks_total").increment(1);
    });
    for finding in report.broken() {
        tracing::error!(
            violation = finding.rule.name(),
            total = finding.total,
            rows = ?finding.rows,
            "the database breaks a rule"
        );
    }
    tracing::info!(
        appointments = report.appointments,
        changes = report.changes,
        duration_ms = u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
        outcome = if report.is_sound() { "sound" } else { "broken" },
        "checked the database"
    );
}
