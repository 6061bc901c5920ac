//! The calls for kinds of rooms and their nights.

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::day;
use crate::{
    organisation::api::pay_when::{PayWhen, deposit_of},
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Fault, Id, OptionalCaller, Query, RequestTexts, SentKey,
            amount::Amount, done, found, found_version, number,
        },
        openapi::STAYS,
    },
};
use engine::{
    account::{Caller, must_be_admin},
    error::{AppError, Field},
    i18n::Texts,
    stay::{self, SeenRoomType, SetNights},
};

/// A kind of rooms.
#[derive(Serialize, ToSchema)]
pub struct RoomTypeData {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change increments and names.
    #[schema(example = 1)]
    version: i32,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Menteng")]
    clinic_name: String,
    /// The zone of the clinic, by whose calendar nights are counted.
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    /// The main name.
    #[schema(example = "Single room")]
    name: String,
    /// The names in other languages, by their codes.
    names: BTreeMap<String, String>,
    /// The name in the language of the request; the main name if there is none.
    shown_name: String,
    /// The number of rooms in a night that has no number of its own.
    #[schema(example = 10)]
    rooms: i32,
    /// Of a room for a night.
    price: Amount,
    /// When a stay is paid.
    pay_when: PayWhen,
    /// What is paid for a stay before it is booked, where that is a deposit.
    deposit: Option<Amount>,
    /// The hours before the day of the arrival until which a patient who cancels gets everything back.
    #[schema(example = 48)]
    refund_hours: i32,
    /// The percent of what was paid that a patient gets back who cancels later.
    #[schema(example = 50)]
    late_refund_percent: i32,
    /// Whether it can be booked.
    active: bool,
}

fn data(one: &SeenRoomType, texts: Texts) -> RoomTypeData {
    RoomTypeData {
        id: one.id,
        version: one.version,
        clinic_id: one.what.clinic_id,
        clinic_name: one.clinic_name.clone(),
        time_zone: one.zone_name.clone(),
        name: one.what.name.clone(),
        names: one.what.names.by_code().clone(),
        shown_name: one.name(texts.locale()).to_owned(),
        rooms: one.what.rooms,
        price: Amount::from(&one.what.price),
        pay_when: PayWhen::of(one.what.terms.when),
        deposit: deposit_of(one.what.terms.when, Some(&one.what.price)),
        refund_hours: one.what.terms.refund.full_minutes / 60,
        late_refund_percent: one.what.terms.refund.late_percent,
        active: one.what.active,
    }
}

/// A search for kinds of rooms.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RoomTypeFilter {
    /// The id of a clinic.
    #[param(value_type = Option<i64>)]
    clinic: Option<String>,
}

fn is_admin(caller: Option<&Caller>) -> bool {
    caller.is_some_and(|caller| must_be_admin(caller).is_ok())
}

/// Lists the kinds of rooms that can be booked, and to admins all of them.
#[utoipa::path(
    get, path = "/v1/room-types", tag = STAYS, params(RoomTypeFilter), security((), ("token" = ["read"])),
    responses((status = 200, description = "Kinds of rooms", body = Done<Vec<RoomTypeData>>)),
)]
pub async fn room_types(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<RoomTypeFilter>,
) -> Answer {
    // public: patients choose among them.
    let clinic = number("clinic", filter.clinic.as_deref())?;
    let for_admin = is_admin(caller.as_ref());
    let types: Vec<RoomTypeData> = stay::room_types(&state.database)
        .await?
        .iter()
        .filter(|one| for_admin || one.what.active)
        .filter(|one| clinic.is_none_or(|clinic| clinic == one.what.clinic_id))
        .map(|one| data(one, texts))
        .collect();
    Ok(found(texts, types))
}

/// Returns a kind of rooms.
#[utoipa::path(
    get, path = "/v1/room-types/{id}", tag = STAYS, security((), ("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a kind of rooms")),
    responses(
        (status = 200, description = "The kind of rooms; its version is in the `ETag`", body = Done<RoomTypeData>),
        (status = 404, description = "`ROOM_TYPE_NOT_FOUND`: there is none, or it cannot be booked"),
    ),
)]
pub async fn room_type(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    // public: so is the list.
    let one = seen(&state, caller.as_ref(), id).await?;
    let version = one.version;
    Ok(found_version(texts, data(&one, texts), version))
}

