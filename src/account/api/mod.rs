//! The calls for signing in and out, where a code or a password is exchanged for a token (I1, I3, I5).

pub mod tokens;

use axum::{Extension, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::ClientAddress;
use crate::{
    audit::note_by,
    booking::forms::MAX_NAME,
    server::{
        AppState,
        api::{Answer, Authenticated, Bearer, Body, Done, Nothing, RequestTexts, done},
        openapi::SIGNING_IN,
    },
};
use engine::{
    account::{
        self, Phone, Role,
        factor::{self, Step},
        otp, required,
        session::SignedIn,
        token::{self, Issued},
        typed,
    },
    audit::{self, Kind},
    error::{AppError, Field, FieldProblem},
};

/// The length of a typed e-mail address, in characters.
const MAX_EMAIL: usize = 200;

/// The phone to which a code is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// The phone number, with the country code unless it is that of the clinic.
    #[schema(min_length = 1, max_length = 40, example = "+62 812 5550 0101")]
    phone: String,
}

/// The challenge that the code answers.
#[derive(Serialize, ToSchema)]
pub struct Challenge {
    #[schema(example = "Wm5rT2x0b3JlbSBpcHN1bQ")]
    challenge: String,
}

/// Sends a code to a phone.
///
/// The answer is the same for known and unknown numbers.
#[utoipa::path(
    post, path = "/v1/auth/otp", tag = SIGNING_IN, request_body = CodeRequest,
    responses(
        (status = 202, description = "The code is on its way", body = Done<Challenge>),
        (status = 403, description = "`SIGN_IN_GUARDED`: too many wrong codes were typed for this phone; from a new place, the clinic must let it in"),
    ),
)]
pub async fn request_code(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<CodeRequest>,
) -> Answer {
    // public: this is the door.
    let phone = Phone::parse(&request.phone, state.config.rules.country)?;
    state.config.rules.check_country(&phone)?;
    let limits = state.config.limits;
    let challenge = otp::request(&state.database, limits, phone, address, texts, state.now()).await?;
    Ok(done(
        StatusCode::ACCEPTED,
        texts,
        "api-code-sent",
        Challenge { challenge },
    ))
}

/// A code, and the challenge that it answers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    #[schema(example = "Wm5rT2x0b3JlbSBpcHN1bQ")]
    challenge: String,
    #[schema(min_length = 1, example = "271828")]
    code: String,
    /// The name of a patient who has none.
    name: Option<String>,
}

/// A token, for the header `Authorization: Bearer …`.
#[derive(Serialize, ToSchema)]
pub struct Token {
    #[schema(example = "janji_6dWc0nN8Yf3kQmT2")]
    token: String,
    #[schema(value_type = String, example = "patient")]
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// The name of the patient. One that is known stays, whatever name was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Dewi")]
    name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl Token {
    pub(super) fn of_staff(issued: Issued) -> Self {
        Self {
            token: issued.token,
            role: issued.role,
            patient_id: None,
            name: None,
            expires_at: issued.expires_at,
        }
    }
}

/// The second step of signing in that is asked for.
#[derive(Serialize, ToSchema)]
pub struct FactorChallenge {
    /// Answered by a code at `/v1/auth/login/factor`, within ten minutes.
    #[schema(example = "0f8a51c2")]
    challenge: String,
}

/// Issues a token for the code that was sent.
#[utoipa::path(
    post, path = "/v1/auth/otp/verify", tag = SIGNING_IN, request_body = Verification,
    responses(
        (status = 200, description = "Signed in", body = Done<Token>),
        (status = 401, description = "`UNAUTHENTICATED`: the code is wrong, used or expired"),
        (status = 403, description = "`SIGN_IN_GUARDED`: too many wrong codes were typed for this phone; from a new place, the clinic must let it in"),
    ),
)]
pub async fn verify_code(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Verification>,
) -> Answer {
    // public: this is the door.
    let name = typed(Field::Name, &request.name.unwrap_or_default(), MAX_NAME)?;
    // What cannot be a code costs no attempt.
    let code = engine::phone::code(&request.code)?;
    let now = state.now();
    let verified = otp::verify(&state.database, &request.challenge, &code, now).await;
    if let Some(note) = crate::audit::of_code(&state.database, &request.challenge, &verified).await {
        audit::note(&state.database, note.from(&address)).await;
    }
    let patient_id = verified?;
    let name = Some(name).filter(|name| !name.is_empty());
    let who = SignedIn::Patient(patient_id);
    let issued = token::issue(&state.database, who, name, now).await?;
    let signed_in = account::find_caller(&state.database, who).await?;
    let data = Token {
        token: issued.token,
        role: issued.role,
        patient_id: Some(patient_id),
        name: signed_in.and_then(|caller| caller.name().map(ToOwned::to_owned)),
        expires_at: issued.expires_at,
    };
    Ok(done(StatusCode::OK, texts, "api-signed-in", data))
}

/// The e-mail address and the password of a member of staff.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[schema(min_length = 1, max_length = 200, example = "sari@demo.example")]
    email: String,
    #[schema(min_length = 1)]
    password: String,
}

/// Issues a token to a member of staff: a doctor, an admin or reception.
///
/// Who has a second factor is asked for it next.
#[utoipa::path(
    post, path = "/v1/auth/login", tag = SIGNING_IN, request_body = Login,
    responses(
        (status = 200, description = "Signed in", body = Done<Token>),
        (status = 202, description = "The password is right, and a second factor is asked for: answer the challenge at `/v1/auth/login/factor`", body = Done<FactorChallenge>),
        (status = 401, description = "`UNAUTHENTICATED`: the account does not exist, or the password is wrong"),
        (status = 403, description = "`FACTOR_REQUIRED`: the password is right, and a second factor has to be set up on a page first"),
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
        return Err(AppError::invalid(Field::Password, FieldProblem::Missing).into());
    }
    let (limits, now) = (state.config.limits, state.now());
    let from = address.clone();
    let verified =
        account::staff_sign_in(&state.database, limits, &email, request.password, address, now).await;
    if let Some(note) = crate::audit::of_password(&state.database, &email, &verified).await {
        audit::note(&state.database, note.from(&from)).await;
    }
    let staff_id = verified?;
    match factor::next_step(
        &state.database,
        state.config.accounts.second_factor,
        staff_id,
        now,
    )
    .await?
    {
        Step::Done => {}
        Step::Factor(challenge) => {
            let data = FactorChallenge { challenge };
            return Ok(done(StatusCode::ACCEPTED, texts, "api-factor-asked", data));
        }
        Step::Enrol(_) => return Err(AppError::FactorRequired.into()),
    }
    let who = SignedIn::Staff(staff_id);
    // As of when the request came: a password that has changed since opens nothing.
    let issued = token::issue(&state.database, who, None, now).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-signed-in",
        Token::of_staff(issued),
    ))
}

/// Ends the token of this request.
#[utoipa::path(
    post, path = "/v1/auth/logout", tag = SIGNING_IN, security(("token" = ["any"])),
    responses((status = 200, description = "The token is no longer valid", body = Done<Nothing>)),
)]
pub async fn logout(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Bearer(token): Bearer,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    token::revoke(&state.database, &token, state.now()).await?;
    let note = note_by(&caller, Kind::SignOut).from(&address);
    audit::note(&state.database, note).await;
    Ok(done(StatusCode::OK, texts, "api-signed-out", Nothing))
}
