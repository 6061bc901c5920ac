//! For whoever watches the server.

use std::time::Duration;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use engine::{appointment, monitoring::integrity::overdue_by};

use super::about_old_check;
use crate::notification::sender::about_missing;
use crate::server::{
    AppState,
    worker::{about_clock, about_held_back, is_wrong},
};

/// The process answers, and says which version it is.
pub async fn alive() -> &'static str {
    concat!("ok ", env!("CARGO_PKG_VERSION"), "\n")
}

/// The sentence about a copy that was restored and is not at work.
const ABOUT_PAUSE: &str = "this is a copy that was restored: no message, payment or webhook leaves it, nor anything for calendars, until an admin has \
                           released it at /admin/backups or with `janji release`";

/// The time in which the database must answer to count as reachable.
const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// The server can do its work: it is not about to end, and the database can be written to. What else an operator should know
/// is in further lines.
pub async fn ready(State(state): State<AppState>) -> Response {
    if state.farewell.is_leaving() {
        return unready("this server is going to end\n".to_owned());
    }
    let can_write = tokio::time::timeout(READY_TIMEOUT, state.database.can_write()).await;
    if !matches!(can_write, Ok(Ok(()))) {
        let why = state.database.outage().unwrap_or("the database does not answer");
        return unready(format!("{why}\n"));
    }
    let mut text = "ready\n".to_owned();
    let ahead = state.database.clock_ahead();
    if is_wrong(ahead) {
        text = format!("{text}{}\n", about_clock(ahead));
    }
    let held_back = appointment::held_back(&state.database, state.now());
    if let Ok(Ok(Some(held_back))) = tokio::time::timeout(READY_TIMEOUT, held_back).await {
        text = format!("{text}{}\n", about_held_back(held_back));
    }
    let old_check = overdue_by(&state.database, state.now());
    if let Ok(Ok(Some(age))) = tokio::time::timeout(READY_TIMEOUT, old_check).await {
        text = format!("{text}{}\n", about_old_check(age));
    }
    let paused = tokio::time::timeout(READY_TIMEOUT, state.database.is_paused()).await;
    if matches!(paused, Ok(Ok(true))) {
        text = format!("{text}{ABOUT_PAUSE}\n");
    }
    if let Some(missing) = about_missing(&state.outbox.senders) {
        text = format!("{text}degraded: {missing}\n");
    }
    text.into_response()
}

fn unready(text: String) -> Response {
    let retry = [(RETRY_AFTER, HeaderValue::from_static("5"))];
    (StatusCode::SERVICE_UNAVAILABLE, retry, text).into_response()
}
