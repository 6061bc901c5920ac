//! Monitoring: health, metrics, locks and the integrity check, as pages and calls.

pub mod api;
pub mod forms;
pub mod health;
pub mod metrics;
pub mod page;

use std::time::Duration;

use crate::server::AppState;
use engine::error::AppError;

/// The interval at which measurements are put into their buckets.
const UPKEEP: Duration = Duration::from_secs(20);
/// The number of rounds between two checks of the database, so that a violation raises its alert (C4).
const ROUNDS_PER_CHECK: u32 = 180;

/// Watches until the server ends.
pub async fn watch(state: AppState) {
    for round in 0u32.. {
        if round.is_multiple_of(ROUNDS_PER_CHECK)
            && let Err(error) = state.integrity.check(&state.database).await
            // An outage has its own lines in the log.
            && error != AppError::Unavailable
        {
            tracing::warn!(%error, "the database could not be checked");
        }
        tokio::time::sleep(UPKEEP).await;
        state.database.statistics().upkeep();
    }
}
