//! The calls that add kinds of rooms, and change them.

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    organisation::api::pay_when::PayWhen,
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Fault, Id, IfMatch, RequestTexts, SentKey, amount::Amount,
            done, made,
        },
        openapi::STAYS,
    },
};
use engine::{
    account::{Caller, must_be_admin},
    error::Field,
    i18n::Locale,
    money::Price,
    organisation::{
        form::{ACTIVE, Filled},
        name_field,
    },
    stay::{self, PutRoomType, RoomType},
};

/// The number of a kind of rooms that was added or changed, and its version.
#[derive(Serialize, ToSchema)]
pub struct SavedRoomType {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = 1)]
    version: i32,
}

/// The description of a kind of rooms.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "clinic_id": 1, "name": "Single room", "names": {"de": "Einzelzimmer"}, "rooms": 10,
    "price": {"amount": "850000", "currency": "IDR"}, "active": true
}))]
pub struct NewRoomType {
    clinic_id: i64,
    #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
    name: String,
    /// The names in other languages, by their codes; those that are missing are cleared.
    #[serde(default)]
    names: BTreeMap<String, String>,
    /// The number of rooms in a night that has no number of its own.
    #[schema(minimum = 0, maximum = 1000)]
    rooms: i32,
    /// Of a room for a night.
    price: Amount,
    /// When a stay is paid; nothing is said of it if it is missing. Paying before it is booked needs a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_when: Option<PayWhen>,
    /// What is paid for a stay before it is booked, where that is a deposit; in the currency of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit: Option<Amount>,
    /// The hours before the day of the arrival until which a patient who cancels gets everything back; none if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 8784)]
    refund_hours: Option<i32>,
    /// The percent of what was paid that a patient gets back who cancels later; nothing if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100)]
    late_refund_percent: Option<i32>,
    /// Whether it can be booked; yes if it is missing.
    active: Option<bool>,
}

/// The new description of a kind of rooms. What is booked keeps its price.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "clinic_id": 1, "name": "Single room", "rooms": 12, "price": {"amount": "850000", "currency": "IDR"},
    "active": true, "version": 1
}))]
pub struct RoomTypeChange {
    /// The clinic, which stays the same.
    clinic_id: i64,
    #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
    name: String,
    /// The names in other languages, by their codes; those that are missing are cleared.
    #[serde(default)]
    names: BTreeMap<String, String>,
    /// The number of rooms in a night that has no number of its own.
    #[schema(minimum = 0, maximum = 1000)]
    rooms: i32,
    /// Of a room for a night.
    price: Amount,
    /// When a stay is paid; nothing is said of it if it is missing. Paying before it is booked needs a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_when: Option<PayWhen>,
    /// What is paid for a stay before it is booked, where that is a deposit; in the currency of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit: Option<Amount>,
    /// The hours before the day of the arrival until which a patient who cancels gets everything back; none if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 8784)]
    refund_hours: Option<i32>,
    /// The percent of what was paid that a patient gets back who cancels later; nothing if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100)]
    late_refund_percent: Option<i32>,
    /// Whether it can be booked; yes if it is missing.
    active: Option<bool>,
    /// The version that was read, unless `If-Match` has it.
    #[schema(example = 1)]
    version: Option<i32>,
}

/// The calls' own names of inputs that the form calls otherwise.
const NAMES: [(Field, &str); 5] = [
    (Field::Title, "name"),
    (Field::Clinic, "clinic_id"),
    (Field::NameEn, "names.en"),
    (Field::NameId, "names.id"),
    (Field::NameDe, "names.de"),
];

