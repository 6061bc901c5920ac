//! How patients are reached, for their programs.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, Fault, RequestTexts, done, found},
    openapi::PATIENTS,
};
use axum::http::StatusCode;
use engine::{
    account::Caller,
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    notification::{self, Contact, SaveContact},
};

/// How a patient is reached.
#[derive(Serialize, ToSchema)]
pub struct ContactData {
    #[schema(example = "+6281234567890")]
    phone: String,
    #[schema(example = "maya@example.org")]
    email: Option<String>,
    /// Whether the patient has opened the link that went to the address; until then nothing else goes there.
    #[schema(example = true)]
    email_confirmed: bool,
    /// Whether mails to the address came back: nothing goes there until it is confirmed anew.
    #[schema(example = false)]
    email_came_back: bool,
    /// `en`, `id` or `de`; null: that of the last sign-in.
    #[schema(example = "id")]
    language: Option<&'static str>,
    #[schema(example = true)]
    reminders: bool,
}

impl From<Contact> for ContactData {
    fn from(contact: Contact) -> Self {
        Self {
            phone: contact.phone,
            email: contact.email,
            email_confirmed: contact.is_confirmed,
            email_came_back: contact.has_come_back,
            language: contact.locale.map(Locale::code),
            reminders: contact.wants_reminders,
        }
    }
}

/// How a patient wants to be reached.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// Null for messages to the phone. A new address gets a link, and is not used before it was opened.
    #[schema(max_length = 254, example = "maya@example.org")]
    email: Option<String>,
    /// `en`, `id` or `de`; null: that of the last sign-in.
    #[schema(example = "id")]
    language: Option<String>,
    #[schema(example = true)]
    reminders: bool,
}

fn own(caller: &Caller) -> Result<i64, AppError> {
    caller.patient_id().ok_or(AppError::Forbidden)
}

/// Returns how the patient who asks is reached.
#[utoipa::path(
    get, path = "/v1/me/contact", tag = PATIENTS, security(("token" = ["read"])),
    responses((status = 200, description = "How they are reached", body = Done<ContactData>)),
)]
pub async fn my_contact(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let contact = notification::contact(&state.database, own(&caller)?).await?;
    Ok(found(texts, ContactData::from(contact)))
}

/// Changes how the patient who asks is reached. It can be repeated.
#[utoipa::path(
    put, path = "/v1/me/contact", tag = PATIENTS, request_body = NewContact, security(("token" = ["sign-in"])),
    extensions(("x-no-key" = json!(true))),
    responses(
        (status = 200, description = "How they are reached now", body = Done<ContactData>),
        (status = 422, description = "`VALIDATION_FAILED`: also for an address where the clinic sends no e-mails"),
    ),
)]
pub async fn change_my_contact(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewContact>,
) -> Answer {
    let patient_id = own(&caller)?;
    caller.must_be_confirmed()?;
    let locale = match request.language.as_deref() {
        None | Some("") => None,
        Some(code) => Some(Locale::parse(code).ok_or_else(|| Fault::malformed("language"))?),
    };
    let email = request.email.unwrap_or_default();
    if !email.is_empty() && !state.outbox.can_ask() {
        return Err(AppError::invalid(Field::Email, FieldProblem::Unknown).into());
    }
    let command = SaveContact {
        patient_id,
        email,
        locale,
        wants_reminders: request.reminders,
        asked_in: texts.locale(),
    };
    let saved = notification::save_contact(&state.database, command, state.now()).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "contact-saved",
        ContactData::from(saved),
    ))
}
