//! Planning, changing, publishing and cancelling group sessions, for programs.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ChangedGroup;
use crate::{
    appointment::forms::MAX_REASON,
    booking::api::alternatives::not_booked,
    server::{
        AppState, Problem,
        api::{
            Adding, Answer, Authenticated, Body, Details, Done, Edit, Fault, IfMatch, RequestTexts, SentKey,
            TimeInput, amount::Amount, done, made, versioned,
        },
        openapi::GROUPS,
    },
};
use engine::{
    account::{Caller, required},
    error::{AppError, Field},
    group::{self, Cancel, MAX_TITLE, Plan, Publish, find},
    idempotency::{Key, KeyOwner},
    nobody::NOBODY,
    organisation, time,
};

/// A group session that is to be planned.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "doctor_id": 1, "clinic_id": 1, "type": "in_person", "title": "Birth class", "starts_at": "2026-11-24 17:00:00",
    "minutes": 90, "capacity": 12, "weeks": 6, "publish": true
}))]
pub struct NewGroup {
    /// The doctor. Doctors plan their own sessions. Where an admin names none, the session has no doctor.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    #[schema(example = 1)]
    clinic_id: i64,
    /// The key of a service.
    #[serde(rename = "type")]
    #[schema(example = "in_person")]
    service: String,
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "Birth class"
    )]
    title: String,
    starts_at: TimeInput,
    /// The length.
    #[schema(minimum = 1, maximum = 1440, example = 90)]
    minutes: i32,
    /// The number of seats.
    #[schema(minimum = 1, maximum = 500, example = 12)]
    capacity: i32,
    /// The price of a seat.
    price: Option<Amount>,
    /// The number of weeks: a series has a session in each at the same time of the clinic's clock. 1 if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 52, example = 6)]
    weeks: Option<i32>,
    /// Whether the sessions are published at once: all of them, or nothing is planned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    publish: bool,
}

/// Plans a group session, or a weekly series of them: as drafts, or published at once.
///
/// For doctors, in their own calendar, and for admins of all clinics. While a session is published, its doctor is occupied. A
/// session without a doctor, such as a class that a nurse holds, occupies nobody.
#[utoipa::path(
    post, path = "/v1/groups", tag = GROUPS, request_body = NewGroup, security(("token" = ["plan"])),
    responses(
        (status = 201, description = "Planned: the sessions, earliest first", body = Done<Vec<ChangedGroup>>,
         headers(("Location" = String, description = "The path of the first session"))),
        (status = 409, description = "`BOOKING_FAILED`: the doctor has something else then, or is away; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn plan_group(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewGroup>,
) -> Answer {
    let key = match sent.of(&caller, "plan-group", &request)? {
        Some(key) => key,
        None => Key::derived(KeyOwner::Caller(&caller), "plan-group", &request)?,
    };
    let doctor_id = match (request.doctor_id, &caller) {
        (Some(id), _) => id,
        (None, Caller::Doctor { doctor_id, .. }) => *doctor_id,
        (None, _) => NOBODY,
    };
    group::must_plan(&caller, doctor_id)?;
    let clinic_id = request.clinic_id;
    let command = Plan {
        doctor_id,
        clinic_id,
        service_id: service_of(&state, &request.service).await?,
        details: details(
            &state,
            clinic_id,
            &request.title,
            &request.starts_at,
            (request.minutes, request.capacity),
            request.price.as_ref(),
        )
        .await?,
        weeks: request.weeks.unwrap_or(1),
        publish: request.publish,
        key: Some(key),
        caller: caller.clone(),
    };
    let planned = group::plan(&state.database, command, state.now())
        .await
        .map_err(|error| not_planned(error, &caller))?;
    let planned: Vec<ChangedGroup> = planned.into_iter().map(ChangedGroup::from).collect();
    let first = planned.first().map(|group| group.id).unwrap_or_default();
    Ok(made(
        texts,
        "api-group-planned",
        &format!("/api/v1/groups/{first}"),
        planned,
    ))
}

/// The id of a service that is offered.
async fn service_of(state: &AppState, key: &str) -> Result<i64, Fault> {
    let services = organisation::services(&state.database).await?;
    let service = services
        .into_iter()
        .find(|service| service.what.key == key && service.what.active);
    Ok(service.ok_or(AppError::NotFound)?.id)
}

async fn details(
    state: &AppState,
    clinic_id: i64,
    title: &str,
    starts_at: &TimeInput,
    (minutes, capacity): (i32, i32),
    price: Option<&Amount>,
) -> Result<group::Details, Fault> {
    let clinic = organisation::clinic(&state.database, clinic_id).await?;
    let zone = time::zone(&clinic.what.time_zone).ok_or(AppError::Internal)?;
    let at = starts_at.read("starts_at")?.in_zone(&zone);
    Ok(group::Details {
        title: required(Field::Title, title, MAX_TITLE)?,
        starts_at: at.ok_or_else(|| Fault::malformed("starts_at"))?,
        minutes,
        capacity,
        price: price.map(|price| price.read("price")).transpose()?,
    })
}

/// The fault of a session that this caller could not plan, with the names that the calls have for its inputs.
fn not_planned(error: AppError, caller: &Caller) -> Fault {
    not_booked(error, caller).under(&[(Field::Length, "minutes")])
}

/// The new description of a group session.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Birth class", "starts_at": "2026-11-24 18:00:00", "minutes": 90, "capacity": 16, "version": 2
}))]
pub struct GroupChange {
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "Birth class"
    )]
    title: String,
    starts_at: TimeInput,
    /// The length.
    #[schema(minimum = 1, maximum = 1440, example = 90)]
    minutes: i32,
    /// The number of seats: no fewer than are taken.
    #[schema(minimum = 1, maximum = 500, example = 16)]
    capacity: i32,
    /// The price of a seat, for those who take one from now on.
    price: Option<Amount>,
    /// The version that was read, if it is not in `If-Match`.
    #[schema(example = 2)]
    version: Option<i32>,
}

