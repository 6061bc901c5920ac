//! The `RateLimit`, `RateLimit-Policy` and `Retry-After` headers (draft-ietf-httpapi-ratelimit-headers).

use axum::{
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{HeaderMap, RETRY_AFTER},
    },
    middleware::Next,
    response::Response,
};

use super::{AppState, security::address_of};
use engine::{
    account::limit::record_limits,
    audit::{self, Kind, Note},
};

/// The limit: how many requests in how many seconds.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The state of the limit: how many requests are left, and in how many seconds there are more.
pub const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Writes the limit that is nearest to its end into the headers of an answer, if the request was counted, and
/// `Retry-After` if it was refused. A limit that was exceeded is noted.
pub async fn write_limits(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let address = address_of(&state, &request);
    let (mut response, counted) = record_limits(next.run(request)).await;
    if let Some(counted) = counted {
        if !counted.is_within() {
            let note = Note::new(Kind::LimitHit).about(counted.name()).from(&address);
            audit::note(&state.database, note).await;
        }
        let is_refused = response.status() == StatusCode::TOO_MANY_REQUESTS;
        let headers = response.headers_mut();
        insert(headers, POLICY, &counted.policy());
        insert(headers, STATE, &counted.state());
        if let Some(seconds) = counted.retry_after().filter(|_| is_refused) {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    response
}

/// Says in every answer of a service that is not available, page or call, when to come again.
pub async fn write_retry_after(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .entry(RETRY_AFTER)
            .or_insert(HeaderValue::from_static("1"));
    }
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
