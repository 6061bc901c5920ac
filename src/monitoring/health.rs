//! For whoever watches the server.

use std::time::Duration;

use axum::{extract::State, http::StatusCode};

use crate::server::AppState;

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The time in which the database must answer to count as reachable.
const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// The server can do its work: the database answers.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match tokio::time::timeout(READY_TIMEOUT, state.database.can_write()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
