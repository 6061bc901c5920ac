//! Ratings, for programs.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, AppointmentInPath, Authenticated, Body, Done, RequestTexts, SentKey, found, made},
    openapi::VISITS,
};
use engine::{
    account::typed,
    appointment::{AppointmentName, look_up},
    error::{AppError, Field, FieldProblem},
    rating::{self, MAX_COMMENT, Score},
};

/// A new rating of an appointment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRating {
    #[schema(example = 1)]
    appointment_id: i64,
    #[schema(minimum = 1, maximum = 5, example = 5)]
    score: i64,
    #[schema(example = "Kind, and on time.")]
    comment: Option<String>,
}

/// The rating of an appointment.
#[derive(Serialize, ToSchema)]
pub struct VisitRating {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = 1)]
    appointment_id: i64,
    #[schema(example = 5)]
    score: i64,
    #[schema(example = "Kind, and on time.")]
    comment: String,
}

/// Rates an appointment.
///
/// Possible once for each appointment, by its patient, after the consultation.
#[utoipa::path(
    post, path = "/v1/ratings", tag = VISITS, request_body = NewRating, security(("token" = ["book"])),
    responses(
        (status = 201, description = "Rated", body = Done<VisitRating>,
         headers(("Location" = String, description = "The path of the prescription"))),
        (status = 409, description = "`RATING_EXISTS`: the appointment has one; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn rate(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewRating>,
) -> Answer {
    let key = sent.of(&caller, "rate", &request)?;
    let score = i16::try_from(request.score)
        .ok()
        .and_then(Score::new)
        .ok_or(AppError::invalid(Field::Score, FieldProblem::Malformed))?;
    let comment = typed(Field::Comment, &request.comment.unwrap_or_default(), MAX_COMMENT)?;
    let command = rating::Rate {
        caller,
        which: AppointmentName::Id(request.appointment_id),
        score,
        comment: comment.clone(),
        key,
    };
    let id = rating::rate(&state.database, command, state.now()).await?;
    let data = VisitRating {
        id,
        appointment_id: request.appointment_id,
        score: request.score,
        comment,
    };
    let location = format!("/api/v1/appointments/{}/rating", request.appointment_id);
    Ok(made(texts, "api-rated", &location, data))
}

/// Returns the rating of an appointment.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/rating", tag = VISITS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The rating", body = Done<VisitRating>)),
)]
pub async fn rating(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let seen = look_up(&state.database, caller.clone(), which).await?;
    let rating = rating::find(&state.database, caller, seen.reference)
        .await?
        .ok_or(AppError::NotFound)?;
    let data = VisitRating {
        id: rating.id,
        appointment_id: seen.id,
        score: rating.score.stars().into(),
        comment: rating.comment,
    };
    Ok(found(texts, data))
}
