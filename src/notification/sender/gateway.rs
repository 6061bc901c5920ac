//! What gateways have in common: a client of HTTP, and what its failures mean.

use std::time::Duration;

use engine::notification::{Outcome, Trouble};
use reqwest::{Client, RequestBuilder, StatusCode, redirect::Policy};
use serde_json::Value;

use crate::notification::settings::SettingsError;

const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(25);

/// The client of a gateway. It follows nobody elsewhere: what is posted has a phone number and a key.
pub fn client(name: &'static str) -> Result<Client, SettingsError> {
    Client::builder()
        .connect_timeout(CONNECTION_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        .redirect(Policy::none())
        .user_agent(concat!("Janji/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| SettingsError::Sender(name, error.to_string()))
}

/// The answer of a gateway. What is no JSON is null.
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

/// Posts a message.
///
/// # Errors
/// What a failure means. The error itself may repeat the address, so nobody is told of it.
pub async fn post(request: RequestBuilder) -> Result<Answer, Outcome> {
    let response = request.send().await.map_err(|error| meaning(&error))?;
    let status = response.status();
    // The status has come: what is missing is the rest.
    let body = response.bytes().await.map_err(|error| meaning(&error))?;
    Ok(Answer {
        status,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

fn meaning(error: &reqwest::Error) -> Outcome {
    match error.is_connect() || error.is_builder() {
        true => Outcome::Later(Trouble::Unreachable),
        // It may have arrived.
        false => Outcome::Unsure,
    }
}

/// The meaning of a status where the gateway says no more than that.
pub fn of_status(status: StatusCode) -> Outcome {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::PAYMENT_REQUIRED | StatusCode::FORBIDDEN => {
            Outcome::Later(Trouble::AccountRefused)
        }
        StatusCode::GATEWAY_TIMEOUT => Outcome::Unsure,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Outcome::Later(Trouble::RefusedForNow),
        status if status.is_server_error() => Outcome::Later(Trouble::RefusedForNow),
        _ => Outcome::Refused(Trouble::Refused),
    }
}

/// A text or a number of an answer.
pub fn word(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
