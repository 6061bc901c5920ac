//! The forms of calls.

use axum::body::{Bytes, to_bytes};
use http::{HeaderMap, HeaderName};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    account::guard,
    hooks::retell::{self, HEADER, sign},
    server::AppState,
    ui::redirect,
};
use engine::{
    account::{secret, storable},
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    phone_call,
};

/// The page of calls.
pub(super) const CALLS: &str = "/admin/phone-calls";
/// The page of the numbers that are answered.
pub(super) const LINES: &str = "/admin/phone-lines";

/// Notes that somebody has called back, or that they have not after all.
#[server(prefix = "/form", endpoint = "phone-call-done")]
pub async fn phone_call_done(
    call: i64,
    #[server(default)] done: String,
    #[server(default)] open: String,
) -> Result<(), AppError> {
    let caller = guard::desk().await?;
    let state = expect_context::<AppState>();
    let is_done = done == "true";
    phone_call::set_done(&state.database, &caller, call, is_done, state.now()).await?;
    let said = if is_done { "done" } else { "undone" };
    let open = if open.is_empty() { "" } else { "&open=1" };
    redirect(&format!("{CALLS}?said={said}{open}"));
    Ok(())
}

/// Notes that a name that was heard is written as it should be.
#[server(prefix = "/form", endpoint = "check-heard-name")]
pub async fn check_heard_name(patient: i64) -> Result<(), AppError> {
    let caller = guard::desk().await?;
    let state = expect_context::<AppState>();
    phone_call::check_name(&state.database, &caller, patient, state.now()).await?;
    redirect(&format!("{CALLS}?said=checked"));
    Ok(())
}

/// Under which name a session keeps what was typed about a number.
pub(super) const LINE_FORM: &str = "phone-line";

/// The form of a number, as somebody filled it in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TypedLine {
    pub phone: String,
    pub clinic: i64,
    pub language: String,
}

/// Says which clinic is called by a number.
#[server(prefix = "/form", endpoint = "put-phone-line")]
pub async fn put_phone_line(
    #[server(default)] phone: String,
    #[server(default)] clinic: i64,
    #[server(default)] language: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let sent = TypedLine {
        phone: storable(&phone),
        clinic,
        language: storable(&language),
    };
    let set = async {
        let locale =
            Locale::parse(&language).ok_or(AppError::invalid(Field::Languages, FieldProblem::Malformed))?;
        let number = (phone.as_str(), state.config.rules.country);
        phone_call::set_line(&state.database, &caller, number, clinic, locale).await
    };
    let set = set.await;
    guard::session()
        .settle_typed(LINE_FORM, String::new(), sent, &set)
        .await?;
    set?;
    redirect(&format!("{LINES}?said=set"));
    Ok(())
}

/// Takes a number away.
#[server(prefix = "/form", endpoint = "remove-phone-line")]
pub async fn remove_phone_line(number: String) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    phone_call::remove_line(&state.database, &caller, &number).await?;
    redirect(&format!("{LINES}?said=removed"));
    Ok(())
}

/// Under which name a session keeps the call that the demo plays.
pub(super) const DEMO_FORM: &str = "demo-call";
/// The sentences of a played call that are kept.
const MOST_SPOKEN: usize = 12;

/// A call that the demo plays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Played {
    pub call_id: String,
    pub number: String,
    pub line: String,
    pub has_ended: bool,
    /// What was asked for, by the name of the tool, and what the agent said.
    pub spoken: Vec<(String, String)>,
    /// The times that were named, each with its words.
    pub times: Vec<(String, String)>,
    /// What was sent last, to be sent once more.
    pub last: Option<(String, Value)>,
    pub typed: Wish,
}

/// What the caller of a played call says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    pub service: String,
    pub day: String,
    pub slot: String,
    pub name: String,
    pub code: String,
    pub note: String,
}

/// Plays a part of a call: sends what a phone agent would send, signed, to the hooks of this server.
#[server(prefix = "/form", endpoint = "play-call")]
pub async fn play_call(
    /// The part: `begin`, `again`, `end`, `twice`, or the name of a tool.
    part: String,
    #[server(default)] number: String,
    #[server(default)] line: String,
    #[server(default)] wish: Wish,
) -> Result<(), AppError> {
    // public: only the demo has it, and whoever tries it out is nobody yet.
    let state = expect_context::<AppState>();
    if !state.config.demo || state.config.phone.keys.is_empty() {
        return Err(AppError::NotFound);
    }
    let session = guard::session();
    let mut played: Played = session.typed(DEMO_FORM, "").await?;
    match part.as_str() {
        "begin" => {
            played = Played {
                call_id: format!("demo-{}", secret::hex(&rand::random::<[u8; 8]>())),
                number: storable(&number).chars().take(40).collect(),
                line: storable(&line).chars().take(40).collect(),
                ..Played::default()
            };
            send(&state, &mut played, "events", event("call_started")).await?;
        }
        "again" => played = Played::default(),
        "end" => {
            for name in ["call_ended", "call_analyzed"] {
                send(&state, &mut played, "events", event(name)).await?;
            }
            played.has_ended = true;
        }
        "twice" => {
            if let Some((path, body)) = played.last.clone() {
                send(&state, &mut played, &path, body).await?;
            }
        }
        tool if phone_call::Tool::NAMES.contains(&tool) && !played.call_id.is_empty() => {
            let body = json!({ "name": tool, "args": args(&wish) });
            played.typed = wish;
            send(&state, &mut played, &format!("tools/{tool}"), body).await?;
        }
        _ => return Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
    }
    session.keep_typed(DEMO_FORM, String::new(), &played).await?;
    redirect("/demo/call");
    Ok(())
}

fn event(name: &str) -> Value {
    json!({ "event": name })
}

/// What the caller says, as an agent would put it.
fn args(wish: &Wish) -> Value {
    json!({
        "service": wish.service,
        "day": wish.day,
        "slot": wish.slot,
        "name": wish.name,
        "code": wish.code,
        "note": wish.note,
    })
}

/// Sends something to the hooks, and keeps what is spoken.
async fn send(state: &AppState, played: &mut Played, path: &str, mut body: Value) -> Result<(), AppError> {
    body["call"] = json!({
        "call_id": played.call_id,
        "call_type": "phone_call",
        "direction": "inbound",
        "from_number": played.number,
        "to_number": played.line,
    });
    let bytes = Bytes::from(body.to_string());
    let key = state.config.phone.keys.first().ok_or(AppError::NotFound)?;
    let signature = sign(key, &bytes, state.now()).ok_or(AppError::Internal)?;
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_static(HEADER),
        signature.parse().map_err(|_| AppError::Internal)?,
    );
    let answer = retell::answer(state, path, &headers, &bytes).await;
    let answer = to_bytes(answer.into_body(), usize::MAX)
        .await
        .map_err(|_| AppError::Internal)?;
    if let Some(tool) = path.strip_prefix("tools/") {
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        played.spoken.push((tool.to_owned(), text(&answer, "say")));
        let surplus = played.spoken.len().saturating_sub(MOST_SPOKEN);
        played.spoken.drain(..surplus);
        if let Some(times) = answer["times"].as_array() {
            played.times = times
                .iter()
                .map(|time| (text(time, "slot"), text(time, "when")))
                .collect();
        }
        played.last = Some((path.to_owned(), body));
    }
    Ok(())
}
