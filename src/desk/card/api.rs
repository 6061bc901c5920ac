//! The calls for the card of a patient, for staff.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::forms::birthday;
use crate::server::{
    AppState,
    api::{Answer, Authenticated, Done, Edit, Fault, Id, IfMatch, RequestTexts, done, found, versioned},
    openapi::PATIENTS,
};
use engine::{
    desk::{self, SaveCard},
    error::Field,
};

/// What staff know of a patient.
#[derive(Serialize, ToSchema)]
pub struct CardData {
    #[schema(example = 1)]
    patient_id: i64,
    #[schema(example = "Maya Putri")]
    name: Option<String>,
    #[schema(example = "+6281234567890")]
    phone: String,
    #[schema(example = "maya@example.org")]
    email: Option<String>,
    /// `en`, `id` or `de`; missing where the patient chose none.
    #[schema(example = "id")]
    language: Option<&'static str>,
    #[schema(value_type = Option<String>, format = Date, example = "1984-05-17")]
    birthday: Option<String>,
    /// For staff alone.
    #[schema(example = "Hears badly on the left")]
    note: String,
    /// Counts changes by staff; 0 before the first.
    #[schema(example = 1)]
    version: i32,
    /// The number of appointments that the patient did not come to, of those that the caller sees.
    #[schema(example = 0)]
    no_shows: usize,
}

/// Returns the card of a patient.
///
/// For the desk, and for doctors, who have to do with the patient. The patient does not see the note.
#[utoipa::path(
    get, path = "/v1/patients/{id}/card", tag = PATIENTS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses((status = 200, description = "The card", body = Done<CardData>)),
)]
pub async fn card(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let card = desk::card(&state.database, &caller, id, state.now()).await?;
    let items = desk::appointments_of(&state.database, &caller, id).await?;
    let missed = engine::appointment::Status::NoShow;
    Ok(found(
        texts,
        CardData {
            patient_id: id,
            name: card.person.name,
            phone: card.person.phone,
            email: card.email,
            language: card.locale.map(engine::i18n::Locale::code),
            birthday: card.birthday.map(|day| day.to_string()),
            note: card.note,
            version: card.version,
            no_shows: items.iter().filter(|item| item.status == missed).count(),
        },
    ))
}

/// The card of a patient as it should be.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCard {
    #[schema(min_length = 1, max_length = 120, example = "Maya Putri")]
    name: String,
    /// Missing or null is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date, example = "1984-05-17")]
    birthday: Option<String>,
    #[serde(default)]
    #[schema(max_length = 2000, example = "Hears badly on the left")]
    note: String,
    /// The version that was read, if it is not in `If-Match`; 0 before the first change.
    #[schema(example = 1)]
    version: Option<i32>,
}

versioned!(NewCard);

/// The effect of a change of a card.
#[derive(Serialize, ToSchema)]
pub struct CardChanged {
    /// The version after the change.
    #[schema(example = 2)]
    version: i32,
}

/// Changes the name, the birthday and the note of a patient.
///
/// For the desk, and for doctors, who have to do with the patient. Each change is recorded.
#[utoipa::path(
    put, path = "/v1/patients/{id}/card", tag = PATIENTS, request_body = NewCard, security(("token" = ["book"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a patient"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<CardChanged>),
        (status = 409, description = "`STALE_VERSION`: somebody changed the card since; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_card(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<NewCard>,
) -> Answer {
    let version = edit.version()?;
    let request = edit.body;
    let command = SaveCard {
        caller: edit.caller,
        patient_id: edit.id,
        version,
        birthday: birthday(request.birthday.as_deref().unwrap_or_default())?,
        name: request.name,
        note: request.note,
        // Whoever sends it twice is told by the version.
        key: None,
    };
    let version = desk::save_card(&state.database, command, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&[(Field::DeskNote, "note")]))?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        CardChanged { version },
    ))
}
