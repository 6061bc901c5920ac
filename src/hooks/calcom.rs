//! What Cal.com posts when something became of a booking. An account without a secret has nothing here.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use engine::calcom::{Hearing, Sign, heard, hook_secret};

use crate::{
    calcom::{
        said::{Reading, read},
        signature::{HEADER, is_signed},
    },
    server::AppState,
};

/// Nothing that is posted is longer.
const MAX_BODY: usize = 1024 * 1024;

/// The route of the hook. A browser has no business here, so nobody is asked where they come from.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/hooks/calcom/{account}", post(hook))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

async fn hook(
    State(state): State<AppState>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Ok(account_id) = account.parse::<i64>() else {
        return StatusCode::NOT_FOUND;
    };
    let key = state.config.accounts.secret_key.as_ref();
    let secret = match hook_secret(&state.database, account_id, key).await {
        Ok(Some(secret)) => secret,
        Ok(None) => return StatusCode::NOT_FOUND,
        Err(error) => return unavailable(error),
    };
    let signature = headers.get(HEADER).and_then(|value| value.to_str().ok());
    if !is_signed(secret.as_bytes(), signature, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    let said = match read(&body) {
        Reading::Said(said) => said,
        Reading::Nothing => return StatusCode::NO_CONTENT,
        Reading::Malformed => return StatusCode::BAD_REQUEST,
    };
    let sign = Sign {
        account_id,
        event_id: said.event_id,
        at: said.at,
    };
    match heard(&state.database, sign, state.now()).await {
        Ok(Hearing::Heard | Hearing::Known) => StatusCode::NO_CONTENT,
        Ok(Hearing::Stale) => StatusCode::UNAUTHORIZED,
        Ok(Hearing::Nobody) => StatusCode::NOT_FOUND,
        Err(error) => unavailable(error),
    }
}

/// It is posted again later, or seen at the next look.
fn unavailable(error: engine::error::AppError) -> StatusCode {
    tracing::warn!(%error, "what was posted of a calendar elsewhere could not be heard");
    StatusCode::SERVICE_UNAVAILABLE
}
