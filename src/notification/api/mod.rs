//! Messages, for programs; and those that the demo does not send.

pub mod contact;
pub mod wording;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::test::Test;
use crate::server::{
    AppState,
    api::{
        Answer, AppointmentInPath, Authenticated, Body, Done, Fault, InPath, Listed, Query, RequestTexts,
        done, listed, number, only_admins, page_of, paged,
    },
    openapi::{APPOINTMENTS, WATCHING},
    problem,
};
use engine::{
    appointment::{self, AppointmentName},
    error::AppError,
    i18n::Locale,
    notification::{
        self, Channel, Kind, Outcome, State as MessageState, Trouble,
        board::{self, Entry, Search},
        outbox,
    },
};

/// The newest messages first.
pub async fn messages(State(state): State<AppState>) -> Response {
    // public: in the demo, and only there.
    match outbox::newest(&state.database).await {
        Ok(messages) => {
            let mut response = Json(messages).into_response();
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => problem(error, Locale::default()),
    }
}

/// A search for messages.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `due`, `claimed`, `sent`, `delivered`, `failed` or `suppressed`; all by default.
    #[param(example = "failed")]
    state: Option<String>,
    /// What it says, such as `confirmed` or `reminder_day`; all by default.
    kind: Option<String>,
    /// The patient whom it is to.
    #[param(value_type = Option<i64>)]
    patient_id: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// A message to somebody outside of the pages.
#[derive(Serialize, ToSchema)]
pub struct OutgoingMessage {
    #[schema(example = 1)]
    id: i64,
    /// What it says; null for a kind of a newer release.
    #[schema(example = "confirmed")]
    kind: Option<&'static str>,
    /// `sms` or `email`.
    #[schema(example = "sms")]
    channel: Option<&'static str>,
    #[schema(example = "sent")]
    state: Option<&'static str>,
    /// Why it was not sent, such as `unreachable`.
    trouble: Option<&'static str>,
    /// What a mail server reported of it later, by RFC 3463: `5.1.1` is an address that does not exist.
    #[schema(example = "5.1.1")]
    bounce: Option<String>,
    #[schema(example = "+6281234567890")]
    to: String,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// The reference of the appointment that it speaks of.
    #[schema(example = "K7QM-4D2P")]
    appointment: Option<String>,
    /// The reference of the stay that it speaks of.
    #[schema(example = "K7QM-4D2P")]
    stay: Option<String>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    due_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:01Z")]
    sent_at: Option<Timestamp>,
    /// When it arrived, where the provider says so.
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    #[schema(example = 1)]
    attempts: i32,
    /// Its text once it was sent, for a month; always empty for a code.
    text: String,
    /// Whether it was given up and can be sent again.
    #[schema(example = false)]
    can_go_again: bool,
}

impl From<Entry> for OutgoingMessage {
    fn from(entry: Entry) -> Self {
        Self {
            can_go_again: entry.can_go_again(),
            id: entry.id,
            kind: entry.kind.map(Kind::as_str),
            channel: entry.channel.map(Channel::as_str),
            state: entry.state.map(MessageState::as_str),
            trouble: entry.trouble.map(Trouble::as_str),
            bounce: entry.bounce,
            to: entry.recipient,
            patient_id: entry.patient_id,
            appointment: entry.reference,
            stay: entry.stay,
            created_at: entry.created_at,
            due_at: entry.due_at,
            sent_at: entry.sent_at,
            delivered_at: entry.delivered_at,
            attempts: entry.attempts,
            text: entry.text,
        }
    }
}

/// Lists the messages of the clinic, newest first.
///
/// A message is put into words when it is sent, from what is so at that moment; what is no longer so is `suppressed`.
#[utoipa::path(
    get, path = "/v1/admin/messages", tag = WATCHING, params(Filter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of messages", body = Listed<OutgoingMessage>)),
)]
pub async fn list_messages(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<Filter>,
) -> Answer {
    only_admins(&caller)?;
    let limit = page_of(filter.limit.as_deref())?;
    let search = Search {
        state: word("state", filter.state.as_deref(), MessageState::parse)?,
        kind: word("kind", filter.kind.as_deref(), Kind::parse)?,
        patient_id: number("patient_id", filter.patient_id.as_deref())?,
        before: number("cursor", filter.cursor.as_deref())?,
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let entries = board::entries(&state.database, search).await?;
    let (entries, next) = paged(entries, limit, |last| last.id.to_string());
    Ok(listed(
        texts,
        entries.into_iter().map(OutgoingMessage::from).collect(),
        next,
    ))
}

/// A message about an appointment, for its doctor and the desk: what was said, which way, and what became of it.
#[derive(Serialize, ToSchema)]
pub struct AppointmentMessage {
    #[schema(example = 1)]
    id: i64,
    /// What it says; null for a kind of a newer release.
    #[schema(example = "confirmed")]
    kind: Option<&'static str>,
    /// `sms` or `email`.
    #[schema(example = "sms")]
    channel: Option<&'static str>,
    /// `due`, `claimed`, `sent`, `delivered`, `failed` or `suppressed`.
    #[schema(example = "sent")]
    state: Option<&'static str>,
    /// Why it was not sent, such as `unreachable`.
    trouble: Option<&'static str>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    due_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:01Z")]
    sent_at: Option<Timestamp>,
    /// When it arrived, where the provider says so.
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    /// Its text once it was sent, for a month, without the secrets of its links. Empty where it also speaks of an appointment
    /// at a clinic that the account does not have.
    text: String,
}

impl From<Entry> for AppointmentMessage {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind.map(Kind::as_str),
            channel: entry.channel.map(Channel::as_str),
            state: entry.state.map(MessageState::as_str),
            trouble: entry.trouble.map(Trouble::as_str),
            due_at: entry.due_at,
            sent_at: entry.sent_at,
            delivered_at: entry.delivered_at,
            text: entry.text,
        }
    }
}