/// Changes a group session: its title, its time, its price, and how many seats it has.
///
/// Where its time changes, its seats move with it, and each patient is told once.
#[utoipa::path(
    put, path = "/v1/groups/{id}", tag = GROUPS, request_body = GroupChange, security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a group session"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<ChangedGroup>),
        (status = 409, description = "`INSUFFICIENT_INVENTORY`: more seats are taken, `requested`, than there would be, `available`; `BOOKING_FAILED`: the doctor, or somebody with a seat, has something else then; `STALE_VERSION`: somebody changed or cancelled it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_group(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<GroupChange>,
) -> Answer {
    let (key, version) = (edit.key("change-group")?, edit.version()?);
    let (id, caller, request) = (edit.id, edit.caller, edit.body);
    let listed = find(&state.database, Some(caller.clone()), id).await?;
    group::must_plan(&caller, listed.group.doctor_id)?;
    let command = group::Change {
        group_id: id,
        version,
        details: details(
            &state,
            listed.group.clinic_id,
            &request.title,
            &request.starts_at,
            (request.minutes, request.capacity),
            request.price.as_ref(),
        )
        .await?,
        key,
        caller: caller.clone(),
    };
    let changed = group::change(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, &caller, id))?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        ChangedGroup::from(changed),
    ))
}

/// A draft that is to be published.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 1}))]
pub struct PublishedGroup {
    /// The version that was read, if it is not in `If-Match`.
    #[schema(example = 1)]
    version: Option<i32>,
    /// Whether the drafts of its series that come after it are published with it: all of them, or none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    with_rest: bool,
}

/// Publishes a group session: from now on its doctor is occupied, and seats can be taken.
#[utoipa::path(
    post, path = "/v1/groups/{id}/publish", tag = GROUPS, request_body = PublishedGroup, security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a group session"), IfMatch),
    responses(
        (status = 200, description = "Published", body = Done<ChangedGroup>),
        (status = 409, description = "`BOOKING_FAILED`: the doctor has something else then, or is away; `STALE_VERSION`: somebody changed or cancelled it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn publish_group(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<PublishedGroup>,
) -> Answer {
    let (key, version) = (edit.key("publish-group")?, edit.version()?);
    let (id, caller) = (edit.id, edit.caller);
    let command = Publish {
        caller: caller.clone(),
        group_id: id,
        version: Some(version),
        with_rest: edit.body.with_rest,
        key,
    };
    let published = group::publish(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, &caller, id))?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        ChangedGroup::from(published),
    ))
}

/// A session that does not take place.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The doctor is ill", "version": 2}))]
pub struct CancelledGroup {
    /// The reason, which those who have seats are told.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "The doctor is ill"
    )]
    reason: String,
    /// The version that was read, if it is not in `If-Match`.
    #[schema(example = 2)]
    version: Option<i32>,
    /// Whether the sessions of its series that come after it are cancelled with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    with_rest: bool,
}

versioned!(GroupChange, PublishedGroup, CancelledGroup);

/// Cancels a group session with all its seats, and gives its doctor's time back. Each patient is told once.
#[utoipa::path(
    post, path = "/v1/groups/{id}/cancel", tag = GROUPS, request_body = CancelledGroup, security(("token" = ["plan"])),
    params(("id" = i64, Path, description = "The id of a group session"), IfMatch),
    responses(
        (status = 200, description = "Cancelled", body = Done<ChangedGroup>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, or it is over, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn cancel_group(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<CancelledGroup>,
) -> Answer {
    let (key, version) = (edit.key("cancel-group")?, edit.version()?);
    let (id, caller) = (edit.id, edit.caller);
    let command = Cancel {
        caller: caller.clone(),
        group_id: id,
        version: Some(version),
        with_rest: edit.body.with_rest,
        reason: required(Field::Reason, &edit.body.reason, MAX_REASON)?,
        key,
    };
    let cancelled = group::cancel(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, &caller, id))?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        ChangedGroup::from(cancelled),
    ))
}

/// The details of a change that came too late: what the session is now.
#[derive(Debug)]
struct Newest(i64);

impl Details for Newest {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            match group::newest(&state.database, self.0).await {
                Ok((version, now)) => problem.detail("version", version).detail("state", now.as_str()),
                Err(_) => problem,
            }
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// The fault of a session that this caller could not change.
fn not_changed(error: AppError, caller: &Caller, id: i64) -> Fault {
    match error {
        AppError::StaleGroup => Fault::from(error).with(Newest(id)),
        error => not_planned(error, caller),
    }
}