async fn seen(state: &AppState, caller: Option<&Caller>, id: i64) -> Result<SeenRoomType, AppError> {
    let one = stay::room_type(&state.database, id).await?;
    match one.what.active || is_admin(caller) {
        true => Ok(one),
        false => Err(AppError::RoomTypeNotFound),
    }
}

/// A range of nights.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NightsWindow {
    /// The first night, a date of the clinic's calendar. Today by default.
    #[param(format = Date, example = "2026-12-04")]
    from: Option<String>,
    /// The last night, which is included; at most 90 nights. Two weeks after the first by default.
    #[param(format = Date, example = "2026-12-06")]
    to: Option<String>,
}

/// A night of a kind of rooms.
#[derive(Serialize, ToSchema)]
pub struct NightData {
    #[schema(value_type = String, format = Date, example = "2026-12-04")]
    night: Date,
    /// The number of rooms that there are.
    #[schema(example = 10)]
    total: i32,
    /// The number of rooms that can be taken.
    #[schema(example = 3)]
    free: i32,
    /// Of a room for the night.
    price: Amount,
}

/// The number of nights by default.
const NIGHTS: i32 = 14;

/// Lists the nights of a kind of rooms, with what is left in each.
#[utoipa::path(
    get, path = "/v1/room-types/{id}/nights", tag = STAYS, security((), ("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a kind of rooms"), NightsWindow),
    responses(
        (status = 200, description = "The nights", body = Done<Vec<NightData>>),
        (status = 400, description = "`INVALID_DATE_RANGE`: no night, or more than 90"),
        (status = 404, description = "`ROOM_TYPE_NOT_FOUND`: there is none, or it cannot be booked"),
    ),
)]
pub async fn room_nights(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Query(window): Query<NightsWindow>,
) -> Answer {
    // public: so is the list.
    let one = seen(&state, caller.as_ref(), id).await?;
    let from = match window.from.as_deref() {
        None => one.today(state.now()),
        Some(from) => day("from", from)?,
    };
    let until = match window.to.as_deref() {
        None => from.saturating_add(NIGHTS.days()),
        Some(to) => day("to", to)?.saturating_add(1.day()),
    };
    let nights = nights_of(&state, &one, (from, until)).await?;
    Ok(found(texts, nights))
}

/// The nights of `[from, until)`.
async fn nights_of(
    state: &AppState,
    one: &SeenRoomType,
    range: (Date, Date),
) -> Result<Vec<NightData>, AppError> {
    let nights = stay::nights(&state.database, one.id, range, state.now()).await?;
    let nights = nights.into_iter().map(|night| NightData {
        night: night.night,
        total: night.total,
        free: night.free,
        price: Amount::from(&one.what.price),
    });
    Ok(nights.collect())
}

/// How many rooms there are in some nights.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from": "2026-12-04", "to": "2026-12-06", "total": 8 }))]
pub struct NightsTotal {
    /// The first night, a date of the clinic's calendar.
    #[schema(format = Date)]
    from: String,
    /// The last night, which is included; at most 90 nights.
    #[schema(format = Date)]
    to: String,
    /// The number of rooms in each; as many as the kind has if it is missing.
    #[schema(minimum = 0, maximum = 1000)]
    total: Option<i32>,
}

/// Says how many rooms there are in some nights.
#[utoipa::path(
    put, path = "/v1/room-types/{id}/nights", tag = STAYS, request_body = NightsTotal, security(("token" = ["organise"])),
    params(("id" = i64, Path, description = "The id of a kind of rooms")),
    responses(
        (status = 200, description = "Changed: the nights, with what is left in each", body = Done<Vec<NightData>>),
        (status = 400, description = "`INVALID_DATE_RANGE`: no night, more than 90, or one that is over"),
        (status = 404, description = "`ROOM_TYPE_NOT_FOUND`"),
        (status = 409, description = "`INSUFFICIENT_INVENTORY`: more rooms are taken than there would be; `details.dates` have the nights. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn set_room_nights(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NightsTotal>,
) -> Answer {
    must_be_admin(&caller)?;
    let key = sent.of(&caller, "set-room-nights", &(id, &request))?;
    let (from, to) = (day("from", &request.from)?, day("to", &request.to)?);
    let until = to.saturating_add(1.day());
    let command = SetNights {
        key,
        caller,
        room_type_id: id,
        from,
        until,
        total: request.total,
    };
    stay::set_nights(&state.database, command, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&[(Field::Rooms, "total")]))?;
    let one = stay::room_type(&state.database, id).await?;
    let nights = nights_of(&state, &one, (from, until)).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", nights))
}
