//! The search for appointments by person, with nothing in the URL.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    AppointmentData,
    listing::{Filter, found_appointments},
};
use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Listed, RequestTexts},
    openapi::APPOINTMENTS,
};

/// A search for appointments; a field that is left out limits nothing.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"q": "Dewi", "status": "confirmed"}))]
pub struct AppointmentSearch {
    /// A part of a patient's name or phone number, or the beginning of a reference or of its second half.
    #[schema(max_length = 200)]
    q: Option<String>,
    #[schema(example = "confirmed")]
    status: Option<String>,
    /// The id of a doctor.
    doctor: Option<i64>,
    /// The id of a patient.
    patient: Option<i64>,
    /// The id of a clinic.
    clinic: Option<i64>,
    /// The key of a service.
    #[serde(rename = "type")]
    service: Option<String>,
    /// `starts_at`, `-starts_at` (latest first), `id` (oldest booking first) or `-id`; `starts_at` by default.
    sort: Option<String>,
    /// A date, or a time: RFC 3339, or `2026-11-24 10:00:00` on the wall clock of each clinic.
    from: Option<String>,
    /// A date, which is included as a whole, or a time.
    to: Option<String>,
    /// The size of a page; 50 by default.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl From<AppointmentSearch> for Filter {
    fn from(search: AppointmentSearch) -> Self {
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        Self {
            status: search.status,
            doctor: number(search.doctor),
            patient: number(search.patient),
            clinic: number(search.clinic),
            service: search.service,
            q: search.q,
            sort: search.sort,
            from: search.from,
            to: search.to,
            limit: number(search.limit),
            cursor: search.cursor,
        }
    }
}

/// Searches the caller's appointments by the patient's name or phone number, or otherwise.
///
/// The same as `GET appointments`, without a name or a number in the URL. It changes nothing.
#[utoipa::path(
    post, path = "/v1/appointments/search", tag = APPOINTMENTS, request_body = AppointmentSearch,
    security(("token" = ["read"])),
    extensions(("x-no-key" = json!(true))),
    responses(
        (status = 200, description = "A page of appointments", body = Listed<AppointmentData>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the range ends before it begins"),
    ),
)]
pub async fn search_appointments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<AppointmentSearch>,
) -> Answer {
    found_appointments(&state, caller, texts, request.into()).await
}
