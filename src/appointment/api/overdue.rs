//! The calls for requests that were held back, since more of them fell due at once than expire without an admin.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, Fault, RequestTexts, SentKey, done, found, only_admins},
    openapi::WATCHING,
};
use engine::appointment::{Decision, decide, held_back};

/// The hours that doctors are given to answer, where nobody says how many.
const HOURS: i64 = 24;

/// Requests that are held back.
#[derive(Serialize, ToSchema)]
pub struct OverdueData {
    /// The number of requests that are due or were kept; 0 if none are held back.
    #[schema(example = 812)]
    requests: i64,
    /// Null if none are held back.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    since: Option<Timestamp>,
}

/// A decision about the requests that are held back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverdueDecision {
    /// `expire`: they expire within the hour, and their patients are told. `wait`: their doctors have `hours` from now to
    /// answer, and at most until the appointment would begin.
    #[schema(pattern = "^(expire|wait)$", example = "wait")]
    decision: String,
    /// For `wait`; 24 by default.
    #[schema(minimum = 1, maximum = 720, example = 24)]
    hours: Option<i64>,
}

/// The outcome of a decision.
#[derive(Serialize, ToSchema)]
pub struct OverdueDecided {
    /// False if none were held back: somebody else may have decided meanwhile.
    #[schema(example = true)]
    decided: bool,
}

/// Returns how many requests are held back, and since when.
///
/// Requests that fall due in an outage are given the time that they missed. Where very many are due at once even so, none
/// expires until an admin has decided.
#[utoipa::path(
    get, path = "/v1/admin/overdue", tag = WATCHING, security(("token" = ["read"])),
    responses((status = 200, description = "What is held back", body = Done<OverdueData>)),
)]
pub async fn overdue(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    only_admins(&caller)?;
    let held_back = held_back(&state.database, state.now()).await?;
    let data = OverdueData {
        requests: held_back.map_or(0, |held_back| held_back.requests),
        since: held_back.map(|held_back| held_back.since),
    };
    Ok(found(texts, data))
}

/// Decides about the requests that are held back.
#[utoipa::path(
    post, path = "/v1/admin/overdue", tag = WATCHING, request_body = OverdueDecision,
    security(("token" = ["book"])),
    responses((status = 200, description = "Decided, or nothing was held back", body = Done<OverdueDecided>)),
)]
pub async fn decide_overdue(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<OverdueDecision>,
) -> Answer {
    only_admins(&caller)?;
    let hours = request.hours.unwrap_or(HOURS);
    let decision = match request.decision.as_str() {
        "expire" => Decision::Expire,
        "wait" => Decision::wait(hours).ok_or_else(|| Fault::malformed("hours"))?,
        _ => return Err(Fault::malformed("decision")),
    };
    let key = sent.of(&caller, "overdue", &request)?;
    let decided = decide(&state.database, decision, key, state.now()).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        OverdueDecided { decided },
    ))
}
