//! `/metrics`, for Prometheus. It tells how busy a clinic is, so it is not for everybody.

use std::{net::SocketAddr, time::Duration};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use crate::server::{AppState, Config};
use engine::{
    caldav, installation,
    monitoring::locks::{locks, publish},
    notification::board::measure_backlog,
    payment::board::measure_waiting,
    webhook,
};

/// The time in which PostgreSQL must report its locks; otherwise the rest is answered without them.
const LOCKS_TIMEOUT: Duration = Duration::from_secs(2);

/// All numbers, for whoever may read them. Others need not know that they are here.
pub async fn metrics(State(state): State<AppState>, request: Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if !may_read(&state.config, peer.map(|peer| peer.0), request.headers()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let locks = tokio::time::timeout(LOCKS_TIMEOUT, locks(&state.database))
        .await
        .ok()
        .and_then(Result::ok);
    publish(&state.database, locks.as_ref());
    let backlog = measure_backlog(&state.outbox, state.now());
    if !matches!(tokio::time::timeout(LOCKS_TIMEOUT, backlog).await, Ok(Ok(()))) {
        tracing::debug!("the messages that wait could not be counted");
    }
    let webhooks = webhook::measure(&state.database, state.now());
    if !matches!(tokio::time::timeout(LOCKS_TIMEOUT, webhooks).await, Ok(Ok(()))) {
        tracing::debug!("what waits for webhooks could not be counted");
    }
    let calendars = caldav::measure(&state.database);
    if !matches!(tokio::time::timeout(LOCKS_TIMEOUT, calendars).await, Ok(Ok(()))) {
        tracing::debug!("what waits for calendars elsewhere could not be counted");
    }
    let waiting = measure_waiting(&state.database, state.now());
    if !matches!(tokio::time::timeout(LOCKS_TIMEOUT, waiting).await, Ok(Ok(()))) {
        tracing::debug!("the refunds that wait could not be counted");
    }
    let backups = installation::measure(&state.database, state.config.backup_folder().is_some());
    if !matches!(tokio::time::timeout(LOCKS_TIMEOUT, backups).await, Ok(Ok(()))) {
        tracing::debug!("the last backup could not be asked for");
    }
    let text = state.database.statistics().render();
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response()
}

/// Allows requests with the configured token; without one, requests from this machine. A proxy on this machine looks
/// like a local program, so forwarded requests always need a token.
fn may_read(config: &Config, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    if let Some(token) = &config.metrics_token {
        let sent = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        // Comparing hashes takes as long wherever the two differ.
        return sent.is_some_and(|sent| Sha256::digest(sent) == Sha256::digest(token));
    }
    let passed_on = config.trust_proxy
        || [
            "x-forwarded-for",
            "x-forwarded-host",
            "x-real-ip",
            "forwarded",
            "via",
        ]
        .into_iter()
        .any(|name| headers.contains_key(name));
    !passed_on && peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}
