//! A day that does not go as planned.

use std::collections::HashSet;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Date,
    change::{ScheduleChange, Wish, make},
};
use crate::organisation::api::stale::not_changed;
use crate::{
    appointment::api::ChangedAppointment,
    server::{
        AppState,
        api::{Answer, Authenticated, Done, Edit, IfMatch, InPath, RequestTexts, done, found, versioned},
        openapi::SCHEDULES,
    },
};
use engine::{
    organisation::Subject,
    schedule::{self, Act, AsDecided, CancelDay, Stopped, must_have_the_day},
};

/// The day on which bookings stop.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StoppedDay {
    #[schema(example = 1)]
    clinic_id: i64,
    day: Date,
    #[serde(default)]
    #[schema(max_length = 500, example = "After meals")]
    note: String,
    /// The version of the doctor that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
    /// A dry run: nothing is changed, and the answer has the effect.
    #[serde(default)]
    preview: bool,
}

/// The day on which bookings are taken again.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenedDay {
    #[schema(example = 1)]
    clinic_id: i64,
    day: Date,
    /// The version of the doctor that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
    /// A dry run: nothing is changed, and the answer has the effect.
    #[serde(default)]
    preview: bool,
}

versioned!(StoppedDay, CancelledDay, OpenedDay);

/// The version of a doctor, and the days on which bookings are stopped.
#[derive(Serialize, ToSchema)]
pub struct SeenVersion {
    #[schema(example = 3)]
    version: i32,
    stopped_days: Vec<StoppedDayData>,
}

/// A day from today on for which bookings are stopped at the clinic.
#[derive(Serialize, ToSchema)]
pub struct StoppedDayData {
    day: Date,
    /// The note, or the reason for which the day was cancelled.
    #[schema(example = "Dr Sari is ill")]
    note: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    stopped_at: Timestamp,
    /// The number of appointments that were cancelled since. They stay cancelled when the day opens again.
    #[schema(example = 2)]
    cancelled: i64,
}

impl From<Stopped> for StoppedDayData {
    fn from(stopped: Stopped) -> Self {
        Self {
            day: Date(stopped.day),
            note: stopped.note,
            stopped_at: stopped.stopped_at,
            cancelled: stopped.cancelled,
        }
    }
}

/// Returns the version of a doctor, for who stops, cancels or opens a day at this clinic, and the days that are stopped.
///
/// For the desk of the clinic, which reads nothing else of the schedule, and for the doctor.
#[utoipa::path(
    get, path = "/v1/doctors/{id}/schedule/version/{clinic_id}", tag = SCHEDULES, security(("token" = ["read"])),
    params(
        ("id" = i64, Path, description = "The id of a doctor"),
        ("clinic_id" = i64, Path, description = "The id of a clinic"),
    ),
    responses((status = 200, description = "The version", body = Done<SeenVersion>)),
)]
pub async fn version(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    InPath((doctor_id, clinic_id)): InPath<(i64, i64)>,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let version = schedule::version_for_the_day(&state.database, &caller, doctor_id, clinic_id).await?;
    let whose = (doctor_id, clinic_id);
    let stopped = schedule::stopped(&state.database, &caller, whose, state.now()).await?;
    let data = SeenVersion {
        version,
        stopped_days: stopped.into_iter().map(StoppedDayData::from).collect(),
    };
    Ok(found(texts, data))
}

/// Stops bookings on a day at a clinic.
///
/// For the desk of the clinic, and for the doctor. Appointments that are booked stay booked.
#[utoipa::path(
    post, path = "/v1/doctors/{id}/schedule/stop-day", tag = SCHEDULES, request_body = StoppedDay,
    security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 200, description = "Stopped", body = Done<ScheduleChange>),
        (status = 409, description = "`STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn stop_day(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<StoppedDay>,
) -> Answer {
    let wish = Wish {
        key: edit.key("stop-day")?,
        version: edit.version()?,
        caller: edit.caller,
        doctor_id: edit.id,
        preview: edit.body.preview,
        decided: AsDecided::unasked(),
    };
    let request = edit.body;
    let act = Act::StopDay {
        clinic_id: request.clinic_id,
        day: request.day.0,
        note: request.note,
    };
    make(&state, texts, wish, act, &[]).await
}

