//! What adapters have in common: a client of HTTP with time-outs, answers of a bounded length, and what failures mean.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, redirect::Policy};
use serde_json::Value;

use super::trouble::Trouble;

const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);
/// A patient waits for a session, and a browser waits for 30 seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// No answer of a provider is longer.
const MAX_ANSWER: usize = 1024 * 1024;

/// Builds the client of a provider. It follows nobody elsewhere: what is posted has a key.
///
/// # Errors
/// Where TLS cannot be set up.
pub(in crate::payment) fn client() -> Result<Client, reqwest::Error> {
    // The first of several says it, and they all say the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECTION_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        .redirect(Policy::none())
        .user_agent(concat!("Janji/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The answer of a provider. What is no JSON is null.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    /// A text of the answer; none where it is empty.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        text(&self.body, pointer)
    }
}

/// A text of a document; none where it is empty.
pub fn text<'a>(document: &'a Value, pointer: &str) -> Option<&'a str> {
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// Calls a provider.
///
/// # Errors
/// What a failure means. The error itself may repeat the address, so nobody is told of it.
pub async fn call(request: RequestBuilder) -> Result<Answer, Trouble> {
    let mut response = request.send().await.map_err(|error| meaning(&error))?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| meaning(&error))? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err(Trouble::Unsure);
        }
        body.extend_from_slice(&part);
    }
    Ok(Answer {
        status,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

fn meaning(error: &reqwest::Error) -> Trouble {
    match error.is_connect() || error.is_builder() {
        true => Trouble::Unreachable,
        // It may have been done.
        false => Trouble::Unsure,
    }
}

/// The meaning of a status that is no success, where the provider says no more than that.
pub fn of_status(status: StatusCode) -> Trouble {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Trouble::Account,
        // It may have been done, as far as its answer was written.
        status if status.is_server_error() => Trouble::Unsure,
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS => Trouble::Busy,
        _ => Trouble::Refused,
    }
}
