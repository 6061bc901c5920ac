//! The calls for the token of a request and its owner, and for the tokens of other programs (I3).

use axum::{Extension, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    account::{
        guard::ClientAddress,
        scope::{ScopeSchema, TokenData},
    },
    audit::note_by,
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, Fault, Id, Nothing, RequestTexts, SentKey, done, found},
        openapi::TOKENS,
    },
};
use engine::{
    account::{
        Caller, Role,
        scope::{Reach, Scope},
        token::{
            PresentedToken,
            named::{self, CreateToken, MAX_DAYS},
        },
    },
    audit::{self, Kind},
    error::{AppError, Field, FieldProblem},
};

/// The person for whom a program acts, and its token.
#[derive(Serialize, ToSchema)]
pub struct Me {
    #[schema(value_type = String, example = "doctor")]
    role: Role,
    name: Option<String>,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    #[schema(example = 1)]
    staff_id: Option<i64>,
    /// For a patient whose number the clinic has not confirmed lately: what was booked earlier is not found until it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    opened_since: Option<Timestamp>,
    token: MyToken,
}

/// The token of this request.
#[derive(Serialize, ToSchema)]
pub struct MyToken {
    #[schema(example = 1)]
    id: i64,
    /// Null for a token from signing in.
    #[schema(example = "Calendar on the wall")]
    name: Option<String>,
    /// Null for a token that may do whatever its owner may.
    #[schema(value_type = Option<Vec<ScopeSchema>>)]
    scopes: Option<Vec<Scope>>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Returns the person for whom the program acts, and the scopes of its token.
#[utoipa::path(
    get, path = "/v1/me", tag = TOKENS, security(("token" = ["any"])),
    responses((status = 200, description = "The owner of the token", body = Done<Me>)),
)]
pub async fn me(
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let doctor_id = match caller {
        Caller::Doctor { doctor_id, .. } => Some(doctor_id),
        Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. } => None,
    };
    let scopes = match shown.reach {
        Reach::SignIn => None,
        Reach::Program(scopes) => scopes,
    };
    let me = Me {
        role: caller.role(),
        name: caller.name().map(ToOwned::to_owned),
        patient_id: caller.patient_id(),
        doctor_id,
        staff_id: caller.staff_id(),
        opened_since: caller.opened_since(),
        token: MyToken {
            id: shown.id,
            name: shown.name,
            scopes,
            expires_at: shown.expires_at,
        },
    };
    Ok(found(texts, me))
}

/// Lists the caller's valid tokens.
///
/// Tokens with a name come first, then those from signing in, the most recently used of them.
#[utoipa::path(
    get, path = "/v1/tokens", tag = TOKENS, security(("token" = ["read"])),
    responses((status = 200, description = "The tokens, without their secrets", body = Done<Vec<TokenData>>)),
)]
pub async fn tokens(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let tokens = named::list(&state.database, &caller, state.now()).await?;
    let tokens: Vec<TokenData> = tokens.into_iter().map(TokenData::from).collect();
    Ok(found(texts, tokens))
}

/// A token for a program.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// The name by which its owner recognises it.
    #[schema(
        min_length = 1,
        max_length = 60,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "Calendar on the wall"
    )]
    name: String,
    /// The scopes, of those that are of use to this role. If they are missing, the token may do whatever its owner
    /// may, except create and revoke tokens.
    #[schema(min_items = 1, value_type = Option<Vec<ScopeSchema>>)]
    scopes: Option<Vec<Scope>>,
    /// The lifetime of the token, in days.
    #[schema(minimum = 1, maximum = 366, example = 90)]
    days: i64,
}

/// A new token, with its secret.
#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    #[serde(flatten)]
    named: TokenData,
    /// The token. Null if an earlier request with the same `Idempotency-Key` created it.
    #[schema(example = "janji_6dWc0nN8Yf3kQmT2")]
    token: Option<String>,
}

/// Creates a token for a program.
///
/// The request needs a token from signing in; a token of a program cannot create others. Staff have to have signed in within
/// the last ten minutes.
#[utoipa::path(
    post, path = "/v1/tokens", tag = TOKENS, request_body = NewToken, security(("token" = ["sign-in"])),
    responses(
        (status = 201, description = "Created. The token is in this answer and in no other", body = Done<MadeToken>),
        (status = 403, description = "`STEP_UP_REQUIRED`: sign in again first; or `FORBIDDEN`: the token is not from signing in"),
    ),
)]
pub async fn make_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<PresentedToken>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewToken>,
) -> Answer {
    shown.must_be_fresh(state.now())?;
    let key = sent.of(&caller, "make-token", &request)?;
    let days = u16::try_from(request.days).unwrap_or(MAX_DAYS + 1);
    let note = note_by(&caller, Kind::TokenMade).from(&address);
    let mut command = CreateToken::new(caller, &request.name, request.scopes, days).map_err(called)?;
    command.key = key;
    let (named, token) = named::make(&state.database, command, state.now()).await?;
    tracing::info!(token.id = named.id, "somebody made a token for a program");
    if token.is_some() {
        audit::note(&state.database, note).await;
    }
    let message = match token {
        Some(_) => "api-token-made",
        None => "api-token-told",
    };
    Ok(done(
        StatusCode::CREATED,
        texts,
        message,
        MadeToken {
            named: named.into(),
            token,
        },
    ))
}

/// The same by the name that it has here.
fn called(error: AppError) -> Fault {
    match error {
        AppError::ValidationFailed {
            field: Field::TokenName,
            problem,
        } => match problem {
            FieldProblem::Missing => Fault::missing("name"),
            FieldProblem::TooLongBy(over) => Fault::too_long_by("name", over),
            FieldProblem::Malformed
            | FieldProblem::TooLong
            | FieldProblem::Taken
            | FieldProblem::TooMany
            | FieldProblem::PastMidnight
            | FieldProblem::Common
            | FieldProblem::Abroad
            | FieldProblem::Unknown
            | FieldProblem::UnknownPlaceholder
            | FieldProblem::MissingPlaceholder
            | FieldProblem::HasLink
            | FieldProblem::HasCode => Fault::malformed("name"),
        },
        error => error.into(),
    }
}

/// Revokes one of the caller's tokens.
///
/// The token is invalid from this moment on.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}", tag = TOKENS, security(("token" = ["sign-in"])),
    params(("id" = i64, Path, description = "The id of one of the caller's tokens")),
    responses((status = 200, description = "The token is no longer valid", body = Done<Nothing>)),
)]
pub async fn revoke_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    named::revoke(&state.database, &caller, id, state.now()).await?;
    let note = note_by(&caller, Kind::TokenRevoked).from(&address);
    audit::note(&state.database, note).await;
    tracing::info!(token.id = id, "a token was revoked");
    Ok(done(StatusCode::OK, texts, "api-token-revoked", Nothing))
}
