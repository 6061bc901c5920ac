//! The calls for the names of specialities.

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Body, Done, Fault, RequestTexts, SentKey, done, found},
    openapi::ORGANISATION,
};
use engine::{
    error::Field,
    i18n::{Locale, Names},
    organisation::{self, NameSpeciality},
};

/// A speciality of doctors, with its names.
#[derive(Serialize, ToSchema)]
pub struct SpecialityData {
    /// The main name, by which it is known.
    #[schema(example = "Dermatology")]
    speciality: String,
    /// The names in other languages, by their codes.
    #[schema(example = json!({ "de": "Dermatologie" }))]
    names: BTreeMap<String, String>,
    /// The name in the language of the request; the main name if there is none.
    #[schema(example = "Dermatology")]
    shown_name: String,
    /// The version, which every change increments; 0 if it has no other names.
    #[schema(example = 1)]
    version: i32,
    /// The number of doctors who have it.
    doctors: i64,
}

/// Lists the specialities of doctors, by their main names.
#[utoipa::path(
    get, path = "/v1/specialities", tag = ORGANISATION,
    responses((status = 200, description = "Specialities", body = Done<Vec<SpecialityData>>)),
)]
pub async fn specialities(State(state): State<AppState>, RequestTexts(texts): RequestTexts) -> Answer {
    // public: patients choose among them.
    let all = organisation::specialities(&state.database).await?;
    let all: Vec<SpecialityData> = all
        .into_iter()
        .map(|speciality| SpecialityData {
            shown_name: speciality.names.or(&speciality.name, texts.locale()).to_owned(),
            names: speciality.names.by_code().clone(),
            speciality: speciality.name,
            version: speciality.version,
            doctors: speciality.doctors,
        })
        .collect();
    Ok(found(texts, all))
}

/// The names of a speciality in other languages.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialityNames {
    /// The main name, which some doctor has.
    #[schema(min_length = 1, max_length = 120, example = "Dermatology")]
    speciality: String,
    /// The names by the codes of their languages; those that are missing are cleared.
    #[schema(example = json!({ "de": "Dermatologie" }))]
    names: BTreeMap<String, String>,
    /// The version that the caller has read; 0 if it had no other names.
    #[schema(minimum = 0, example = 0)]
    version: i32,
}

/// The version of the names of a speciality.
#[derive(Serialize, ToSchema)]
pub struct SpecialityNamed {
    #[schema(example = 1)]
    version: i32,
}

/// Names a speciality in other languages.
#[utoipa::path(
    put, path = "/v1/specialities", tag = ORGANISATION, request_body = SpecialityNames, security(("token" = ["organise"])),
    responses(
        (status = 200, description = "Named", body = Done<SpecialityNamed>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn name_speciality(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<SpecialityNames>,
) -> Answer {
    organisation::must_be_admin(&caller)?;
    let key = sent.of(&caller, "name-speciality", &request)?;
    let mut names = Names::default();
    for (code, name) in request.names {
        let locale = Locale::parse(&code).ok_or_else(|| Fault::malformed("names"))?;
        names = names.with(locale, name);
    }
    let command = NameSpeciality {
        caller,
        speciality: request.speciality,
        version: request.version,
        names,
        key,
    };
    let fields = [
        (Field::NameEn, "names.en"),
        (Field::NameId, "names.id"),
        (Field::NameDe, "names.de"),
    ];
    let version = organisation::name_speciality(&state.database, command, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&fields))?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        SpecialityNamed { version },
    ))
}
