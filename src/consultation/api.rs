//! Consultations, for programs.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{
        Answer, AppointmentInPath, Authenticated, Body, Done, Nothing, RequestTexts, SentKey, done, found,
        made,
    },
    openapi::VISITS,
};
use engine::{
    appointment::{AppointmentName, look_up},
    consultation::{self, Door, Message, Phase, SendMessage, Sent, Thread},
};

/// A text consultation.
#[derive(Serialize, ToSchema)]
pub struct ConsultationData {
    #[schema(example = 1)]
    appointment_id: i64,
    /// `not_yet`, `open` or `closed`.
    #[schema(example = "open")]
    phase: &'static str,
    /// The time from which the two can write, where it is ahead.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    opens_at: Option<Timestamp>,
    /// The time until which they can, where it is open.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-23T08:20:00Z")]
    closes_at: Option<Timestamp>,
    /// The messages in their order.
    messages: Vec<MessageData>,
    /// The number of messages that the caller has not seen yet.
    #[schema(example = 0)]
    unread: usize,
}

/// A message.
#[derive(Serialize, ToSchema)]
pub struct MessageData {
    /// Its place, counted from 1 without gaps.
    #[schema(example = 1)]
    position: i32,
    /// `patient` or `doctor`.
    #[schema(example = "patient")]
    author: &'static str,
    #[schema(example = "Is it normal that it itches?")]
    message: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:05:00Z")]
    sent_at: Timestamp,
    /// Whether whom it was written to has seen it.
    #[schema(example = true)]
    seen: bool,
}

impl From<Message> for MessageData {
    fn from(message: Message) -> Self {
        Self {
            position: message.position,
            author: message.author.as_str(),
            message: message.text,
            sent_at: message.sent_at,
            seen: message.is_seen,
        }
    }
}

impl From<Thread> for ConsultationData {
    fn from(thread: Thread) -> Self {
        let (phase, opens_at, closes_at) = match thread.phase {
            Phase::NotYet { opens_at } => ("not_yet", Some(opens_at), None),
            Phase::Open { closes_at } => ("open", None, Some(closes_at)),
            Phase::Closed => ("closed", None, None),
        };
        Self {
            appointment_id: thread.appointment_id,
            phase,
            opens_at,
            closes_at,
            messages: thread.messages.into_iter().map(Into::into).collect(),
            unread: thread.unread,
        }
    }
}

/// Returns the text consultation of an appointment to its patient or its doctor.
///
/// To read it does not say that it was seen.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/consultation", tag = VISITS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The consultation", body = Done<ConsultationData>)),
)]
pub async fn consultation(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let rules = state.config.rules.consultation.clone();
    let thread = consultation::read(&state.database, caller, which, rules, state.now()).await?;
    Ok(found(texts, ConsultationData::from(thread)))
}

/// A new message of a text consultation.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    #[schema(min_length = 1, max_length = 4000, example = "Is it normal that it itches?")]
    message: String,
}

/// A message that was sent.
#[derive(Serialize, ToSchema)]
pub struct SentMessage {
    #[schema(example = 1)]
    appointment_id: i64,
    /// Its place in the consultation, counted from 1.
    #[schema(example = 1)]
    position: i32,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:05:00Z")]
    sent_at: Timestamp,
}

impl From<Sent> for SentMessage {
    fn from(sent: Sent) -> Self {
        Self {
            appointment_id: sent.appointment_id,
            position: sent.position,
            sent_at: sent.sent_at,
        }
    }
}

/// Writes a message in a text consultation.
///
/// Possible for its patient and its doctor, from the start of the appointment, or when the doctor begins before it, until
/// some time after its end. Both have one order of messages.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/messages", tag = VISITS, request_body = NewMessage, security(("token" = ["book"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 201, description = "Sent", body = Done<SentMessage>,
         headers(("Location" = String, description = "The path of the consultation"))),
        (status = 409, description = "`CONSULTATION_CLOSED`: it has not begun, or is over; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn send_message(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
    Body(request): Body<NewMessage>,
) -> Answer {
    // An id and a reference are two names of one request.
    let seen = look_up(&state.database, caller.clone(), which).await?;
    let command = SendMessage {
        key: sent.of(&caller, "write-message", &(seen.id, &request))?,
        caller,
        which: AppointmentName::Id(seen.id),
        text: request.message,
        rules: state.config.rules.consultation.clone(),
    };
    let sent = consultation::send(&state.database, command, state.now()).await?;
    let location = format!("/api/v1/appointments/{}/consultation", sent.appointment_id);
    Ok(made(
        texts,
        "api-message-sent",
        &location,
        SentMessage::from(sent),
    ))
}

/// How far somebody has seen a text consultation.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenTo {
    /// The place of the newest message that was shown.
    #[schema(minimum = 0, example = 1)]
    position: i32,
}

/// Notes that the caller has been shown a text consultation up to a message.
///
/// It can be repeated, and never goes back.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/messages/seen", tag = VISITS, request_body = SeenTo,
    security(("token" = ["read"])), extensions(("x-no-key" = json!(true))),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "Noted, now or before", body = Done<Nothing>)),
)]
pub async fn see_messages(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
    Body(request): Body<SeenTo>,
) -> Answer {
    consultation::see(&state.database, caller, which, request.position).await?;
    Ok(done(StatusCode::OK, texts, "api-consultation-seen", Nothing))
}

/// The way to a video room.
#[derive(Serialize, ToSchema)]
pub struct VideoData {
    /// `not_yet`, `open`, `over`, or `not_configured` where the organisation has no video links.
    #[schema(example = "open")]
    door: &'static str,
    /// The time from which the two can join, where it is ahead.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T07:45:00Z")]
    opens_at: Option<Timestamp>,
    /// The time until which they can, where it is open.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T09:20:00Z")]
    closes_at: Option<Timestamp>,
    /// The address of the room, while it is open. Whoever has it can enter.
    #[schema(example = "https://meet.example/0f3b9c5d7e1a4c6f8b2d0e9a7c5b3d1f")]
    url: Option<String>,
}

impl From<Door> for VideoData {
    fn from(door: Door) -> Self {
        let closed = |door| Self {
            door,
            opens_at: None,
            closes_at: None,
            url: None,
        };
        match door {
            Door::NotConfigured => closed("not_configured"),
            Door::Over => closed("over"),
            Door::NotYet { opens_at } => Self {
                opens_at: Some(opens_at),
                ..closed("not_yet")
            },
            Door::Open { address, closes_at } => Self {
                closes_at: Some(closes_at),
                url: Some(address.as_str().to_owned()),
                ..closed("open")
            },
        }
    }
}

/// Returns the way to the room of a video consultation to its patient or its doctor.
///
/// It is open from 15 minutes before the start until an hour after the end.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/video", tag = VISITS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The way to the room, or when it opens", body = Done<VideoData>)),
)]
pub async fn video(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let rules = &state.config.rules.consultation;
    let door = consultation::door(&state.database, caller, which, rules, state.now()).await?;
    Ok(found(texts, VideoData::from(door)))
}
