//! The installation: whether it is a copy that was restored and is paused, and the backups that are made of it (O2).
//!
//! How a backup is made and restored is in [`database::backup`](crate::database::backup).

mod daily;
mod record;
mod release;
mod standing;

use jiff::{SignedDuration, Timestamp};
use metrics::gauge;

pub use self::{
    daily::{Daily, LEDGER, claim_daily, start},
    record::{begin_backup, finish_backup},
    release::{Release, Waiting, release},
    standing::{BackupMade, Standing, standing},
};
use crate::{database::Database, error::AppError};

/// The age of the last backup at which operators are told: one of a day is missing.
pub const OLD_AFTER: SignedDuration = SignedDuration::from_hours(26);

/// The daily backups that are kept.
pub const KEPT: usize = 7;

/// Tells the metrics of the last backup of whichever server, and whether this is a paused copy. Where backups are not made by
/// Janji and never were, it does not speak of them: somebody else's program makes them.
///
/// # Errors
/// Those of the database.
pub async fn measure(database: &Database, is_daily: bool) -> Result<(), AppError> {
    let standing = standing(database).await?;
    database.statistics().record(|| {
        gauge!("janji_installation_paused").set(f64::from(u8::from(standing.paused_since.is_some())));
        let last = standing.last_backup.as_ref().map(|made| made.ended_at);
        if let Some(last) = last.or(is_daily.then_some(Timestamp::UNIX_EPOCH)) {
            gauge!("janji_backup_last_success_timestamp_seconds").set(last.as_duration().as_secs_f64());
        }
    });
    Ok(())
}
