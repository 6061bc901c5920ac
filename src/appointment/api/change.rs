//! The calls that give an appointment another status or another time.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    data::{ChangedAppointment, with_names},
    named, status,
};
use crate::{
    appointment::forms::MAX_REASON,
    booking::api::alternatives::not_moved,
    server::{
        AppState,
        api::{
            Answer, AppointmentInPath, Authenticated, Body, Done, Fault, IfMatch, RequestTexts, SentKey,
            TimeInput, done,
        },
        openapi::APPOINTMENTS,
    },
};
use engine::{
    account::typed,
    appointment,
    booking::{Reschedule, reschedule},
    error::{AppError, Field},
    time::GivenTime,
};

/// A new status of an appointment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStatus {
    /// `confirmed`, `rejected`, `in_progress`, `completed`, `cancelled` or `no_show`.
    #[schema(example = "confirmed")]
    status: String,
    /// The version that the caller has read; the present one if it is missing.
    #[schema(example = 3)]
    version: Option<i32>,
    #[schema(max_length = 500, example = "A cough")]
    reason: Option<String>,
}

/// Confirms, rejects, starts, completes, cancels or misses an appointment.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/status", tag = APPOINTMENTS, request_body = NewStatus, security(("token" = ["book"])),
    params(IfMatch, ("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "Changed", body = Done<ChangedAppointment>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it before, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: not possible from its status, which is in `details`; `VALIDATION_FAILED`"),
    ),
)]
pub async fn change_status(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    seen: IfMatch,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewStatus>,
) -> Answer {
    let key = sent.of(&caller, "change-status", &(named(&which), &request))?;
    let command = appointment::ChangeStatus {
        caller,
        which,
        to: status(&request.status)?,
        version: seen.or(request.version)?,
        reason: typed(Field::Reason, &request.reason.unwrap_or_default(), MAX_REASON)?,
        key,
    };
    let changed = appointment::change_status(&state.database, command, state.now()).await?;
    let data = with_names(&state, &changed).await;
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}

/// A new time of an appointment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTime {
    scheduled_at: TimeInput,
    /// The version that the caller has read; the present one if it is missing.
    #[schema(example = 3)]
    version: Option<i32>,
    /// Whether the patient may have more of the service in that week than its limit allows. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    exceed_limit: Option<bool>,
}

/// Moves an appointment to another time.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/reschedule", tag = APPOINTMENTS, request_body = NewTime,
    security(("token" = ["book"])),
    params(IfMatch, ("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "Moved", body = Done<ChangedAppointment>),
        (status = 409, description = "`BOOKING_FAILED`: the time is not free, and the appointment was not moved; `details.alternatives`. `STALE_VERSION`, `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: the appointment can no longer be moved; `VALIDATION_FAILED`"),
    ),
)]
pub async fn move_to(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    seen: IfMatch,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewTime>,
) -> Answer {
    let key = sent.of(&caller, "reschedule", &(named(&which), &request))?;
    let exceed_limit = request.exceed_limit == Some(true);
    if exceed_limit && !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let said = request.scheduled_at.read("scheduled_at")?;
    let starts_at = match said {
        GivenTime::At(at) => at,
        GivenTime::Local(_) => {
            // The clinic of an appointment does not change.
            let seen = appointment::look_up(&state.database, caller.clone(), which.clone()).await?;
            said.in_zone(&seen.zone)
                .ok_or_else(|| Fault::malformed("scheduled_at"))?
        }
    };
    let command = Reschedule {
        caller: caller.clone(),
        which: which.clone(),
        version: seen.or(request.version)?,
        starts_at,
        visitor: None,
        rules: state.config.rules.booking.with_limit_exceeded(exceed_limit),
        key,
    };
    match reschedule(&state.database, command, state.now()).await {
        Ok(moved) => {
            let data = with_names(&state, &moved).await;
            Ok(done(StatusCode::OK, texts, "api-moved", data))
        }
        Err(error @ AppError::BookingFailed { .. }) => {
            let seen = appointment::look_up(&state.database, caller.clone(), which).await?;
            Err(not_moved(error, &caller, seen.id))
        }
        Err(error) => Err(error.into()),
    }
}
