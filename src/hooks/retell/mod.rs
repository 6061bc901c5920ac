//! The hooks of a phone agent (Retell, and whatever signs as it does): a call that comes in, its tools, and its events.
//!
//! The body is read as it was sent, and its signature is checked before anything else. Without a key there is nothing here.
//! An error of a tool is a sentence, with 200: an agent repeats what has another status, and has nothing to say meanwhile.

mod body;
pub mod options;
mod signature;

use axum::{
    Json, Router,
    body::{Bytes, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header::ALLOW},
    response::{IntoResponse, Response},
    routing::any,
};
use engine::{
    account::Phone,
    error::AppError,
    i18n::{Locale, Texts},
    phone_call::{self, Answer, Ask, Rules, Said, TimeSaid, Tool},
    time,
};
use serde_json::{Map, Value, json};

pub use self::signature::{HEADER, sign};
use crate::server::AppState;

/// No call is described by more.
const MAX_BODY: usize = 1024 * 1024;

/// The routes of the hooks. A browser has no business here, so nobody is asked where they come from.
pub fn routes() -> Router<AppState> {
    Router::new().route("/hooks/retell/{*path}", any(hook))
}

async fn hook(State(state): State<AppState>, Path(path): Path<String>, request: Request) -> Response {
    if state.config.phone.keys.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    if request.method() != Method::POST {
        let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, MAX_BODY).await {
        Ok(body) => answer(&state, &path, &parts.headers, &body).await,
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

/// Answers what was posted to this path below `/hooks/retell/`.
pub async fn answer(state: &AppState, path: &str, headers: &HeaderMap, body: &Bytes) -> Response {
    let signed = headers.get(HEADER).and_then(|value| value.to_str().ok());
    if !signature::is_signed(&state.config.phone.keys, signed, body, state.now()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(Value::Object(said)) = serde_json::from_slice::<Value>(body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match path.trim_end_matches('/').split_once('/') {
        Some(("tools", tool)) => of_tool(state, tool, &said).await,
        None if path.trim_end_matches('/') == "inbound" => inbound(state, &said).await,
        None if path.trim_end_matches('/') == "events" => event(state, &said).await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The rules by which calls are answered here.
fn rules(state: &AppState) -> Rules {
    let config = &state.config;
    Rules {
        booking: config.rules.booking,
        limits: config.limits,
        country: config.rules.country,
        code_countries: config.rules.code_countries.clone(),
        calls_per_number: config.phone.calls_per_number,
        transcript_days: config.phone.transcript_days,
    }
}

/// Answers a tool with a sentence, and with what the agent needs to go on.
async fn of_tool(state: &AppState, name: &str, said: &Map<String, Value>) -> Response {
    if !Tool::NAMES.contains(&name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let call = said.get("call").and_then(body::call);
    let (Some(call), Some(args)) = (call, body::args(said)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(tool) = body::tool(name, &args) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let ask = Ask {
        call,
        tool,
        language: body::language(&args),
        rules: rules(state),
    };
    let said = phone_call::answer(&state.database, ask, state.now()).await;
    Json(spoken(&said)).into_response()
}

/// The answer as the agent reads it.
fn spoken(said: &Said) -> Value {
    let texts = Texts::of(said.locale);
    let mut answer = json!({
        "ok": said.answer.is_ok(),
        "say": said.say,
        "kind": said.answer.kind(),
    });
    let slots = |times: &[TimeSaid]| -> Value {
        let slot = |time: &TimeSaid| {
            json!({
                "slot": phone_call::slot_of(time.wanted),
                "when": phone_call::time_in_words(time, texts),
            })
        };
        times.iter().map(slot).collect()
    };
    match &said.answer {
        Answer::Times { times, .. } | Answer::Taken { times } => answer["times"] = slots(times),
        Answer::Held { time, .. } => answer["slot"] = phone_call::slot_of(time.wanted).into(),
        Answer::Booked { reference, .. } => answer["appointment"] = reference.as_str().into(),
        Answer::Appointments { appointments } => {
            let own = |own: &phone_call::Own| {
                json!({
                    "appointment": own.reference,
                    "when": phone_call::time_in_words(&own.time, texts),
                    "service": own.time.service,
                    "doctor": own.time.doctor,
                })
            };
            answer["appointments"] = appointments.iter().map(own).collect();
        }
        _ => {}
    }
    answer
}

/// Tells the agent, before it answers, whom it speaks for, and nothing of the caller but whether they are known.
async fn inbound(state: &AppState, said: &Map<String, Value>) -> Response {
    let Some(Value::Object(inbound)) = said.get("call_inbound") else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match variables(state, inbound).await {
        Ok(variables) => {
            let metadata = json!({ "language": variables["language"] });
            Json(json!({ "call_inbound": { "dynamic_variables": variables, "metadata": metadata } }))
                .into_response()
        }
        Err(error) => unavailable(error),
    }
}

async fn variables(state: &AppState, inbound: &Map<String, Value>) -> Result<Value, AppError> {
    let caller = body::number(inbound.get("from_number"));
    let line = match body::number(inbound.get("to_number")) {
        Some(number) => phone_call::line_of(&state.database, number.as_str()).await?,
        None => None,
    };
    let (is_known, own) = match &caller {
        Some(number) => phone_call::language_of(&state.database, number.clone()).await?,
        None => (false, None),
    };
    let usual = caller
        .as_ref()
        .map(|number: &Phone| Locale::of_phone(number.as_str()));
    // A patient has said which language they read; whoever calls a number is answered in its own.
    let locale = own
        .filter(|_| line.is_some())
        .or(line.as_ref().map(|line| line.locale))
        .or(usual)
        .unwrap_or_default();
    let zone = line.as_ref().and_then(|line| time::stored_zone(&line.zone));
    let today = time::local_date(state.now(), &zone.unwrap_or(jiff::tz::TimeZone::UTC));
    let word = |is: bool| if is { "yes" } else { "no" };
    Ok(json!({
        "clinic": line.as_ref().map(|line| line.clinic_name.as_str()).unwrap_or_default(),
        "clinic_known": word(line.is_some()),
        "language": locale.code(),
        "caller": match (&caller, is_known) {
            (None, _) => "hidden",
            (Some(_), true) => "known",
            (Some(_), false) => "unknown",
        },
        "today": phone_call::date_in_words(today, Texts::of(locale)),
        "today_date": today.to_string(),
    }))
}

/// Takes down what happened to a call. What is not known is counted, and no failure of the provider.
async fn event(state: &AppState, said: &Map<String, Value>) -> Response {
    let Some(name) = said.get("event").and_then(Value::as_str) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(what) = body::what(name) else {
        phone_call::count_event(&state.database, "other");
        return StatusCode::NO_CONTENT.into_response();
    };
    let Some(event) = said.get("call").and_then(|call| body::event(what, call)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match phone_call::note_event(&state.database, event, &rules(state), state.now()).await {
        Ok(()) => {
            phone_call::count_event(&state.database, what.as_str());
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => unavailable(error),
    }
}

/// The provider sends it again later.
fn unavailable(error: AppError) -> Response {
    tracing::warn!(%error, "what was told of a phone call could not be taken down");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
