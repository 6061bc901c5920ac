//! Paying for rooms, for programs: what is paid first, what is paid, and what the desk takes.

use axum::{extract::State, http::StatusCode};

use crate::{
    booking::api::pay::{BegunPayment, begun, booked_already},
    payment::api::{DeskPayment, NewDeskPayment, PaidForAppointment, take},
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, Id, RequestTexts, SentKey, done, found, made},
        openapi::STAYS,
    },
};
use engine::{
    error::AppError,
    payment::{self, StartRooms, Started, SubjectName},
    stay,
};

/// Goes to pay for rooms that are held, where they are paid before they are booked.
///
/// The answer has the address of the page on which the patient pays. The hold lasts until that page ends. The rooms are booked
/// when the provider says that the money has come: ask for the stay to see it. A second call gives the first page up.
#[utoipa::path(
    post, path = "/v1/stays/{id}/pay", tag = STAYS, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a stay that is held")),
    responses(
        (status = 201, description = "The page on which the patient pays", body = Done<BegunPayment>),
        (status = 404, description = "`NOT_FOUND`: no such hold, or nothing is paid before it is booked: use `POST stays/{id}/book`; `ROOM_TYPE_NOT_FOUND`"),
        (status = 422, description = "`INVALID_TRANSITION`: the hold has lost its rooms, or has been held for long enough"),
        (status = 503, description = "`UNAVAILABLE`: payments cannot be taken at the moment; or an error after which the request can be repeated"),
    ),
)]
pub async fn pay_for_stay(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    // Who may not know it hears nothing else of it.
    stay::stay(&state.database, &caller, id).await?;
    let command = StartRooms {
        key: sent.of(&caller, "pay-for-stay", &id)?,
        caller: caller.clone(),
        stay_id: id,
        provider: state.payments.chosen().ok_or(AppError::Unavailable)?,
        locale: texts.locale(),
    };
    let data = match payment::start_rooms(&state.database, command, state.now()).await? {
        Started::Paying { payment_id } => begun(&state, caller, payment_id).await?,
        Started::Booked { reference } => {
            let path = format!("/stays/{reference}");
            booked_already(&state, &path, reference)
        }
    };
    Ok(done(StatusCode::CREATED, texts, "api-payment-begun", data))
}

/// Returns what is paid for a stay.
#[utoipa::path(
    get, path = "/v1/stays/{id}/payments", tag = STAYS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a stay")),
    responses((status = 200, description = "What is paid, and what is open", body = Done<PaidForAppointment>)),
)]
pub async fn stay_payments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let account = payment::account_of(&state.database, caller, SubjectName::Stay(id)).await?;
    Ok(found(texts, PaidForAppointment::from(&account)))
}

/// Takes a payment for a stay at the desk: at most what is open.
#[utoipa::path(
    post, path = "/v1/stays/{id}/payments", tag = STAYS, request_body = NewDeskPayment, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a stay")),
    responses(
        (status = 201, description = "Taken", body = Done<DeskPayment>,
         headers(("Location" = String, description = "The path of what is paid for the stay"))),
        (status = 409, description = "`IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`VALIDATION_FAILED`: more than what is open, or nothing is; `INVALID_TRANSITION`: the stay has come to its end, or is only held"),
    ),
)]
pub async fn take_stay_payment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewDeskPayment>,
) -> Answer {
    let key = sent.of(&caller, "take-stay-payment", &(id, &request))?;
    let data = take(&state, caller, SubjectName::Stay(id), &request, key).await?;
    let location = format!("/api/v1/stays/{id}/payments");
    Ok(made(texts, "api-payment-taken", &location, data))
}
