//! The wishes of a patient, for programs.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, RequestTexts, done, found},
    openapi::PATIENTS,
};
use engine::{
    account::{
        Caller,
        wishes::{self, ChangeWishes, Topic, Way, Ways, Wishes},
    },
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
};

/// The way on which the patient is told: `sms`, `whatsapp`, `email` or `none`. Codes always go by SMS.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "sms")]
pub enum WaySchema {
    Sms,
    Whatsapp,
    Email,
    None,
}

impl From<Way> for WaySchema {
    fn from(way: Way) -> Self {
        match way {
            Way::Sms => Self::Sms,
            Way::Whatsapp => Self::Whatsapp,
            Way::Email => Self::Email,
            Way::None => Self::None,
        }
    }
}

impl From<WaySchema> for Way {
    fn from(way: WaySchema) -> Self {
        match way {
            WaySchema::Sms => Self::Sms,
            WaySchema::Whatsapp => Self::Whatsapp,
            WaySchema::Email => Self::Email,
            WaySchema::None => Self::None,
        }
    }
}

/// The way of each kind of message.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaysData {
    /// What becomes of appointments.
    appointment: WaySchema,
    reminder: WaySchema,
    prescription: WaySchema,
    rating: WaySchema,
}

/// What a patient wants to be told, how and where.
#[derive(Serialize, ToSchema)]
pub struct PreferencesData {
    /// The language of messages; null for the one of the last booking.
    #[schema(example = "id")]
    language: Option<&'static str>,
    #[schema(example = "dewi@mail.example")]
    email: Option<String>,
    /// Whether the link that was sent to the address has been followed; nothing else is sent there before.
    email_confirmed: bool,
    messages: WaysData,
}

/// A change of what a patient wants to be told, as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesChange {
    #[schema(example = "id")]
    language: Option<String>,
    /// A new address is sent a link. Missing or null: none.
    #[schema(max_length = 200, example = "dewi@mail.example")]
    email: Option<String>,
    messages: WaysData,
}

fn data(wishes: Wishes) -> PreferencesData {
    let way = |topic| WaySchema::from(wishes.ways.get(&topic).copied().unwrap_or_default());
    PreferencesData {
        language: wishes.locale.map(Locale::code),
        email_confirmed: wishes.is_confirmed,
        messages: WaysData {
            appointment: way(Topic::Appointment),
            reminder: way(Topic::Reminder),
            prescription: way(Topic::Prescription),
            rating: way(Topic::Rating),
        },
        email: wishes.email,
    }
}

fn patient(caller: &Caller) -> Result<i64, AppError> {
    caller.patient_id().ok_or(AppError::Forbidden)
}

/// Returns what the patient wants to be told, how and where.
#[utoipa::path(
    get, path = "/v1/me/preferences", tag = PATIENTS, security(("token" = ["read"])),
    responses((status = 200, description = "The preferences of the owner of the token", body = Done<PreferencesData>)),
)]
pub async fn preferences(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let wishes = wishes::wishes(&state.database, patient(&caller)?).await?;
    Ok(found(texts, data(wishes)))
}

/// Changes what the patient wants to be told, how and where.
///
/// A new e-mail address is sent a link, and is used once it was followed.
#[utoipa::path(
    put, path = "/v1/me/preferences", tag = PATIENTS, request_body = PreferencesChange,
    security(("token" = ["sign-in"])),
    responses((status = 200, description = "Changed", body = Done<PreferencesData>)),
)]
pub async fn change_preferences(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<PreferencesChange>,
) -> Answer {
    let patient_id = patient(&caller)?;
    let locale = match request.language.as_deref() {
        None => None,
        Some(code) => {
            let malformed = AppError::invalid(Field::Body, FieldProblem::Malformed);
            Some(Locale::parse(code).ok_or(malformed)?)
        }
    };
    let ways = [
        (Topic::Appointment, request.messages.appointment),
        (Topic::Reminder, request.messages.reminder),
        (Topic::Prescription, request.messages.prescription),
        (Topic::Rating, request.messages.rating),
    ];
    let command = ChangeWishes {
        patient_id,
        locale,
        email: request.email.unwrap_or_default(),
        ways: ways
            .into_iter()
            .map(|(topic, way)| (topic, Way::from(way)))
            .collect::<Ways>(),
        site: state.config.public_url().cloned(),
        texts,
    };
    wishes::change_wishes(&state.database, command, state.now()).await?;
    let wishes = wishes::wishes(&state.database, patient_id).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", data(wishes)))
}
