//! The call for the history of an appointment.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, AppointmentInPath, Authenticated, Done, RequestTexts, found},
    openapi::APPOINTMENTS,
};
use engine::appointment::{self, Status};

/// A change of an appointment.
#[derive(Serialize, ToSchema)]
pub struct AppointmentChange {
    /// The version after the change.
    #[schema(example = 3)]
    version: i32,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    changed_at: Timestamp,
    /// Null for the first change.
    #[schema(value_type = Option<String>, example = "pending")]
    from: Option<Status>,
    /// The same as before if the appointment was moved.
    #[schema(value_type = String, example = "confirmed")]
    to: Status,
    #[schema(value_type = Option<String>, format = DateTime)]
    from_starts_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    to_starts_at: Timestamp,
    /// The role: `visitor`, `patient`, `doctor`, `admin` or `system`.
    #[schema(example = "doctor")]
    changed_by_role: &'static str,
    /// The name of the person who made the change, if there is one.
    changed_by: Option<String>,
    /// Whether an admin acted in place of the doctor.
    for_doctor: bool,
    #[schema(example = "A cough")]
    reason: String,
    /// Of a change that is about the arrival alone: whether it was said that the patient is here, or taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrived: Option<bool>,
    /// What staff noted for themselves, such as why the doctor was overbooked. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Whether staff let the patient have more of the service than its limits allow. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    over_limit: Option<bool>,
    /// Whether it was asked for on the phone, of a phone agent.
    by_phone: bool,
}

/// Lists all changes of an appointment, from its first hold or booking.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/history", tag = APPOINTMENTS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The changes, oldest first", body = Done<Vec<AppointmentChange>>)),
)]
pub async fn appointment_history(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let role = caller.role();
    let history = appointment::history(&state.database, caller, which).await?;
    let changes: Vec<AppointmentChange> = history
        .changes
        .into_iter()
        .map(|change| AppointmentChange {
            version: change.version,
            changed_at: change.changed_at,
            from: change.from,
            to: change.to,
            from_starts_at: change.from_starts_at,
            to_starts_at: change.to_starts_at,
            changed_by_role: change.actor.as_str(),
            changed_by: change.actor_name,
            for_doctor: change.for_doctor,
            note: change
                .note
                .and_then(|note| note.for_staff(role).map(ToOwned::to_owned)),
            reason: change.reason,
            arrived: change.arrived,
            over_limit: role.is_staff().then_some(change.over_limit),
            by_phone: change.by_phone,
        })
        .collect();
    Ok(found(texts, changes))
}
