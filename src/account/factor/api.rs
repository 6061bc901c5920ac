//! The second step of signing in, for programs.

use axum::{Extension, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    account::{api::Token, guard::ClientAddress},
    server::{
        AppState,
        api::{Answer, Body, Done, RequestTexts, done},
        openapi::SIGNING_IN,
    },
};
use engine::{
    account::{factor, session::SignedIn, token},
    audit::{self, Kind, Note},
    error::{AppError, Field, FieldProblem},
};

/// A code, and the challenge that it answers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorAnswer {
    #[schema(example = "0f8a51c2")]
    challenge: String,
    /// A code of the app, or a recovery code.
    #[schema(min_length = 1, example = "271828")]
    code: String,
}

/// Issues a token to a member of staff who has a second factor.
#[utoipa::path(
    post, path = "/v1/auth/login/factor", tag = SIGNING_IN, request_body = FactorAnswer,
    responses(
        (status = 200, description = "Signed in", body = Done<Token>),
        (status = 401, description = "`UNAUTHENTICATED`: the code is wrong or was used, or the challenge is too old"),
    ),
)]
pub async fn answer_login(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<FactorAnswer>,
) -> Answer {
    // public: this is the second half of the door.
    if request.code.trim().is_empty() {
        return Err(AppError::invalid(Field::Code, FieldProblem::Missing).into());
    }
    let key = state.config.accounts.secret_key.clone();
    let answered = factor::answer(
        &state.database,
        key,
        &request.challenge,
        &request.code,
        state.now(),
    )
    .await?;
    let note = Note::new(Kind::SignIn)
        .of_staff(answered.staff_id)
        .about("second factor");
    audit::note(&state.database, note.from(&address)).await;
    let who = SignedIn::Staff(answered.staff_id);
    // As of the first step: a password that has changed since opens nothing.
    let issued = token::issue(&state.database, who, None, answered.since).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-signed-in",
        Token::of_staff(issued),
    ))
}
