//! Whom to call after a day was cancelled, an absence or a closure saved.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Date;
use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, Id, RequestTexts, done, found},
    openapi::SCHEDULES,
};
use engine::schedule::{self, Call, CallList, Called, Tick};

/// A list of whom to call.
#[derive(Serialize, ToSchema)]
pub struct CallListData {
    #[schema(example = 1)]
    id: i64,
    /// `day_cancelled`, `absence` or `closure`.
    #[schema(example = "absence")]
    why: &'static str,
    /// The doctor; missing where a clinic was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "dr. Sari Wijaya")]
    doctor_name: Option<String>,
    /// The clinic; missing where it is about all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Klinik Harapan")]
    clinic_name: Option<String>,
    first_day: Date,
    last_day: Date,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    made_at: Timestamp,
    #[schema(example = "Admin")]
    made_by: String,
    /// The number of calls, and of those that nobody has made yet.
    #[schema(example = 3)]
    calls: i64,
    #[schema(example = 2)]
    open: i64,
}

impl From<CallList> for CallListData {
    fn from(list: CallList) -> Self {
        Self {
            id: list.id,
            why: list.why.name(),
            doctor_name: list.doctor_name,
            clinic_name: list.clinic_name,
            first_day: Date(list.first_day),
            last_day: Date(list.last_day),
            made_at: list.made_at,
            made_by: list.made_by,
            calls: list.calls,
            open: list.open,
        }
    }
}

/// Lists the lists of whom to call, those with open calls first, and of either the newest first.
///
/// For admins of all clinics all of them, for reception and admins of named clinics those about these, for doctors their own.
#[utoipa::path(
    get, path = "/v1/call-lists", tag = SCHEDULES, security(("token" = ["read"])),
    responses((status = 200, description = "The latest lists", body = Done<Vec<CallListData>>)),
)]
pub async fn call_lists(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let lists = schedule::call_lists(&state.database, &caller).await?;
    let lists: Vec<CallListData> = lists.into_iter().map(CallListData::from).collect();
    Ok(found(texts, lists))
}

/// That somebody has called.
#[derive(Serialize, ToSchema)]
pub struct CalledData {
    #[schema(example = 1)]
    staff_id: i64,
    #[schema(example = "Admin")]
    by: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    at: Timestamp,
}

impl From<Called> for CalledData {
    fn from(called: Called) -> Self {
        Self {
            staff_id: called.staff_id,
            by: called.by,
            at: called.at,
        }
    }
}

/// An appointment that was hit, as it is now.
#[derive(Serialize, ToSchema)]
pub struct CallData {
    #[schema(example = 1)]
    appointment_id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(example = "confirmed")]
    status: &'static str,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T02:20:00Z")]
    starts_at: Timestamp,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    #[schema(example = "Maya Putri")]
    patient_name: Option<String>,
    #[schema(example = "+6281234567890")]
    phone: Option<String>,
    /// Whether a message reaches the patient by phone, and by e-mail.
    by_phone: bool,
    by_email: bool,
    /// Who has called; missing where nobody has yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<CalledData>,
}

/// A list with its calls.
#[derive(Serialize, ToSchema)]
pub struct CallsData {
    #[serde(flatten)]
    list: CallListData,
    /// By the times of the appointments.
    appointments: Vec<CallData>,
}

fn call_data(state: &AppState, call: Call) -> CallData {
    let (item, reach) = (call.affected.item, call.affected.reach);
    let reach = reach.with_senders(|channel| state.outbox.senders.of(channel).is_some());
    CallData {
        appointment_id: item.id,
        status: item.status_at(state.now()).as_str(),
        reference: item.reference,
        starts_at: item.starts_at,
        patient_id: item.patient_id,
        patient_name: item.patient_name,
        phone: item.patient_phone,
        by_phone: reach.phone,
        by_email: reach.email,
        called: call.called.map(CalledData::from),
    }
}

/// Returns a list of whom to call.
#[utoipa::path(
    get, path = "/v1/call-lists/{id}", tag = SCHEDULES, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a list")),
    responses((status = 200, description = "The list with its calls", body = Done<CallsData>)),
)]
pub async fn call_list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let (list, calls) = schedule::call_list(&state.database, &caller, id, state.now()).await?;
    let data = CallsData {
        list: list.into(),
        appointments: calls.into_iter().map(|call| call_data(&state, call)).collect(),
    };
    Ok(found(texts, data))
}

/// A call that was made, or was not made after all.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TickedCall {
    #[schema(example = 1)]
    appointment_id: i64,
    /// Whether the patient has been called.
    done: bool,
}

/// Who has called.
#[derive(Serialize, ToSchema)]
pub struct TickData {
    /// Missing where nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<CalledData>,
}

/// Ticks a call off, or takes that back.
///
/// Of several who tick it off at once, one has called, and the answer says who. Only who has called takes it back. It can be
/// repeated.
#[utoipa::path(
    post, path = "/v1/call-lists/{id}/tick", tag = SCHEDULES, request_body = TickedCall, security(("token" = ["book"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a list")),
    responses((status = 200, description = "Who has called", body = Done<TickData>)),
)]
pub async fn tick_call(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<TickedCall>,
) -> Answer {
    let command = Tick {
        caller,
        list_id: id,
        appointment_id: request.appointment_id,
        done: request.done,
    };
    let called = schedule::tick(&state.database, command, state.now()).await?;
    let data = TickData {
        called: called.map(CalledData::from),
    };
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}
