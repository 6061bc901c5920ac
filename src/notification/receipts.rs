//! Receipts of gateways: calls of their programs, each checked by its signature. What has no secret is not there.

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, OriginalUri, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use engine::{
    account::secret::hex,
    error::AppError,
    notification::{self, Receipt, Trouble, take_receipt},
};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    sender::{twilio, whatsapp},
    settings::Sms,
};
use crate::server::AppState;

/// No receipt is longer.
const MAX_BODY: usize = 1024 * 1024;

/// A receipt may be quicker than the note of what it is about.
const PATIENCE: Duration = Duration::from_secs(1);

/// The routes of receipts. A browser has no business here, so nobody is asked where they come from.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(twilio::RECEIPTS, post(of_twilio))
        .route("/hooks/sms/whatsapp", get(greet_whatsapp).post(of_whatsapp))
        .route("/hooks/sms/{secret}", post(of_any))
        .route(
            "/hooks/unsubscribe/{secret}",
            get(show_unsubscribe).post(unsubscribe),
        )
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// Leads people who open the address of a mail's header to the page with the button.
async fn show_unsubscribe(Path(secret): Path<String>) -> Redirect {
    Redirect::to(&format!("/u/{secret}"))
}

/// Ends reminders at the word of a mail program, whose button its owner pressed (RFC 8058).
async fn unsubscribe(State(state): State<AppState>, Path(secret): Path<String>) -> StatusCode {
    match notification::unsubscribe(&state.database, secret, state.now()).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(AppError::NotFound) => StatusCode::NOT_FOUND,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Whether two texts are the same. Comparing hashes takes as long wherever the two differ.
fn is_same(one: &str, other: &str) -> bool {
    Sha256::digest(one) == Sha256::digest(other)
}

/// Writes receipts down and answers when that is done. What is about no message of ours is no failure of the provider.
async fn take(state: &AppState, receipts: Vec<Receipt>) -> Response {
    for receipt in receipts {
        match take_one(state, receipt).await {
            Ok(_) => {}
            Err(AppError::Unavailable) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Err(error) => {
                tracing::warn!(%error, "a receipt could not be written down");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        }
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn take_one(state: &AppState, receipt: Receipt) -> Result<bool, AppError> {
    if take_receipt(&state.database, receipt.clone(), state.now()).await? {
        return Ok(true);
    }
    tokio::time::sleep(PATIENCE).await;
    take_receipt(&state.database, receipt, state.now()).await
}

fn pairs(body: &[u8]) -> Vec<(String, String)> {
    reqwest::Url::parse("form:/")
        .map(|mut url| {
            url.set_query(std::str::from_utf8(body).ok());
            url.query_pairs().into_owned().collect()
        })
        .unwrap_or_default()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

async fn of_twilio(
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (Some(Sms::Twilio(settings)), Some(public_url)) =
        (&state.config.messages.sms, &state.config.messages.public_url)
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let form = pairs(&body);
    let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
    let expected = twilio::signature(settings.token.reveal(), &format!("{public_url}{path}"), &form);
    let sent = headers
        .get("x-twilio-signature")
        .and_then(|value| value.to_str().ok());
    if !(expected.zip(sent)).is_some_and(|(expected, sent)| is_same(&expected, sent)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(provider_id) = value(&form, "MessageSid") else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let arrived = match value(&form, "MessageStatus") {
        Some("delivered" | "read") => Ok(()),
        Some("undelivered" | "failed") => {
            Err(twilio::trouble_of(value(&form, "ErrorCode").unwrap_or_default()))
        }
        // On its way.
        _ => return StatusCode::NO_CONTENT.into_response(),
    };
    let receipt = Receipt {
        provider_id: provider_id.to_owned(),
        arrived,
    };
    take(&state, vec![receipt]).await
}

/// What WhatsApp asks when receipts are set up.
#[derive(Deserialize)]
struct Greeting {
    #[serde(rename = "hub.mode", default)]
    mode: String,
    #[serde(rename = "hub.verify_token", default)]
    verify: String,
    #[serde(rename = "hub.challenge", default)]
    challenge: String,
}

async fn greet_whatsapp(State(state): State<AppState>, Query(greeting): Query<Greeting>) -> Response {
    let Some(Sms::WhatsApp(settings)) = &state.config.messages.sms else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match &settings.verify {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(word) if greeting.mode == "subscribe" && is_same(word, &greeting.verify) => {
            greeting.challenge.into_response()
        }
        Some(_) => StatusCode::FORBIDDEN.into_response(),
    }
}

/// Whether a body has this signature: HMAC-SHA256 in hexadecimal digits.
fn is_signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(body);
    is_same(&hex(&mac.finalize().into_bytes()), signature)
}

async fn of_whatsapp(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let settings = match &state.config.messages.sms {
        Some(Sms::WhatsApp(settings)) => settings,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Some(secret) = &settings.secret else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let signature = headers
        .get("x-hub-signature-256")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("sha256="));
    if !signature.is_some_and(|signature| is_signed(secret.reveal(), &body, signature)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let said: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    take(&state, whatsapp_receipts(&said)).await
}

/// The receipts in what WhatsApp says: there may be several, of several numbers.
fn whatsapp_receipts(said: &Value) -> Vec<Receipt> {
    let list = |value: &Value, name: &str| -> Vec<Value> {
        value
            .get(name)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    (list(said, "entry").iter())
        .flat_map(|entry| list(entry, "changes"))
        .flat_map(|change| {
            change
                .get("value")
                .map(|value| list(value, "statuses"))
                .unwrap_or_default()
        })
        .filter_map(|status| {
            let arrived = match status.get("status").and_then(Value::as_str)? {
                "delivered" | "read" => Ok(()),
                "failed" => {
                    let code = status.pointer("/errors/0/code").and_then(Value::as_i64);
                    Err(whatsapp::trouble_of(code.unwrap_or_default()))
                }
                _ => return None,
            };
            Some(Receipt {
                provider_id: status.get("id").and_then(Value::as_str)?.to_owned(),
                arrived,
            })
        })
        .collect()
}

/// The receipt of a gateway of one's own: JSON or a form with `id` and `status`.
async fn of_any(State(state): State<AppState>, Path(secret): Path<String>, body: Bytes) -> Response {
    let is_known = match &state.config.messages.sms {
        Some(Sms::Http(settings)) => settings
            .receipt_secret
            .as_ref()
            .is_some_and(|known| is_same(known.reveal(), &secret)),
        _ => false,
    };
    if !is_known {
        return StatusCode::NOT_FOUND.into_response();
    }
    let form = match serde_json::from_slice::<Value>(&body) {
        Ok(Value::Object(fields)) => fields
            .into_iter()
            .filter_map(|(name, value)| match value {
                Value::String(text) => Some((name, text)),
                Value::Number(number) => Some((name, number.to_string())),
                _ => None,
            })
            .collect(),
        _ => pairs(&body),
    };
    let (Some(id), Some(status)) = (value(&form, "id"), value(&form, "status")) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let arrived = match status.to_ascii_lowercase().as_str() {
        "delivered" | "read" => Ok(()),
        "undelivered" | "failed" | "rejected" | "expired" => Err(Trouble::Undelivered),
        _ => return StatusCode::NO_CONTENT.into_response(),
    };
    let receipt = Receipt {
        provider_id: id.to_owned(),
        arrived,
    };
    take(&state, vec![receipt]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatsapp_reports_several_at_once() {
        let said = serde_json::json!({"entry": [
            {"changes": [{"value": {"statuses": [
                {"id": "wamid.1", "status": "delivered"},
                {"id": "wamid.2", "status": "sent"},
            ]}}]},
            {"changes": [{"value": {"statuses": [
                {"id": "wamid.3", "status": "failed", "errors": [{"code": 131050}]},
            ]}}, {"value": {"messages": []}}]},
        ]});
        assert_eq!(
            whatsapp_receipts(&said),
            [
                Receipt {
                    provider_id: "wamid.1".to_owned(),
                    arrived: Ok(()),
                },
                Receipt {
                    provider_id: "wamid.3".to_owned(),
                    arrived: Err(Trouble::OptedOut),
                },
            ]
        );
    }

    #[test]
    fn a_signature_holds_for_one_body() {
        let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_signed("Jefe", b"what do ya want for nothing?", signature));
        assert!(!is_signed("Jefe", b"what do ya want for something?", signature));
        // The published one of those who sign in the same way.
        let published = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_signed(
            "It's a Secret to Everybody",
            b"Hello, World!",
            published
        ));
    }
}
