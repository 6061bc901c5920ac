//! When clinics are closed: for admins, each of their clinics.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BAD_DATES, Date, HoursOfDay, dates, read::OffData};
use crate::{
    appointment::api::ChangedAppointment,
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, Fault, Id, Nothing, RequestTexts, SentKey, done, found},
        openapi::SCHEDULES,
    },
};
use engine::{
    error::AppError,
    schedule::{self, AsDecided, Close},
};

/// Lists the closures that have not ended.
///
/// For admins; those of named clinics get the closures of these and of all clinics.
#[utoipa::path(
    get, path = "/v1/closures", tag = SCHEDULES, security(("token" = ["read"])),
    responses((status = 200, description = "Closures, by their first day", body = Done<Vec<OffData>>)),
)]
pub async fn closures(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let (closures, _) = schedule::closures(&state.database, &caller, state.now()).await?;
    let closures: Vec<OffData> = closures.into_iter().map(OffData::from).collect();
    Ok(found(texts, closures))
}

/// A closure of one clinic, or of all.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"first_day": "2026-12-25", "yearly": true, "note": "Christmas"}))]
pub struct NewClosure {
    /// The clinic; all clinics if it is missing.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    first_day: Date,
    /// The last date; the first date if it is missing.
    last_day: Option<Date>,
    /// The hours of each date; the whole date if they are missing.
    hours: Option<HoursOfDay>,
    /// Whether it repeats on the same days of every later year.
    #[serde(default)]
    yearly: bool,
    #[serde(default)]
    #[schema(max_length = 500, example = "After meals")]
    note: String,
    /// A dry run: nothing is changed, and the answer has whom it would hit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    preview: bool,
    /// The `decided_on` of a dry run: it is done only if it still hits exactly those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "5f1c0b8f9f2a4f7e8d3c2b1a09876543")]
    decided_on: Option<String>,
}

/// The effect of a closure.
#[derive(Serialize, ToSchema)]
pub struct ClosureData {
    #[schema(example = 1)]
    id: i64,
    /// The appointments that stay booked although they are outside the new hours.
    no_longer_held: Vec<ChangedAppointment>,
    /// The list of whom to call; missing where nobody is hit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    call_list: Option<i64>,
}

/// Whom a closure would hit.
#[derive(Serialize, ToSchema)]
pub struct ClosurePreview {
    /// The appointments that would stay booked although they are outside the new hours.
    no_longer_held: Vec<ChangedAppointment>,
    /// Stands for these appointments. Sent along, nobody else is hit.
    #[schema(example = "5f1c0b8f9f2a4f7e8d3c2b1a09876543")]
    decided_on: String,
}

/// Closes one clinic, or all clinics.
///
/// For admins of all clinics, and for those of the one that is closed. Appointments that are booked stay booked.
#[utoipa::path(
    post, path = "/v1/closures", tag = SCHEDULES, request_body = NewClosure, security(("token" = ["plan"])),
    responses(
        (status = 201, description = "Closed; the answer has the `id` of the closure", body = Done<ClosureData>),
        (status = 200, description = "Whom the closure would hit", body = Done<ClosurePreview>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the last day is before the first, or it is yearly and lasts a year"),
        (status = 409, description = "`AFFECTED_CHANGED`: it would hit others than those in `decided_on`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn add_closure(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewClosure>,
) -> Answer {
    let command = Close {
        key: sent.of(&caller, "close", &request)?,
        caller,
        clinic_id: request.clinic_id,
        dates: dates(
            (request.first_day, request.last_day),
            request.hours,
            request.yearly,
            request.note,
        ),
    };
    let fault = |error| Fault::from(error).worded(AppError::InvalidDateRange, BAD_DATES);
    if request.preview {
        let question = schedule::ask_to_close(&state.database, command, state.now())
            .await
            .map_err(fault)?;
        let data = ClosurePreview {
            no_longer_held: question
                .affected
                .iter()
                .map(|one| ChangedAppointment::of(&one.item, state.now()))
                .collect(),
            decided_on: question.decided_on,
        };
        return Ok(done(StatusCode::OK, texts, "api-plan-preview", data));
    }
    let decided = AsDecided::of(request.decided_on.as_deref().unwrap_or_default());
    let closed = schedule::close_as_decided(&state.database, command, decided, state.now())
        .await
        .map_err(fault)?;
    let data = ClosureData {
        id: closed.id,
        no_longer_held: closed
            .no_longer_held
            .iter()
            .map(|summary| ChangedAppointment::new(summary, None))
            .collect(),
        call_list: closed.call_list,
    };
    Ok(done(StatusCode::CREATED, texts, "api-plan-added", data))
}

/// Removes a closure.
///
/// For admins of all clinics, and for those of the clinic that is closed.
#[utoipa::path(
    delete, path = "/v1/closures/{id}", tag = SCHEDULES, security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a closure")),
    responses((status = 200, description = "Open again", body = Done<Nothing>)),
)]
pub async fn remove_closure(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    schedule::reopen(&state.database, caller, id, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-plan-removed", Nothing))
}
