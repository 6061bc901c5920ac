//! Background work: each step by itself, every few seconds.

use std::time::Duration;

use engine::{
    account::{self, renumber::renumber},
    appointment,
    availability::hours,
    error::AppError,
    idempotency,
    notification::outbox,
};
use jiff::Timestamp;

use super::AppState;

const PAUSE: Duration = Duration::from_secs(20);

/// Steps again and again until the server ends.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = step(&state, Timestamp::now()).await {
            tracing::warn!(%error, "the worker could not do its round");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Does one round. Nothing relies on it having run: what has lapsed is free by comparison.
///
/// # Errors
/// Those of the database.
pub async fn step(state: &AppState, now: Timestamp) -> Result<(), AppError> {
    state.requests.forget_idle();
    while appointment::expire(&state.database, now).await? > 0 {}
    while renumber(&state.database, state.config.rules.country).await? > 0 {}
    tidy(state, now).await
}

/// Lets each slice delete what it needs no more.
async fn tidy(state: &AppState, now: Timestamp) -> Result<(), AppError> {
    state
        .database
        .write("worker.tidy", move |mut tx| async move {
            account::tidy(&mut tx, now).await?;
            outbox::tidy(&mut tx, now).await?;
            hours::tidy(&mut tx, now).await?;
            idempotency::tidy(&mut tx, now).await?;
            tx.commit().await
        })
        .await
}
