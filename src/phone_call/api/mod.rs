//! Calls that a phone agent has answered, for programs of the desk.

pub mod lines;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Body, Done, Id, Listed, Nothing, Query, RequestTexts, done, found, listed,
        number, page_of, paged, yes_or_no,
    },
    openapi::PATIENTS,
};
use engine::phone_call::{self, Filter, View};

/// Something that the phone agent asked for.
#[derive(Serialize, ToSchema)]
pub struct PhoneCallStep {
    /// `find_times`, `hold_time`, `book`, `my_appointments`, `cancel_appointment`, `move_appointment` or `request_callback`.
    #[schema(example = "book")]
    tool: String,
    /// The kind of the answer, such as `booked`, `taken` or `trouble`.
    #[schema(example = "booked")]
    answer: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    asked_at: Timestamp,
}

/// Somebody who is to be called back.
#[derive(Serialize, ToSchema)]
pub struct PhoneCallback {
    /// `callback` where it was asked for, or `failed`.
    #[schema(example = "callback")]
    because: String,
    #[schema(example = "+6281234567890")]
    phone: Option<String>,
    #[schema(example = "About the letter of the insurance")]
    note: String,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T09:00:00Z")]
    done_at: Option<Timestamp>,
    /// Who has called.
    #[schema(example = "Rina")]
    done_by: Option<String>,
}

/// A call that the phone agent answered.
#[derive(Serialize, ToSchema)]
pub struct PhoneCall {
    #[schema(example = 1)]
    id: i64,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    began_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:03:00Z")]
    ended_at: Option<Timestamp>,
    /// The provider's word for how it ended.
    #[schema(example = "user_hangup")]
    ended_because: Option<String>,
    /// The number of the caller, which proves nothing; missing where it is hidden, or was forgotten after three months.
    #[schema(example = "+6281234567890")]
    phone: Option<String>,
    /// Missing where nobody knows which clinic was called.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    /// `booked`, `moved`, `cancelled`, `callback`, `failed`, `refused` or `nothing`.
    #[schema(example = "booked")]
    outcome: String,
    /// The references of appointments that were booked, moved or cancelled.
    #[schema(example = json!(["K7QM-4D2P"]))]
    appointments: Vec<String>,
    /// Missing where nobody has to call back, or had to.
    callback: Option<PhoneCallback>,
    /// In their order.
    steps: Vec<PhoneCallStep>,
    /// What was said, where the clinic keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<String>,
}

impl From<View> for PhoneCall {
    fn from(view: View) -> Self {
        let outcome = view.outcome().to_owned();
        let callback = view.needs.map(|because| PhoneCallback {
            because,
            phone: view.needs_number,
            note: view.needs_note,
            done_at: view.done_at,
            done_by: view.done_by,
        });
        Self {
            id: view.id,
            began_at: view.began_at,
            ended_at: view.ended_at,
            ended_because: view.ended_because,
            phone: view.number,
            clinic_id: view.clinic_id,
            outcome,
            appointments: view.booked.into_iter().map(|one| one.reference).collect(),
            callback,
            steps: view
                .steps
                .into_iter()
                .map(|step| PhoneCallStep {
                    tool: step.tool,
                    answer: step.outcome,
                    asked_at: step.asked_at,
                })
                .collect(),
            transcript: view.transcript,
        }
    }
}

/// A part of the calls.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PhoneCallFilter {
    /// Only those after which somebody has to call back.
    #[param(value_type = Option<bool>)]
    open: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>)]
    clinic: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// Lists the calls that the phone agent has answered, newest first. For the desk, those of its clinics.
#[utoipa::path(
    get, path = "/v1/phone-calls", tag = PATIENTS, params(PhoneCallFilter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of calls", body = Listed<PhoneCall>)),
)]
pub async fn phone_calls(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<PhoneCallFilter>,
) -> Answer {
    let limit = page_of(filter.limit.as_deref())?;
    let wanted = Filter {
        is_open: yes_or_no("open", filter.open.as_deref())?.unwrap_or_default(),
        clinic_id: number("clinic", filter.clinic.as_deref())?,
        after: number("cursor", filter.cursor.as_deref())?,
        // One more shows whether there is another page.
        limit: Some(limit + 1),
    };
    let views = phone_call::calls(&state.database, &caller, wanted, state.now()).await?;
    let (views, next) = paged(views, limit, |last| last.id.to_string());
    let calls: Vec<PhoneCall> = views.into_iter().map(PhoneCall::from).collect();
    Ok(listed(texts, calls, next))
}

/// Returns a call that the phone agent has answered.
#[utoipa::path(
    get, path = "/v1/phone-calls/{id}", tag = PATIENTS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a call")),
    responses((status = 200, description = "The call", body = Done<PhoneCall>)),
)]
pub async fn phone_call(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let view = phone_call::call(&state.database, &caller, id, state.now()).await?;
    Ok(found(texts, PhoneCall::from(view)))
}

/// A call back that was made, or was not made after all.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalledBack {
    /// Whether somebody has called back.
    #[schema(example = true)]
    done: bool,
}

/// Notes that somebody has called back, or takes it back. It can be repeated: the first one who called is kept.
#[utoipa::path(
    put, path = "/v1/phone-calls/{id}/callback", tag = PATIENTS, request_body = CalledBack,
    security(("token" = ["book"])), extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a call")),
    responses((status = 200, description = "Noted", body = Done<PhoneCall>)),
)]
pub async fn call_back(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<CalledBack>,
) -> Answer {
    let now = state.now();
    phone_call::set_done(&state.database, &caller, id, request.done, now).await?;
    let view = phone_call::call(&state.database, &caller, id, now).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", PhoneCall::from(view)))
}

/// A patient whose name was only heard on the phone.
#[derive(Serialize, ToSchema)]
pub struct NameHeard {
    #[schema(example = 1)]
    patient_id: i64,
    #[schema(example = "Maya Putri")]
    name: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    heard_at: Timestamp,
    /// The id of the call in which it was heard.
    #[schema(example = 1)]
    phone_call_id: i64,
}

/// Lists the patients whose names were only heard on the phone, and that nobody has looked at yet.
#[utoipa::path(
    get, path = "/v1/phone-calls/names", tag = PATIENTS, security(("token" = ["read"])),
    responses((status = 200, description = "The names, oldest first", body = Done<Vec<NameHeard>>)),
)]
pub async fn heard_names(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let heard = phone_call::names_to_check(&state.database, &caller, state.now()).await?;
    let names: Vec<NameHeard> = heard
        .into_iter()
        .map(|one| NameHeard {
            patient_id: one.patient_id,
            name: one.name,
            heard_at: one.heard_at,
            phone_call_id: one.call_id,
        })
        .collect();
    Ok(found(texts, names))
}

/// Notes that a name that was heard on the phone is written as it should be. It can be repeated.
#[utoipa::path(
    put, path = "/v1/patients/{id}/name-checked", tag = PATIENTS, security(("token" = ["book"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses((status = 200, description = "Noted", body = Done<Nothing>)),
)]
pub async fn name_checked(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    phone_call::check_name(&state.database, &caller, id, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}
