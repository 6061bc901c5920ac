//! The check of [`verify`](super::verify), as servers run it: now and then, and when an admin asks. One of them checks for
//! all, and the database remembers what it found.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use metrics::{counter, gauge};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use tokio::sync::Mutex;

use super::verify::{Report, rules, verify_alone};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    integrity::Finding,
};

/// The time that a check may take. Nobody is kept by it, whatever the number of appointments.
const CHECK_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The time that somebody waits in front of a browser. The check goes on.
const PATIENCE: Duration = Duration::from_secs(20);

/// The interval at which a server looks whether another one has ended its check.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// The age of the last check at which another one is due.
const DUE_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// The age of the last check at which operators are told: two did not end.
const OLD_AFTER: SignedDuration = SignedDuration::from_hours(3);

/// The checks of this server. One runs at a time, however many requests there are.
#[derive(Clone, Debug, Default)]
pub struct Integrity {
    running: Arc<Mutex<()>>,
}

impl Integrity {
    /// The report of the last check of whichever server, if there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn latest(&self, database: &Database) -> Result<Option<Report>, AppError> {
        Ok(remembered(database).await?.report)
    }

    /// Checks, unless somebody else began to after this was asked.
    ///
    /// # Errors
    /// `TRANSACTION_TIMEOUT` where it takes so long that nobody waits for it; it goes on, and is remembered. Those of the
    /// database.
    pub async fn check(&self, database: &Database) -> Result<Report, AppError> {
        let (running, database) = (self.running.clone(), database.clone());
        let asked_at = database.now();
        let checking = tokio::spawn(async move {
            let _one_at_a_time = running.lock().await;
            check_since(&database, asked_at).await
        });
        match tokio::time::timeout(PATIENCE, checking).await {
            Ok(Ok(checked)) => checked,
            Ok(Err(error)) => {
                tracing::error!(%error, "the check of the database panicked");
                Err(AppError::Internal)
            }
            Err(_) => Err(AppError::TransactionTimeout),
        }
    }

    /// Checks where that is due and no other server does, and tells the metrics of the last check of whichever server.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn check_if_due(&self, database: &Database) -> Result<(), AppError> {
        let Ok(_one_at_a_time) = self.running.try_lock() else {
            return Ok(());
        };
        let last = remembered(database).await?;
        publish(database, &last);
        if last.age(database.now()) < DUE_AFTER {
            return Ok(());
        }
        if check_alone(database).await?.is_some() {
            publish(database, &remembered(database).await?);
        }
        Ok(())
    }
}

/// The age of the last check, where it is so old that operators should know: the time since it, or since there could have
/// been one.
///
/// # Errors
/// Those of the database.
pub async fn overdue_by(database: &Database, now: Timestamp) -> Result<Option<SignedDuration>, AppError> {
    let since = database
        .read("integrity.age", |mut connection| async move {
            let since = sqlx::query_scalar!(
                r#"select coalesce(checked_at, awaited_since) as "since!" from integrity_checks"#
            );
            Ok(since.fetch_one(&mut *connection).await?.to_jiff())
        })
        .await?;
    let age = now.duration_since(since);
    Ok((age > OLD_AFTER).then_some(age))
}

/// What the database knows of the last check.
struct Remembered {
    awaited_since: Timestamp,
    report: Option<Report>,
}

impl Remembered {
    fn since(&self) -> Timestamp {
        self.report
            .as_ref()
            .map_or(self.awaited_since, |report| report.checked_at)
    }

    fn age(&self, now: Timestamp) -> SignedDuration {
        match self.report {
            Some(_) => now.duration_since(self.since()),
            // The first is due at once.
            None => SignedDuration::MAX,
        }
    }
}

/// A finding, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    rule: String,
    total: i64,
    rows: Vec<String>,
}

/// Checks, until there is a report of a check that began after this moment: of this server, or of another one.
async fn check_since(database: &Database, asked_at: Timestamp) -> Result<Report, AppError> {
    loop {
        let last = remembered(database).await?;
        if let Some(report) = last
            .report
            .as_ref()
            .filter(|report| report.checked_at >= asked_at)
        {
            publish(database, &last);
            return Ok(report.clone());
        }
        if let Some(report) = check_alone(database).await? {
            publish(database, &remembered(database).await?);
            return Ok(report);
        }
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
}

/// Checks and remembers, unless another server is at it.
async fn check_alone(database: &Database) -> Result<Option<Report>, AppError> {
    let Some(report) = verify_alone(database, CHECK_TIMEOUT).await? else {
        return Ok(None);
    };
    tell(database, &report);
    let kept = report.clone();
    database
        .write("integrity.remember", move |tx| remember(tx, kept.clone()))
        .await?;
    Ok(Some(report))
}

async fn remember(mut tx: Tx, report: Report) -> Result<(), Failure> {
    let findings: Vec<Kept> = report
        .findings
        .into_iter()
        .map(|finding| Kept {
            rule: finding.rule.name().to_owned(),
            total: finding.total,
            rows: finding.rows,
        })
        .collect();
    sqlx::query!(
        "update integrity_checks
         set checked_at = $1, took_ms = $2, appointments = $3, changes = $4, doctors = $5, patients = $6, findings = $7
         where checked_at is null or checked_at < $1",
        report.checked_at.to_sqlx() as _,
        i64::try_from(report.took.as_millis()).unwrap_or(i64::MAX),
        report.appointments,
        report.changes,
        report.doctors,
        report.patients,
        Json(findings) as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

async fn remembered(database: &Database) -> Result<Remembered, AppError> {
    database
        .read("integrity.remembered", |mut connection| async move {
            let row = sqlx::query!(
                r#"select awaited_since, checked_at, coalesce(took_ms, 0) as "took_ms!",
                          coalesce(appointments, 0) as "appointments!", coalesce(changes, 0) as "changes!",
                          coalesce(doctors, 0) as "doctors!", coalesce(patients, 0) as "patients!",
                          coalesce(findings, '[]') as "findings!: Json<Vec<Kept>>"
                   from integrity_checks"#
            )
            .fetch_one(&mut *connection)
            .await?;
            // A rule that only a newer server knows has no sentence here.
            let findings = row.findings.0.into_iter().filter_map(|kept| {
                Some(Finding {
                    rule: rules().find(|rule| rule.name() == kept.rule)?,
                    total: kept.total,
                    rows: kept.rows,
                })
            });
            Ok(Remembered {
                awaited_since: row.awaited_since.to_jiff(),
                report: row.checked_at.map(|checked_at| Report {
                    checked_at: checked_at.to_jiff(),
                    took: Duration::from_millis(u64::try_from(row.took_ms).unwrap_or(0)),
                    appointments: row.appointments,
                    changes: row.changes,
                    doctors: row.doctors,
                    patients: row.patients,
                    findings: findings.collect(),
                }),
            })
        })
        .await
}

/// Tells the metrics what is known of the last check, so that all servers say the same.
fn publish(database: &Database, last: &Remembered) {
    database.statistics().record(|| {
        for finding in last.report.iter().flat_map(|report| &report.findings) {
            // More than 2^53 of them would be another problem.
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            gauge!("janji_integrity_violations", "kind" => finding.rule.name()).set(finding.total as f64);
        }
        gauge!("janji_integrity_checked_at_seconds").set(last.since().as_duration().as_secs_f64());
    });
}

/// Tells the log, and counts.
fn tell(database: &Database, report: &Report) {
    database
        .statistics()
        .record(|| counter!("janji_integrity_checks_total").increment(1));
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
