//! Answers to programs: by their keys once, and with the faults that a test asks for.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Inner, MAX_PAGES, StandIn};

/// How a call of a program goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It goes well: the fault is that of a later call.
    None,
    /// Nothing is done.
    Down,
    /// It is done, and the answer is lost.
    Lost,
}

impl StandIn {
    /// Answers a call once for its key. The same key with another question is refused.
    pub(super) fn answer(
        &self,
        headers: &HeaderMap,
        asked: &str,
        work: impl FnOnce(&mut Inner, i64) -> (u16, Value),
    ) -> Response {
        let now = self.seconds();
        let mut inner = self.inner();
        inner.calls += 1;
        inner.end_old(now);
        let fault = match inner.faults.is_empty() {
            true => None,
            false => Some(inner.faults.remove(0)),
        };
        if fault == Some(Fault::Down) {
            return say(500, json!({"error": {"type": "api_error"}}));
        }
        let key = headers
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        if inner.pages.len() >= MAX_PAGES {
            return say(429, json!({"error": {"type": "rate_limit_error"}}));
        }
        let earlier = key.as_ref().and_then(|key| inner.answered.get(key)).cloned();
        let (status, body) = match earlier {
            Some((before, ..)) if before != asked => (
                400,
                json!({"error": {
                    "type": "idempotency_error",
                    "message": "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                }}),
            ),
            Some((_, status, body)) => (status, body),
            None => {
                let (status, body) = work(&mut inner, now);
                // What could not even be read may be asked anew.
                if let Some(key) = key.filter(|_| status < 400) {
                    inner
                        .answered
                        .insert(key, (asked.to_owned(), status, body.clone()));
                }
                (status, body)
            }
        };
        match fault {
            Some(Fault::Lost) => say(504, Value::Null),
            _ => say(status, body),
        }
    }
}

fn say(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}
