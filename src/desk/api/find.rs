//! The call that finds anybody.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PatientData;
use crate::{
    appointment::api::AppointmentData,
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, RequestTexts, found, words},
        openapi::PATIENTS,
    },
};
use engine::{
    desk::find::{Asked, find_anybody},
    error::AppError,
};

/// What is looked for.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"q": "Wijaya Hendra"}))]
pub struct Wanted {
    /// A name in any order of its words, a phone number in any writing, or a reference or half of it; or a part of one of them.
    #[schema(max_length = 200)]
    q: String,
}

/// Whom and what was found.
#[derive(Serialize, ToSchema)]
pub struct AnybodyData {
    /// Patients, the newest first; at most eight.
    patients: Vec<PatientData>,
    /// Whether there are more patients.
    has_more: bool,
    /// Appointments with this reference, the latest first; at most eight.
    appointments: Vec<AppointmentData>,
}

/// Finds patients and appointments by name, phone number or reference.
///
/// For staff, among those whom they have to do with: see `GET patients` and `GET appointments`. It changes nothing, and it is
/// recorded who was in a list.
#[utoipa::path(
    post, path = "/v1/find", tag = PATIENTS, request_body = Wanted, security(("token" = ["read"])),
    extensions(("x-no-key" = json!(true))),
    responses((status = 200, description = "Whom and what was found", body = Done<AnybodyData>)),
)]
pub async fn find(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Wanted>,
) -> Answer {
    if !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let q = words("q", Some(&request.q))?;
    let asked = Asked::new(&q, state.config.rules.country);
    let now = state.now();
    let anybody = find_anybody(&state.database, &caller, asked, now).await?;
    let data = AnybodyData {
        patients: anybody.people.into_iter().map(PatientData::from).collect(),
        has_more: anybody.has_more,
        appointments: anybody
            .appointments
            .into_iter()
            .map(|item| AppointmentData::new(item, caller.role(), now, texts.locale()))
            .collect(),
    };
    Ok(found(texts, data))
}
