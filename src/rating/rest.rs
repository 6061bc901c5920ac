//! Ratings, for programs.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{MOST_COMMENT, Score, service};
use crate::{
    account::typed,
    appointment::Which,
    error::{AppError, Field, Problem},
    i18n::Texts,
    server::{
        AppState,
        rest::{Answer, Authenticated, Body, SentKey, done},
    },
};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewRating {
    appointment_id: i64,
    score: i64,
    comment: Option<String>,
}

/// Rates a visit (A5).
pub async fn rate(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    texts: Texts,
    Body(request): Body<NewRating>,
) -> Answer {
    let key = sent.of(&caller, "rate", &request)?;
    let score = i16::try_from(request.score)
        .ok()
        .and_then(Score::new)
        .ok_or(AppError::invalid(Field::Score, Problem::Malformed))?;
    let comment = typed(Field::Comment, &request.comment.unwrap_or_default(), MOST_COMMENT)?;
    let command = service::Rate {
        caller,
        which: Which::Id(request.appointment_id),
        score,
        comment: comment.clone(),
        key,
    };
    let id = service::rate(&state.database, command, Timestamp::now()).await?;
    let data = json!({
        "id": id,
        "appointment_id": request.appointment_id,
        "score": score.stars(),
        "comment": comment,
    });
    Ok(done(StatusCode::CREATED, texts, "api-rated", data))
}
