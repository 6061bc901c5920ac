//! The calls that say that a patient is here, and take it back (A6).

use axum::{extract::State, http::StatusCode};

use super::{ChangedAppointment, named, with_names};
use crate::server::{
    AppState,
    api::{Answer, AppointmentInPath, Authenticated, Done, RequestTexts, SentKey, done},
    openapi::APPOINTMENTS,
};
use engine::appointment::{self, Arrive};

/// Says that the patient of a confirmed appointment is here.
///
/// Patients may say so from two hours before the start to the end, staff from twelve hours before to twelve hours after it. To
/// say it again changes nothing. It is no status: the appointment stays confirmed, and has `arrived_at`.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/arrival", tag = APPOINTMENTS, security(("token" = ["book"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "The patient is here", body = Done<ChangedAppointment>),
        (status = 409, description = "`IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: the appointment is not confirmed, or it is too early or too late"),
    ),
)]
pub async fn arrive(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let key = sent.of(&caller, "arrive", &named(&which))?;
    let command = Arrive { caller, which, key };
    let changed = appointment::arrive(&state.database, command, state.now()).await?;
    let data = with_names(&state, &changed).await;
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}

/// Takes back within a minute that the patient is here.
///
/// Whoever said it may do so, as long as nothing else happened to the appointment.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/arrival/take-back", tag = APPOINTMENTS, security(("token" = ["book"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "Taken back", body = Done<ChangedAppointment>),
        (status = 409, description = "`IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: somebody else said it, it was longer ago, or something happened since"),
    ),
)]
pub async fn take_back_arrival(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let key = sent.of(&caller, "take-back-arrival", &named(&which))?;
    let command = Arrive { caller, which, key };
    let changed = appointment::take_back_arrival(&state.database, command, state.now()).await?;
    let data = with_names(&state, &changed).await;
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}
