//! What happens because time passes: each step by itself, once a while.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::AppState;
use crate::{
    account::token::named::WAITS_MINUTES, appointment, error::AppError, idempotency, time::plus_minutes,
};

const PAUSE: Duration = Duration::from_secs(20);

/// How long messages and past hours are kept, in minutes.
const KEEP_MINUTES: i64 = 7 * 24 * 60;

/// Steps again and again until the server ends.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = step(&state, Timestamp::now()).await {
            tracing::warn!(%error, "the worker could not do its round");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// One round. Nothing relies on it having run: what has lapsed is free by comparison.
///
/// # Errors
/// Those of the database.
pub async fn step(state: &AppState, now: Timestamp) -> Result<(), AppError> {
    state.requests.forget_idle();
    while appointment::service::expire(&state.database, &state.live, now).await? > 0 {}
    tidy(state, now).await
}

/// Throws away what nobody needs any more: expired sessions, tokens, codes and idempotency keys, tokens that nobody came to
/// look at, sent or overdue messages, the hours of past days, rate limits whose window is over.
async fn tidy(state: &AppState, now: Timestamp) -> Result<(), AppError> {
    let old = plus_minutes(now, -KEEP_MINUTES);
    state
        .database
        .write("worker.tidy", move |mut tx| async move {
            sqlx::query!("delete from sessions where expires_at <= $1", now.to_sqlx())
                .execute(&mut *tx)
                .await?;
            sqlx::query!("delete from tokens where expires_at <= $1", now.to_sqlx())
                .execute(&mut *tx)
                .await?;
            sqlx::query!(
                "update tokens set salt = null where salt is not null and made_at <= $1",
                plus_minutes(now, -WAITS_MINUTES).to_sqlx(),
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!("delete from login_codes where expires_at <= $1", now.to_sqlx())
                .execute(&mut *tx)
                .await?;
            sqlx::query!("delete from messages where created_at <= $1", old.to_sqlx())
                .execute(&mut *tx)
                .await?;
            sqlx::query!(
                "delete from rate_limits where window_starts_at <= $1",
                old.to_sqlx()
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!("delete from calendar_hours where starts_at <= $1", old.to_sqlx())
                .execute(&mut *tx)
                .await?;
            idempotency::expire(&mut tx, now).await?;
            tx.commit().await
        })
        .await
}
