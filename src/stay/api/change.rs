//! Changing and cancelling stays, and saying who is here.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{StayData, day};
use crate::{
    appointment::forms::MAX_REASON,
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, Edit, Id, IfMatch, RequestTexts, SentKey, Versioned, done},
        openapi::STAYS,
    },
};
use engine::{
    account::{Caller, typed},
    error::{AppError, Field},
    idempotency::{Key, KeyOwner},
    stay::{self, CancelStay, ChangeStay, Presence, SetPresence},
};

/// The cancellation of a stay.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1, "reason": "A cough" }))]
pub struct StayCancellation {
    /// The version that was read, unless `If-Match` has it. It may be missing.
    version: Option<i32>,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Cancels a stay that has not begun, or gives a hold up. Its rooms are free at once.
#[utoipa::path(
    post, path = "/v1/stays/{id}/cancel", tag = STAYS, request_body = StayCancellation, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a stay"), IfMatch),
    responses(
        (status = 200, description = "Cancelled", body = Done<StayData>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: it can no longer be cancelled, see `details`"),
    ),
)]
pub async fn cancel_stay(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<StayCancellation>,
) -> Answer {
    let key = changing_key(&sent, &caller, "cancel-stay", &(id, &request))?;
    let command = CancelStay {
        key: Some(key),
        caller,
        stay_id: id,
        version: seen.or(request.version)?,
        reason: typed(Field::Reason, &request.reason.unwrap_or_default(), MAX_REASON)?,
    };
    let stay = stay::cancel(&state.database, command, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", StayData::from(&stay)))
}

/// The key that was sent, or else the request itself.
fn changing_key(
    sent: &SentKey,
    caller: &Caller,
    operation: &'static str,
    request: &impl Serialize,
) -> Result<Key, AppError> {
    match sent.of(caller, operation, request)? {
        Some(key) => Ok(key),
        None => Key::derived(KeyOwner::Caller(caller), operation, request),
    }
}

/// Other nights or another number of rooms.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "arrival": "2026-12-04", "departure": "2026-12-09", "rooms": 2, "version": 1 }))]
pub struct StayChange {
    /// The first night; as it is if it is missing.
    #[schema(format = Date)]
    arrival: Option<String>,
    /// The day of departure; as it is if it is missing.
    #[schema(format = Date)]
    departure: Option<String>,
    /// The number of rooms; as it is if it is missing.
    #[schema(minimum = 1, maximum = 20)]
    rooms: Option<i32>,
    /// The version that was read, unless `If-Match` has it. It may be missing.
    version: Option<i32>,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Extends, shortens or moves a stay.
///
/// It takes only the nights that are new, at the price of today; a night that stays keeps its price, for more rooms too. What it leaves is free if and only if it has what it takes.
#[utoipa::path(
    post, path = "/v1/stays/{id}/change", tag = STAYS, request_body = StayChange, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a stay"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<StayData>),
        (status = 400, description = "`INVALID_DATE_RANGE`: no night, more than 90, or a day that is over"),
        (status = 409, description = "`INSUFFICIENT_INVENTORY`: a night has too few rooms left; `details` have `requested`, `available`, `date` and `alternatives`. `STALE_VERSION`: somebody changed it since. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: it can no longer be changed, see `details`"),
    ),
)]
pub async fn change_stay(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<StayChange>,
) -> Answer {
    let key = changing_key(&sent, &caller, "change-stay", &(id, &request))?;
    let now_it_is = stay::stay(&state.database, &caller, id).await?.stay;
    let command = ChangeStay {
        key: Some(key),
        caller,
        stay_id: id,
        version: seen.or(request.version)?,
        arrival: match &request.arrival {
            Some(arrival) => day("arrival", arrival)?,
            None => now_it_is.arrival,
        },
        departure: match &request.departure {
            Some(departure) => day("departure", departure)?,
            None => now_it_is.departure,
        },
        rooms: request.rooms.unwrap_or(now_it_is.rooms),
        reason: typed(Field::Reason, &request.reason.unwrap_or_default(), MAX_REASON)?,
    };
    let stay = stay::change(&state.database, command, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", StayData::from(&stay)))
}

/// What the desk says of the people of a stay.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewStayStatus {
    Arrived,
    /// They are not here after all.
    Booked,
    Left,
}

/// A stay whose people arrived or left.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "arrived", "version": 1 }))]
pub struct StayStatusChange {
    status: NewStayStatus,
    /// The version that was read, unless `If-Match` has it.
    version: Option<i32>,
}

impl Versioned for StayStatusChange {
    fn version(&self) -> Option<i32> {
        self.version
    }
}

/// Says that people arrived, or left.
///
/// Who leaves early gives back the nights to come, which are not paid for; the first night is theirs in any case.
#[utoipa::path(
    post, path = "/v1/stays/{id}/status", tag = STAYS, request_body = StayStatusChange, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a stay"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<StayData>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: it cannot be said of this stay or today, see `details`"),
    ),
)]
pub async fn set_stay_status(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<StayStatusChange>,
) -> Answer {
    let command = SetPresence {
        key: edit.key("set-stay-status")?,
        stay_id: edit.id,
        version: Some(edit.version()?),
        presence: match edit.body.status {
            NewStayStatus::Arrived => Presence::Arrived,
            NewStayStatus::Booked => Presence::NotArrived,
            NewStayStatus::Left => Presence::Left,
        },
        caller: edit.caller,
    };
    let stay = stay::set_presence(&state.database, command, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", StayData::from(&stay)))
}
