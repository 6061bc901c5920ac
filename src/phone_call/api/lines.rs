//! The numbers that the phone agent answers, for programs of admins. A number is never in an address.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, Fault, Nothing, RequestTexts, done, found},
    openapi::ORGANISATION,
};
use engine::{
    account::{Phone, must_be_admin},
    error::Field,
    i18n::Locale,
    phone_call::{self, Line},
};

/// A number that the phone agent answers.
#[derive(Serialize, ToSchema)]
pub struct PhoneLine {
    /// The number that is called.
    #[schema(example = "+622155500100")]
    phone: String,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Menteng")]
    clinic_name: String,
    /// The language in which it is answered: `en`, `id` or `de`.
    #[schema(example = "id")]
    language: &'static str,
}

impl From<Line> for PhoneLine {
    fn from(line: Line) -> Self {
        Self {
            phone: line.number,
            clinic_id: line.clinic_id,
            clinic_name: line.clinic_name,
            language: line.locale.code(),
        }
    }
}

/// Lists the numbers that the phone agent answers. For admins of all clinics.
#[utoipa::path(
    get, path = "/v1/phone-lines", tag = ORGANISATION, security(("token" = ["read"])),
    responses((status = 200, description = "The numbers, by clinic", body = Done<Vec<PhoneLine>>)),
)]
pub async fn phone_lines(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    must_be_admin(&caller)?;
    let lines = phone_call::lines(&state.database).await?;
    let lines: Vec<PhoneLine> = lines.into_iter().map(PhoneLine::from).collect();
    Ok(found(texts, lines))
}

/// The clinic and the language of a number.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "+622155500100", "clinic_id": 1, "language": "id"}))]
pub struct NewPhoneLine {
    /// The number that is called.
    phone: String,
    clinic_id: i64,
    /// The language in which it is answered: `en`, `id` or `de`.
    language: String,
}

/// Says which clinic is called by a number, and in which language it is answered. It can be repeated.
#[utoipa::path(
    put, path = "/v1/phone-lines", tag = ORGANISATION, request_body = NewPhoneLine,
    security(("token" = ["organise"])), extensions(("x-no-key" = json!(true))),
    responses((status = 200, description = "Said", body = Done<Nothing>)),
)]
pub async fn set_phone_line(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewPhoneLine>,
) -> Answer {
    must_be_admin(&caller)?;
    let locale = Locale::parse(&request.language).ok_or_else(|| Fault::malformed("language"))?;
    let number = (request.phone.as_str(), state.config.rules.country);
    phone_call::set_line(&state.database, &caller, number, request.clinic_id, locale)
        .await
        .map_err(|error| Fault::from(error).under(&[(Field::Clinic, "clinic_id")]))?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// A number that is taken away.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GonePhoneLine {
    /// As `GET phone-lines` has it, or as it was set.
    #[schema(example = "+622155500100")]
    phone: String,
}

/// Takes a number away: calls to it book nothing any more. It can be repeated.
#[utoipa::path(
    post, path = "/v1/phone-lines/remove", tag = ORGANISATION, request_body = GonePhoneLine,
    security(("token" = ["organise"])), extensions(("x-no-key" = json!(true))),
    responses((status = 200, description = "Gone", body = Done<Nothing>)),
)]
pub async fn remove_phone_line(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<GonePhoneLine>,
) -> Answer {
    // As it was set; what is no number is none of ours.
    let number = Phone::parse(&request.phone, state.config.rules.country);
    let number = number.map_or_else(|_| request.phone.clone(), |number| number.as_str().to_owned());
    phone_call::remove_line(&state.database, &caller, &number).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}
