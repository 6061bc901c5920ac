//! The daily backup, which one server of an installation makes.

use std::{path::PathBuf, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use tokio::sync::Notify;

use super::{KEPT, record::claim, record::finish_backup};
use crate::{
    database::{
        Database,
        backup::{BackupError, Made, Target, add_lines, back_up, prune},
    },
    error::AppError,
    privacy,
    time::{local_date, plus_minutes},
    worker::Workers,
};

/// The hour of the night, in the zone of the first clinic, at which a day begins for backups.
const HOUR: i64 = 2;

/// What the names of daily backups begin with.
pub const PREFIX: &str = "daily";

/// The name of the ledger of erasures beside the daily backups.
pub const LEDGER: &str = "erased.ledger";

/// Where and how daily backups are made.
#[derive(Clone, Debug)]
pub struct Daily {
    pub database: Database,
    /// The database, for a role that reads all of it.
    pub url: String,
    pub folder: PathBuf,
}

/// Starts the worker that backs up each day.
pub fn start(daily: Daily) -> Workers {
    let mut workers = Workers::of(&daily.database);
    let daily = Arc::new(daily);
    workers.add("backups", Arc::new(Notify::new()), move || {
        let daily = daily.clone();
        async move {
            daily.round(daily.database.now()).await?;
            Ok(0)
        }
    });
    workers
}

impl Daily {
    /// Makes the backup of the day, unless it is made already or somebody is at it. Answers with what was made. Whoever was erased
    /// meanwhile is in the ledger beside it in any case: the backups have them still.
    ///
    /// # Errors
    /// Those of the database. A backup that failed is recorded, and said in the log.
    pub async fn round(&self, now: Timestamp) -> Result<Option<Made>, AppError> {
        self.keep_ledger().await?;
        let Some(id) = claim_daily(&self.database, now).await? else {
            return Ok(None);
        };
        let made = back_up(&self.url, Target::Folder(self.folder.clone(), PREFIX)).await;
        if let Err(error) = &made {
            tracing::error!(%error, "the daily backup failed; it is tried again in an hour");
        }
        let made = made.ok();
        finish_backup(&self.database, id, made.as_ref()).await?;
        if let Some(made) = &made {
            tracing::info!(bytes = made.bytes, rows = made.rows, "made the daily backup");
            self.tidy().await;
        }
        Ok(made)
    }

    /// Adds to the ledger of erasures those that it does not have yet. Nothing goes from it: this database may be the one that was
    /// restored from before.
    async fn keep_ledger(&self) -> Result<(), AppError> {
        let lines = privacy::to_text(&privacy::ledger(&self.database).await?);
        let folder = self.folder.clone();
        let kept = tokio::task::spawn_blocking(move || add_lines(&folder, LEDGER, &lines)).await;
        let error: Option<BackupError> = kept.ok().and_then(Result::err);
        if let Some(error) = error {
            tracing::warn!(%error, "the ledger of erasures could not be kept beside the backups");
        }
        Ok(())
    }

    /// Deletes the oldest ones; that there are too many is no reason for anything else.
    async fn tidy(&self) {
        let folder = self.folder.clone();
        let tidied = tokio::task::spawn_blocking(move || prune(&folder, PREFIX, KEPT)).await;
        let error: Option<BackupError> = tidied.ok().and_then(Result::err);
        if let Some(error) = error {
            tracing::warn!(%error, "old backups could not be deleted");
        }
    }
}

/// Claims the backup of the day that it is at this moment, for the one who calls. None where it is made, or being made.
///
/// # Errors
/// Those of the database.
pub async fn claim_daily(database: &Database, now: Timestamp) -> Result<Option<i64>, AppError> {
    let zone = database
        .read("backup.zone", |mut connection| async move {
            let zone = sqlx::query_scalar!("select time_zone from clinics order by id limit 1");
            Ok(zone.fetch_optional(&mut *connection).await?)
        })
        .await?;
    let zone = zone
        .and_then(|name| TimeZone::get(&name).ok())
        .unwrap_or(TimeZone::UTC);
    let day = local_date(plus_minutes(now, -HOUR * 60), &zone);
    let is_settled = database
        .read("backup.look", move |mut connection| async move {
            let is_made = sqlx::query_scalar!(
                r#"select exists (select from backups where day = $1 and name is not null) as "is_made!""#,
                jiff_sqlx::ToSqlx::to_sqlx(day) as _,
            );
            Ok(is_made.fetch_one(&mut *connection).await?)
        })
        .await?;
    if is_settled {
        return Ok(None);
    }
    database
        .write("backup.claim", move |tx| claim(tx, day, now))
        .await
}
