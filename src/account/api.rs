//! Signing in and out, for programs: a code or a password is exchanged for a token (I1, I3, I5). Whoever has signed in
//! makes tokens for other programs.

use axum::{Extension, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    guard::ClientAddress,
    scope::{ScopeSchema, TokenData},
};
use crate::{
    booking::forms::MAX_NAME,
    server::{
        AppState,
        api::{
            Answer, Authenticated, Bearer, Body, Done, Fault, Id, Nothing, RequestTexts, SentKey, done, found,
        },
        openapi::{SIGNING_IN, TOKENS},
    },
};
use engine::{
    account::{
        self, Caller, Phone, Role, otp, required,
        scope::{Reach, Scope},
        session::SignedIn,
        token::{
            self, Shown,
            named::{self, MAX_DAYS, Make},
        },
        typed,
    },
    error::{AppError, Field, Problem},
};

/// How long a phone number or an e-mail may be, as it was typed.
const MAX_PHONE: usize = 40;
const MAX_EMAIL: usize = 200;

/// Which phone a code is sent to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// With the code of the country, or without where it is that of the clinic.
    #[schema(min_length = 1, max_length = 40, example = "+62 812 5550 0101")]
    phone: String,
}

/// What the code is proof for.
#[derive(Serialize, ToSchema)]
pub struct Challenge {
    #[schema(example = "Wm5rT2x0b3JlbSBpcHN1bQ")]
    challenge: String,
}

/// Sends a code to a phone.
///
/// The answer is the same for every number, known or not.
#[utoipa::path(
    post, path = "/v1/auth/otp", tag = SIGNING_IN, request_body = CodeRequest,
    responses((status = 202, description = "The code is on its way", body = Done<Challenge>)),
)]
pub async fn request_code(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<CodeRequest>,
) -> Answer {
    // public: this is the door.
    let phone = typed(Field::Phone, &request.phone, MAX_PHONE)?;
    let phone = Phone::parse(&phone, &state.config.rules.country_code)?;
    let limits = state.config.limits;
    let challenge = otp::request(&state.database, limits, phone, address, texts, Timestamp::now()).await?;
    Ok(done(
        StatusCode::ACCEPTED,
        texts,
        "api-code-sent",
        Challenge { challenge },
    ))
}

/// A code, and what it was asked for with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    #[schema(example = "Wm5rT2x0b3JlbSBpcHN1bQ")]
    challenge: String,
    #[schema(min_length = 1, example = "271828")]
    code: String,
    /// What a patient without a name shall be called.
    name: Option<String>,
}

/// Says for whom a program acts, in the header `Authorization: Bearer …`.
#[derive(Serialize, ToSchema)]
pub struct Token {
    #[schema(example = "janji_6dWc0nN8Yf3kQmT2")]
    token: String,
    #[schema(value_type = String, example = "patient")]
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    patient_id: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Gives whoever has the code a token.
#[utoipa::path(
    post, path = "/v1/auth/otp/verify", tag = SIGNING_IN, request_body = Verification,
    responses(
        (status = 200, description = "Signed in", body = Done<Token>),
        (status = 401, description = "`UNAUTHENTICATED`: the code is wrong, used or too old"),
    ),
)]
pub async fn verify_code(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Verification>,
) -> Answer {
    // public: this is the door.
    let name = typed(Field::Name, &request.name.unwrap_or_default(), MAX_NAME)?;
    let code: String = request
        .code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    if code.is_empty() {
        return Err(AppError::invalid(Field::Code, Problem::Missing).into());
    }
    let patient_id = otp::verify(&state.database, &request.challenge, &code, Timestamp::now()).await?;
    let name = Some(name).filter(|name| !name.is_empty());
    let who = SignedIn::Patient(patient_id);
    let issued = token::issue(&state.database, who, name, Timestamp::now()).await?;
    let data = Token {
        token: issued.token,
        role: issued.role,
        patient_id: Some(patient_id),
        expires_at: issued.expires_at,
    };
    Ok(done(StatusCode::OK, texts, "api-signed-in", data))
}

/// What staff sign in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[schema(min_length = 1, max_length = 200, example = "sari@demo.example")]
    email: String,
    #[schema(min_length = 1)]
    password: String,
}

/// Gives a doctor or an admin a token.
#[utoipa::path(
    post, path = "/v1/auth/login", tag = SIGNING_IN, request_body = Login,
    responses(
        (status = 200, description = "Signed in", body = Done<Token>),
        (status = 401, description = "`UNAUTHENTICATED`: there is no such account, or the password is another one"),
    ),
)]
pub async fn login(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Login>,
) -> Answer {
    // public: this is the door.
    let email = required(Field::Email, &request.email, MAX_EMAIL)?;
    if request.password.is_empty() {
        return Err(AppError::invalid(Field::Password, Problem::Missing).into());
    }
    let (limits, now) = (state.config.limits, Timestamp::now());
    let staff_id =
        account::staff_sign_in(&state.database, limits, &email, request.password, address, now).await?;
    let who = SignedIn::Staff(staff_id);
    let issued = token::issue(&state.database, who, None, Timestamp::now()).await?;
    let data = Token {
        token: issued.token,
        role: issued.role,
        patient_id: None,
        expires_at: issued.expires_at,
    };
    Ok(done(StatusCode::OK, texts, "api-signed-in", data))
}

