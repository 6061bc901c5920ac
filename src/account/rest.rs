//! Signing in and out, for programs: a code or a password is exchanged for a token (I1, I3, I5).

use axum::{Extension, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Phone, Role, guard::ClientAddress, otp, required, service, session::SignedIn, token, typed};
use crate::{
    booking::api::MOST_NAME,
    error::{AppError, Field, Problem},
    i18n::Texts,
    server::{
        AppState,
        openapi::SIGNING_IN,
        rest::{Answer, Authenticated, Bearer, Body, Done, Nothing, done},
    },
};

/// How long a phone number or an e-mail may be, as it was typed.
const MOST_PHONE: usize = 40;
const MOST_EMAIL: usize = 200;

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
    texts: Texts,
    Body(request): Body<CodeRequest>,
) -> Answer {
    // public: this is the door.
    let phone = typed(Field::Phone, &request.phone, MOST_PHONE)?;
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
    texts: Texts,
    Body(request): Body<Verification>,
) -> Answer {
    // public: this is the door.
    let name = typed(Field::Name, &request.name.unwrap_or_default(), MOST_NAME)?;
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
    texts: Texts,
    Body(request): Body<Login>,
) -> Answer {
    // public: this is the door.
    let email = required(Field::Email, &request.email, MOST_EMAIL)?;
    if request.password.is_empty() {
        return Err(AppError::invalid(Field::Password, Problem::Missing).into());
    }
    let (limits, now) = (state.config.limits, Timestamp::now());
    let staff_id =
        service::staff_sign_in(&state.database, limits, &email, request.password, address, now).await?;
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
    post, path = "/v1/auth/logout", tag = SIGNING_IN, security(("token" = [])),
    responses((status = 200, description = "It opens nothing any more", body = Done<Nothing>)),
)]
pub async fn logout(
    State(state): State<AppState>,
    Authenticated(_): Authenticated,
    Bearer(token): Bearer,
    texts: Texts,
) -> Answer {
    token::revoke(&state.database, &token, Timestamp::now()).await?;
    Ok(done(StatusCode::OK, texts, "api-signed-out", Nothing))
}