/// Takes bookings again on a day on which they were stopped.
///
/// For the desk of the clinic, and for the doctor. The day has the hours that it had before. Appointments that were cancelled stay
/// cancelled.
#[utoipa::path(
    post, path = "/v1/doctors/{id}/schedule/open-day", tag = SCHEDULES, request_body = OpenedDay,
    security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 200, description = "Open again", body = Done<ScheduleChange>),
        (status = 404, description = "`NOT_FOUND`: also where bookings are not stopped on that day"),
        (status = 409, description = "`STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn open_day(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<OpenedDay>,
) -> Answer {
    let wish = Wish {
        key: edit.key("open-day")?,
        version: edit.version()?,
        caller: edit.caller,
        doctor_id: edit.id,
        preview: edit.body.preview,
        decided: AsDecided::unasked(),
    };
    let act = Act::OpenDay {
        clinic_id: edit.body.clinic_id,
        day: edit.body.day.0,
    };
    make(&state, texts, wish, act, &[]).await
}

/// The day to cancel.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelledDay {
    #[schema(example = 1)]
    clinic_id: i64,
    day: Date,
    /// The reason, which the patients are told.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "Dr Sari is ill"
    )]
    reason: String,
    /// The version of the doctor that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
    /// A dry run: nothing is changed, and the answer has whom it would hit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    preview: bool,
    /// The `decided_on` of a dry run: it is done only if it still hits exactly those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "5f1c0b8f9f2a4f7e8d3c2b1a09876543")]
    decided_on: Option<String>,
}

/// The effect of cancelling a day.
#[derive(Serialize, ToSchema)]
pub struct DayCancelled {
    /// The version of the doctor after the change.
    #[schema(example = 3)]
    version: i32,
    /// The appointments that were cancelled, or rejected if they were not confirmed yet.
    appointments: Vec<ChangedAppointment>,
    /// The number of patients who are told.
    told: usize,
    /// The list of whom to call; missing where nobody had booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    call_list: Option<i64>,
    /// Of a dry run: stands for these appointments. Sent along, nobody else is hit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "5f1c0b8f9f2a4f7e8d3c2b1a09876543")]
    decided_on: Option<String>,
}

/// Stops bookings on a day at a clinic, and cancels the appointments that are still ahead.
///
/// For the desk of the clinic, and for the doctor. Patients are told the reason. To see which appointments these are, send `preview`.
#[utoipa::path(
    post, path = "/v1/doctors/{id}/schedule/cancel-day", tag = SCHEDULES, request_body = CancelledDay,
    security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 200, description = "Cancelled", body = Done<DayCancelled>),
        (status = 409, description = "`AFFECTED_CHANGED`: it would hit others than those in `decided_on`; `STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn cancel_day(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<CancelledDay>,
) -> Answer {
    must_have_the_day(&edit.caller, edit.id, edit.body.clinic_id)?;
    let (key, version) = (edit.key("cancel-day")?, edit.version()?);
    let (doctor_id, request) = (edit.id, edit.body);
    let decided = AsDecided::of(request.decided_on.as_deref().unwrap_or_default());
    let preview = request.preview;
    let command = CancelDay {
        key,
        caller: edit.caller,
        doctor_id,
        version,
        clinic_id: request.clinic_id,
        day: request.day.0,
        reason: request.reason,
        texts,
    };
    if preview {
        let question = schedule::ask_to_cancel_day(&state.database, command, state.now()).await?;
        let patients: HashSet<i64> = question
            .affected
            .iter()
            .filter_map(|one| one.item.patient_id)
            .collect();
        let data = DayCancelled {
            version,
            appointments: question
                .affected
                .iter()
                .map(|one| ChangedAppointment::of(&one.item, state.now()))
                .collect(),
            told: patients.len(),
            call_list: None,
            decided_on: Some(question.decided_on),
        };
        return Ok(done(StatusCode::OK, texts, "api-plan-preview", data));
    }
    let cancelled = schedule::cancel_day_as_decided(&state.database, command, decided, state.now())
        .await
        .map_err(|error| not_changed(error, Subject::Doctor(doctor_id)))?;
    let data = DayCancelled {
        version: cancelled.version,
        appointments: cancelled
            .appointments
            .iter()
            .map(|summary| ChangedAppointment::new(summary, None))
            .collect(),
        told: cancelled.told,
        call_list: cancelled.call_list,
        decided_on: None,
    };
    Ok(done(StatusCode::OK, texts, "api-day-cancelled", data))
}