/// Ends the token that is shown.
#[utoipa::path(
    post, path = "/v1/auth/logout", tag = SIGNING_IN, security(("token" = ["any"])),
    responses((status = 200, description = "It opens nothing any more", body = Done<Nothing>)),
)]
pub async fn logout(
    State(state): State<AppState>,
    Authenticated(_): Authenticated,
    Bearer(token): Bearer,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    token::revoke(&state.database, &token, Timestamp::now()).await?;
    Ok(done(StatusCode::OK, texts, "api-signed-out", Nothing))
}

/// For whom a program acts, and with what.
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
    token: MyToken,
}

/// The token that is shown.
#[derive(Serialize, ToSchema)]
pub struct MyToken {
    #[schema(example = 1)]
    id: i64,
    /// Null for one that was given for a code or a password.
    #[schema(example = "Calendar on the wall")]
    name: Option<String>,
    /// Null: whatever its owner may do.
    #[schema(value_type = Option<Vec<ScopeSchema>>)]
    scopes: Option<Vec<Scope>>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Tells for whom the program acts, and what its token is good for.
#[utoipa::path(
    get, path = "/v1/me", tag = TOKENS, security(("token" = ["any"])),
    responses((status = 200, description = "Whose token it is", body = Done<Me>)),
)]
pub async fn me(
    Authenticated(caller): Authenticated,
    Extension(shown): Extension<Shown>,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let doctor_id = match caller {
        Caller::Doctor { doctor_id, .. } => Some(doctor_id),
        Caller::Patient { .. } | Caller::Admin { .. } => None,
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
        token: MyToken {
            id: shown.id,
            name: shown.name,
            scopes,
            expires_at: shown.expires_at,
        },
    };
    Ok(found(texts, me))
}

/// Lists the caller's tokens that are good for something.
///
/// Those with a name first, then those that programs were given for a code or a password, of which the ones that were used
/// last.
#[utoipa::path(
    get, path = "/v1/tokens", tag = TOKENS, security(("token" = ["read"])),
    responses((status = 200, description = "The tokens, without what opens anything", body = Done<Vec<TokenData>>)),
)]
pub async fn tokens(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let tokens = named::list(&state.database, &caller, Timestamp::now()).await?;
    let tokens: Vec<TokenData> = tokens.into_iter().map(TokenData::from).collect();
    Ok(found(texts, tokens))
}

/// A token for a program.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// By which its owner knows it again.
    #[schema(
        min_length = 1,
        max_length = 60,
        pattern = r"[^\s\x00-\x1f\x7f-\x9f]",
        example = "Calendar on the wall"
    )]
    name: String,
    /// What it is good for, of what is of use to this role; without it, whatever its owner may do, but for making and revoking
    /// tokens.
    #[schema(min_items = 1, value_type = Option<Vec<ScopeSchema>>)]
    scopes: Option<Vec<Scope>>,
    /// After how many days it ends.
    #[schema(minimum = 1, maximum = 366, example = 90)]
    days: i64,
}

/// A token that was made, with what its program shows.
#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    #[serde(flatten)]
    named: TokenData,
    /// Told once: null where the same request, under the same `Idempotency-Key`, has made it before.
    #[schema(example = "janji_6dWc0nN8Yf3kQmT2")]
    token: Option<String>,
}

/// Makes a token for a program.
///
/// With a token that was given for a code or a password; one that was made for a program makes no others.
#[utoipa::path(
    post, path = "/v1/tokens", tag = TOKENS, request_body = NewToken, security(("token" = ["sign-in"])),
    responses((
        status = 201, description = "Made. The token is in this answer and in no other", body = Done<MadeToken>,
    )),
)]
pub async fn make_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewToken>,
) -> Answer {
    let key = sent.of(&caller, "make-token", &request)?;
    let days = u16::try_from(request.days).unwrap_or(MAX_DAYS + 1);
    let mut command = Make::new(caller, &request.name, request.scopes, days).map_err(called)?;
    command.key = key;
    let (named, token) = named::make(&state.database, command, Timestamp::now()).await?;
    tracing::info!(token.id = named.id, "somebody made a token for a program");
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
            Problem::Missing => Fault::missing("name"),
            Problem::TooLong => Fault::too_long("name"),
            Problem::Malformed | Problem::Taken | Problem::TooMany => Fault::malformed("name"),
        },
        error => error.into(),
    }
}

/// Revokes a token of the caller's.
///
/// From this moment on, whoever shows it is nobody.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}", tag = TOKENS, security(("token" = ["sign-in"])),
    params(("id" = i64, Path, description = "Of one of the caller's tokens")),
    responses((status = 200, description = "It opens nothing any more", body = Done<Nothing>)),
)]
pub async fn revoke_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    named::revoke(&state.database, &caller, id, Timestamp::now()).await?;
    tracing::info!(token.id = id, "a token was revoked");
    Ok(done(StatusCode::OK, texts, "api-token-revoked", Nothing))
}
