//! Confirming several requests at once, for programs of staff.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChangedAppointment, with_names};
use crate::{
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, Fault, RequestTexts, SentKey, done},
        openapi::APPOINTMENTS,
    },
    ui::message,
};
use engine::{
    appointment::{AppointmentName, Chosen, confirm_several as confirm},
    error::{AppError, Field},
};

/// Requests that are to be confirmed.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    #[schema(min_items = 1, max_items = 100)]
    requests: Vec<Request>,
}

/// A request that is to be confirmed.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    #[schema(example = 1)]
    appointment_id: i64,
    /// The version that the caller has read; the present one if it is missing.
    #[schema(example = 2)]
    version: Option<i32>,
}

/// What became of each request.
#[derive(Serialize, ToSchema)]
pub struct Confirmed {
    confirmed: Vec<ChangedAppointment>,
    /// Those that could not be confirmed, and why.
    refused: Vec<NotConfirmed>,
}

/// A request that could not be confirmed.
#[derive(Serialize, ToSchema)]
pub struct NotConfirmed {
    #[schema(example = 1)]
    appointment_id: i64,
    /// The code of the error.
    #[schema(example = "STALE_VERSION")]
    code: &'static str,
    /// The error in a sentence, in the language of the request.
    #[schema(example = "Somebody changed this while you were looking at it.")]
    error: String,
}

/// Confirms several requests, each for itself.
///
/// What cannot be confirmed is in `refused` and keeps nothing else from being confirmed. If none of them is the caller's, the
/// answer is `NOT_FOUND`.
#[utoipa::path(
    post, path = "/v1/appointments/confirm", tag = APPOINTMENTS, request_body = Requests, security(("token" = ["book"])),
    responses((status = 200, description = "What became of each", body = Done<Confirmed>)),
)]
pub async fn confirm_several(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Requests>,
) -> Answer {
    let key = sent.of(&caller, "confirm-several", &request)?;
    let ids: Vec<i64> = request.requests.iter().map(|one| one.appointment_id).collect();
    let mut chosen = Vec::with_capacity(ids.len());
    for one in &request.requests {
        chosen.push(Chosen {
            which: AppointmentName::Id(one.appointment_id),
            version: one.version,
            key: key.as_ref().map(|key| key.part(one.appointment_id)),
        });
    }
    let outcomes = confirm(&state.database, &caller, chosen, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&[(Field::Chosen, "requests")]))?;
    if outcomes
        .iter()
        .all(|outcome| outcome.as_ref().err() == Some(&AppError::NotFound))
    {
        return Err(AppError::NotFound.into());
    }
    let (mut confirmed, mut refused) = (Vec::new(), Vec::new());
    for (appointment_id, outcome) in ids.into_iter().zip(outcomes) {
        match outcome {
            Ok(summary) => confirmed.push(with_names(&state, &summary).await),
            Err(error) => refused.push(NotConfirmed {
                appointment_id,
                code: error.code(),
                error: message(error, texts),
            }),
        }
    }
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        Confirmed { confirmed, refused },
    ))
}
