//! Booking and holding rooms.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{StayData, day};
use crate::{
    account::family,
    appointment::forms::MAX_REASON,
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, Fault, Id, RequestTexts, SentKey, done, made},
        openapi::STAYS,
    },
};
use engine::{
    account::{Caller, family::Whose, typed},
    error::Field,
    idempotency::{Key, KeyOwner},
    stay::{self, BookStay, SubmitStay, WantedRooms},
};

/// A stay to book.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "room_type_id": 1, "arrival": "2026-12-04", "departure": "2026-12-07", "rooms": 2
}))]
pub struct NewStay {
    room_type_id: i64,
    /// The first night, a date of the clinic's calendar, today or later.
    #[schema(format = Date)]
    arrival: String,
    /// The day of departure, whose night is not part of the stay; at most 90 nights.
    #[schema(format = Date)]
    departure: String,
    /// The number of rooms; 1 if it is missing.
    #[schema(minimum = 1, maximum = 20)]
    rooms: Option<i32>,
    /// The id of a patient. For the desk, and for patients who book for somebody who shares their phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Whether to hold the rooms only, for ten minutes: a hold of the same patient ends. To book them, call `book` of the stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<bool>,
}

/// Books rooms, or holds them.
///
/// All rooms are had for all nights, or none. A repeated request returns the same stay, also without a key.
#[utoipa::path(
    post, path = "/v1/stays", tag = STAYS, request_body = NewStay, security(("token" = ["book"])),
    responses(
        (status = 201, description = "Booked, or held", body = Done<StayData>,
         headers(("Location" = String, description = "The path of the stay"))),
        (status = 402, description = "`PAYMENT_REQUIRED`: it is paid before it is booked: hold it, and use `POST stays/{id}/pay`"),
        (status = 400, description = "`INVALID_DATE_RANGE`: no night, more than 90, a day that is over, or one more than 730 days ahead"),
        (status = 404, description = "`ROOM_TYPE_NOT_FOUND`: there is no such kind of rooms, or it cannot be booked; `NOT_FOUND` for a patient who is not the caller's"),
        (status = 409, description = "`INSUFFICIENT_INVENTORY`: a night has too few rooms left; `details` have `requested`, `available`, `date` and `alternatives`. `PHONE_SHARED`, `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn book_stay(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewStay>,
) -> Answer {
    let is_hold = request.hold == Some(true);
    let operation = if is_hold { "hold-stay" } else { "book-stay" };
    let sent = sent.of(&caller, operation, &request)?;
    let patient_id = match (&caller, request.patient_id) {
        (Caller::Patient { .. }, None) => {
            family::patient_of(&state, &caller, "", Whose::Unsaid, sent.as_ref())
                .await?
                .0
        }
        (_, named) => named.ok_or_else(|| Fault::missing("patient_id"))?,
    };
    let wanted = WantedRooms {
        room_type_id: request.room_type_id,
        arrival: day("arrival", &request.arrival)?,
        departure: day("departure", &request.departure)?,
        rooms: request.rooms.unwrap_or(1),
    };
    let reason = typed(
        Field::Reason,
        request.reason.as_deref().unwrap_or_default(),
        MAX_REASON,
    )?;
    let key = match sent {
        Some(key) => key,
        None => Key::derived(
            KeyOwner::Caller(&caller),
            operation,
            &(wanted, patient_id, &reason),
        )?,
    };
    let command = BookStay {
        caller,
        patient_id,
        wanted,
        name: None,
        reason,
        key: Some(key),
    };
    let (database, now) = (&state.database, state.now());
    let (stay, said) = match is_hold {
        true => (
            stay::hold(database, command, state.config.rules.booking, now).await?,
            "api-held",
        ),
        false => (stay::book(database, command, now).await?, "api-booked"),
    };
    let location = format!("/api/v1/stays/{}", stay.id);
    Ok(made(texts, said, &location, StayData::from(&stay)))
}

/// Books what is held.
///
/// A hold that has run out is booked all the same while its rooms are free.
#[utoipa::path(
    post, path = "/v1/stays/{id}/book", tag = STAYS, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a stay")),
    responses(
        (status = 200, description = "Booked", body = Done<StayData>),
        (status = 402, description = "`PAYMENT_REQUIRED`: it is paid before it is booked: use `POST stays/{id}/pay`"),
        (status = 409, description = "`INSUFFICIENT_INVENTORY`: the hold ran out, and somebody else has the rooms; `STALE_VERSION`: they cost something else by now; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: it is no hold any more"),
    ),
)]
pub async fn book_held_stay(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let command = SubmitStay {
        key: Some(Key::derived(KeyOwner::Caller(&caller), "book-held-stay", &id)?),
        caller,
        stay_id: id,
    };
    let stay = stay::submit(&state.database, command, state.now()).await?;
    Ok(done(StatusCode::OK, texts, "api-booked", StayData::from(&stay)))
}