impl NewRoomType {
    /// Parses the request by the rules of the form.
    fn read(&self) -> Result<RoomType, Fault> {
        if self.names.keys().any(|code| Locale::parse(code).is_none()) {
            return Err(Fault::malformed("names"));
        }
        let price = self.price.read("price")?;
        let deposit = self
            .deposit
            .as_ref()
            .map(|deposit| deposit.read("deposit"))
            .transpose()?;
        if deposit
            .as_ref()
            .is_some_and(|deposit| deposit.currency != price.currency)
        {
            return Err(Fault::malformed("deposit.currency"));
        }
        let count = |count: Option<i32>| count.map(|count| count.to_string()).unwrap_or_default();
        let named = Locale::ALL.into_iter().fold(Filled::default(), |filled, locale| {
            let name = self.names.get(locale.code()).map_or("", String::as_str);
            filled.with(name_field(locale).name(), name)
        });
        let active = match self.active {
            Some(false) => "",
            Some(true) | None => "true",
        };
        let room_type = named
            .with(Field::Clinic.name(), self.clinic_id.to_string())
            .with(Field::Title.name(), &*self.name)
            .with(Field::Rooms.name(), self.rooms.to_string())
            .with(Field::Price.name(), price.amount())
            .with(Field::Currency.name(), &*price.currency)
            .with(
                Field::PayWhen.name(),
                self.pay_when.map_or("none", PayWhen::as_str),
            )
            .with(
                Field::Deposit.name(),
                deposit.as_ref().map(Price::amount).unwrap_or_default(),
            )
            .with(Field::RefundHours.name(), count(self.refund_hours))
            .with(Field::LateRefund.name(), count(self.late_refund_percent))
            .with(ACTIVE, active)
            .room_type()
            .map_err(|errors| Fault::of_inputs(&errors, &NAMES))?;
        Ok(RoomType { price, ..room_type })
    }
}

impl RoomTypeChange {
    fn split(self) -> (NewRoomType, Option<i32>) {
        let request = NewRoomType {
            clinic_id: self.clinic_id,
            name: self.name,
            names: self.names,
            rooms: self.rooms,
            price: self.price,
            pay_when: self.pay_when,
            deposit: self.deposit,
            refund_hours: self.refund_hours,
            late_refund_percent: self.late_refund_percent,
            active: self.active,
        };
        (request, self.version)
    }
}

async fn put(
    state: &AppState,
    caller: Caller,
    sent: &SentKey,
    which: Option<(i64, i32)>,
    request: &NewRoomType,
) -> Result<SavedRoomType, Fault> {
    must_be_admin(&caller)?;
    let command = PutRoomType {
        key: sent.of(&caller, "put-room-type", &(which, request))?,
        caller,
        which,
        description: request.read()?,
    };
    let saved = stay::put_room_type(&state.database, command, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&NAMES))?;
    Ok(SavedRoomType {
        id: saved.id,
        version: saved.version,
    })
}

/// Adds a kind of rooms.
#[utoipa::path(
    post, path = "/v1/room-types", tag = STAYS, request_body = NewRoomType, security(("token" = ["organise"])),
    responses(
        (status = 201, description = "Added", body = Done<SavedRoomType>,
         headers(("Location" = String, description = "The path of the kind of rooms"))),
    ),
)]
pub async fn add_room_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewRoomType>,
) -> Answer {
    let saved = put(&state, caller, &sent, None, &request).await?;
    let location = format!("/api/v1/room-types/{}", saved.id);
    Ok(made(texts, "api-organisation-added", &location, saved))
}

/// Replaces the description of a kind of rooms.
///
/// A new number of rooms counts for all nights to come that have no number of their own. The request replaces the whole
/// description: an optional field that is missing is cleared.
#[utoipa::path(
    put, path = "/v1/room-types/{id}", tag = STAYS, request_body = RoomTypeChange, security(("token" = ["organise"])),
    params(("id" = i64, Path, description = "The id of a kind of rooms"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<SavedRoomType>),
        (status = 404, description = "`ROOM_TYPE_NOT_FOUND`"),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since. `INSUFFICIENT_INVENTORY`: more rooms are taken than there would be; `details.dates` have the nights. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_room_type(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<RoomTypeChange>,
) -> Answer {
    let (request, version) = request.split();
    let which = (id, seen.or_needed(version)?);
    let saved = put(&state, caller, &sent, Some(which), &request).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", saved))
}
