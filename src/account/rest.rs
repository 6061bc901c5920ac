//! Signing in and out, for programs: a code or a password is exchanged for a token (I1, I3, I5).

use axum::{Extension, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Phone, guard::ClientAddress, otp, required, service, session::SignedIn, token, typed};
use crate::{
    booking::api::MOST_NAME,
    error::{AppError, Field, Problem},
    i18n::Texts,
    server::{
        AppState,
        rest::{Answer, Authenticated, Bearer, Body, done},
    },
};

/// How long a phone number or an e-mail may be, as it was typed.
const MOST_PHONE: usize = 40;
const MOST_EMAIL: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    phone: String,
}

/// Sends a code to a phone (I1).
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
        json!({ "challenge": challenge }),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    challenge: String,
    code: String,
    /// What a patient without a name shall be called.
    name: Option<String>,
}

/// Gives whoever has the code a token.
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
    let data = json!({
        "token": issued.token,
        "role": issued.role,
        "patient_id": patient_id,
        "expires_at": issued.expires_at,
    });
    Ok(done(StatusCode::OK, texts, "api-signed-in", data))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    email: String,
    password: String,
}

/// Gives a doctor or an admin a token (I3).
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
    let data = json!({ "token": issued.token, "role": issued.role, "expires_at": issued.expires_at });
    Ok(done(StatusCode::OK, texts, "api-signed-in", data))
}

/// Ends the token that is shown.
pub async fn logout(
    State(state): State<AppState>,
    Authenticated(_): Authenticated,
    Bearer(token): Bearer,
    texts: Texts,
) -> Answer {
    token::revoke(&state.database, &token, Timestamp::now()).await?;
    Ok(done(StatusCode::OK, texts, "api-signed-out", ()))
}
