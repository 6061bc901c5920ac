//! Monitoring: health, metrics, locks and the integrity check, as pages and calls.

pub mod api;
pub mod files;
pub mod forms;
pub mod health;
pub mod metrics;
pub mod page;

use std::time::Duration;

use jiff::SignedDuration;

use crate::server::AppState;
use engine::error::AppError;

/// The interval at which measurements are put into their buckets.
const UPKEEP: Duration = Duration::from_secs(20);
/// The number of rounds between two looks at whether a check of the database is due. One server checks for all, so that a
/// violation raises its alert (C4).
const ROUNDS_PER_LOOK: u32 = 15;

/// Watches until the server ends.
pub async fn watch(state: AppState) {
    for round in 0u32.. {
        if round.is_multiple_of(ROUNDS_PER_LOOK) {
            // It may take minutes.
            tokio::spawn(look_after(state.clone()));
        }
        tokio::time::sleep(UPKEEP).await;
        state.database.statistics().upkeep();
    }
}

/// Checks the database where that is due.
async fn look_after(state: AppState) {
    if let Err(error) = state.integrity.check_if_due(&state.database).await
        // An outage has its own lines in the log.
        && error != AppError::Unavailable
    {
        tracing::warn!(%error, "the database could not be checked");
    }
}

/// The sentence about a check that is old.
pub fn about_old_check(age: SignedDuration) -> String {
    format!(
        "the integrity of the database was last checked {} hours ago: see the log for the reason, or run `janji verify`",
        age.as_hours()
    )
}