/// Lists what was told about an appointment, also as a part of a visit, newest first.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/notifications", tag = APPOINTMENTS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The messages", body = Listed<AppointmentMessage>)),
)]
pub async fn appointment_messages(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let is_staff = caller.role().is_staff();
    let item = match which {
        AppointmentName::Id(id) => appointment::find_by_id(&state.database, caller.clone(), id).await?,
        AppointmentName::Reference(reference) => {
            appointment::find(&state.database, Some(caller.clone()), None, reference).await?
        }
    };
    // Patients have the messages themselves.
    if !is_staff {
        return Err(AppError::Forbidden.into());
    }
    let told = board::of_appointment(&state.database, &caller, item.id).await?;
    Ok(listed(
        texts,
        told.into_iter().map(AppointmentMessage::from).collect(),
        None,
    ))
}

/// Sends a message again that was given up.
///
/// It is looked at once more before it leaves: what is no longer so is not said. A second request changes nothing.
#[utoipa::path(
    post, path = "/v1/admin/messages/{id}/again", tag = WATCHING, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The message", example = 1)),
    responses(
        (status = 200, description = "It is due again", body = Done<Again>),
        (status = 404, description = "`NOT_FOUND`: there is none, or it was not given up, or it was a code"),
    ),
)]
pub async fn send_again(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    InPath(id): InPath<i64>,
) -> Answer {
    only_admins(&caller)?;
    notification::send_again(&state.database, caller, id, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "messages-again-done", Again { id }))
}

/// A message that is due again.
#[derive(Serialize, ToSchema)]
pub struct Again {
    #[schema(example = 1)]
    id: i64,
}

/// To whom a test goes.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTest {
    /// A phone number or an e-mail address.
    #[schema(min_length = 1, max_length = 254, example = "+6281234567890")]
    to: String,
}

/// What became of a test.
#[derive(Serialize, ToSchema)]
pub struct TestOutcome {
    /// Whether the provider has taken it.
    #[schema(example = true)]
    sent: bool,
    /// Why not, such as `account_refused`; `no_sender` where none is configured.
    trouble: Option<&'static str>,
}

/// Sends a test, and says what became of it.
///
/// A request that is repeated sends another one.
#[utoipa::path(
    post, path = "/v1/admin/messages/test", tag = WATCHING, request_body = NewTest, security(("token" = ["organise"])),
    extensions(("x-no-key" = json!(true))),
    responses((status = 200, description = "What became of it", body = Done<TestOutcome>)),
)]
pub async fn send_test(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewTest>,
) -> Answer {
    only_admins(&caller)?;
    let (test, recipient) =
        Test::parse(&request.to, state.config.rules.country).map_err(|_| Fault::malformed("to"))?;
    let outcome = test.send(&state.outbox.senders, recipient, texts.locale()).await;
    let trouble = match outcome {
        Ok(Outcome::Sent { .. }) => None,
        Ok(Outcome::Later(trouble) | Outcome::Refused(trouble)) => Some(trouble.as_str()),
        Ok(Outcome::Unsure) => Some(Trouble::Unsure.as_str()),
        Err(_) => Some("no_sender"),
    };
    let said = match trouble {
        None => "messages-test-sent",
        Some(_) => "messages-test-failed",
    };
    let data = TestOutcome {
        sent: trouble.is_none(),
        trouble,
    };
    Ok(done(StatusCode::OK, texts, said, data))
}

/// Reads one of a list of words, if it is there.
fn word<T>(name: &str, said: Option<&str>, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    match said.filter(|said| !said.is_empty()) {
        None => Ok(None),
        Some(said) => parse(said).map(Some).ok_or_else(|| Fault::malformed(name)),
    }
}
