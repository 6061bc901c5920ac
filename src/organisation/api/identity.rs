//! The organisation itself: its name, its logo, and the pages that it writes about itself.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Described, is_admin, stale::not_changed};
use crate::{
    schedule::api::ChangeData,
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Fault, IfMatch, OptionalCaller, RequestTexts, SentKey, done,
            found_version,
        },
        openapi::ORGANISATION,
        upload,
    },
};
use engine::{
    error::Field,
    i18n::Locale,
    organisation::{
        self, Identity, OwnPage, Picture, Subject, Written, form::Filled, must_be_admin, put_identity,
        put_logo,
    },
};

/// A text in each language; empty where it is not written in one.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "en": "We keep what you tell us for ten years.", "id": "", "de": "" }))]
pub struct InLanguages {
    #[serde(default)]
    #[schema(max_length = 20000)]
    en: String,
    #[serde(default)]
    #[schema(max_length = 20000)]
    id: String,
    #[serde(default)]
    #[schema(max_length = 20000)]
    de: String,
}

impl From<&Written> for InLanguages {
    fn from(written: &Written) -> Self {
        let text = |locale| written.text(locale).to_owned();
        Self {
            en: text(Locale::En),
            id: text(Locale::Id),
            de: text(Locale::De),
        }
    }
}

impl InLanguages {
    fn text(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::Id => &self.id,
            Locale::De => &self.de,
        }
    }
}

/// The organisation that runs the clinics, as people see it.
#[derive(Serialize, ToSchema)]
pub struct OrganisationData {
    /// The version of everything but the logo, which every change increments.
    #[schema(example = 3)]
    version: i32,
    /// Empty where it has none; pages say *Janji* then.
    #[schema(example = "Klinik Sehat")]
    name: String,
    #[schema(example = "+62 21 555 0100")]
    phone: String,
    /// Plain text; an empty line separates paragraphs. Where nothing is written, the page says what Janji keeps.
    privacy: InLanguages,
    /// Where nothing is written, there is no such page.
    imprint: InLanguages,
    /// The path of a PNG; null without a logo.
    #[schema(example = "/logo/0123456789abcdef01234567.png")]
    logo: Option<String>,
    /// The version of the logo.
    #[schema(example = 1)]
    logo_version: i32,
    /// The last change of everything but the logo, if there is one; for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_change: Option<ChangeData>,
}

/// The new description of the organisation.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationChange {
    #[schema(max_length = 120, example = "Klinik Sehat")]
    name: String,
    #[schema(max_length = 40, example = "+62 21 555 0100")]
    phone: String,
    privacy: InLanguages,
    imprint: InLanguages,
    /// The version that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
}

/// The call's own names of inputs that the form calls otherwise.
const NAMES: [(Field, &str); 9] = [
    (Field::Title, "name"),
    (Field::ClinicPhone, "phone"),
    (Field::PrivacyEn, "privacy.en"),
    (Field::PrivacyId, "privacy.id"),
    (Field::PrivacyDe, "privacy.de"),
    (Field::ImprintEn, "imprint.en"),
    (Field::ImprintId, "imprint.id"),
    (Field::ImprintDe, "imprint.de"),
    (Field::Logo, "picture"),
];

impl OrganisationChange {
    fn read(&self) -> Result<Identity, Fault> {
        let mut filled = Filled::default()
            .with(Field::Title.name(), &*self.name)
            .with(Field::ClinicPhone.name(), &*self.phone);
        for (page, texts) in [
            (OwnPage::Privacy, &self.privacy),
            (OwnPage::Imprint, &self.imprint),
        ] {
            for locale in Locale::ALL {
                filled = filled.with(page.field(locale).name(), texts.text(locale));
            }
        }
        filled
            .identity()
            .map_err(|errors| Fault::of_inputs(&errors, &NAMES))
    }
}

/// Returns the organisation as people see it.
#[utoipa::path(
    get, path = "/v1/organisation", tag = ORGANISATION, security((), ("token" = ["read"])),
    responses((status = 200, description = "The organisation; its version is in the `ETag`", body = Done<OrganisationData>)),
)]
pub async fn organisation(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    // public: every page says it.
    let seen = organisation::identity(&state.database).await?;
    let logo = organisation::logo(&state.database).await?;
    let data = OrganisationData {
        version: seen.version,
        privacy: InLanguages::from(&seen.identity.privacy),
        imprint: InLanguages::from(&seen.identity.imprint),
        name: seen.identity.name,
        phone: seen.identity.phone,
        logo: logo.logo.map(|logo| logo.path()),
        logo_version: logo.version,
        last_change: seen
            .last_change
            .filter(|_| is_admin(caller.as_ref()))
            .map(ChangeData::from),
    };
    Ok(found_version(texts, data, seen.version))
}

/// Replaces the description of the organisation, but for its logo.
#[utoipa::path(
    put, path = "/v1/organisation", tag = ORGANISATION, request_body = OrganisationChange,
    security(("token" = ["organise"])), params(IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_organisation(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<OrganisationChange>,
) -> Answer {
    must_be_admin(&caller)?;
    let version = seen.or_needed(request.version)?;
    let command = organisation::PutIdentity {
        key: sent.of(&caller, "put-identity", &(version, &request))?,
        caller,
        version,
        identity: request.read()?,
    };
    let saved = put_identity(&state.database, command, state.now())
        .await
        .map(Described::from)
        .map_err(|error| not_changed(error, Subject::Identity).under(&NAMES))?;
    Ok(done(StatusCode::OK, texts, "api-changed", saved))
}

/// A logo.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogoChange {
    /// A PNG, JPEG or WebP of at most 1 MB, in Base64. It is written anew, as a PNG of at most 720 × 160 pixels.
    #[schema(
        min_length = 1,
        max_length = 1500000,
        content_encoding = "base64",
        example = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )]
    picture: String,
    /// The `logo_version` that was read, if it is not in `If-Match`.
    #[schema(example = 1)]
    version: Option<i32>,
}

/// Replaces the logo.
#[utoipa::path(
    put, path = "/v1/organisation/logo", tag = ORGANISATION, request_body = LogoChange,
    security(("token" = ["organise"])), params(IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_logo(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<LogoChange>,
) -> Answer {
    must_be_admin(&caller)?;
    let version = seen.or_needed(request.version)?;
    let file = upload::content(&request.picture).ok_or_else(|| Fault::malformed("picture"))?;
    let picture = Picture::read(file)
        .await
        .map_err(|error| Fault::from(error).under(&NAMES))?;
    let command = organisation::PutLogo {
        key: sent.of(&caller, "put-logo", &(version, &picture.digest))?,
        caller,
        version,
        picture: Some(picture),
    };
    put(&state, command, texts).await
}

/// Removes the logo.
#[utoipa::path(
    delete, path = "/v1/organisation/logo", tag = ORGANISATION, security(("token" = ["organise"])), params(IfMatch),
    responses(
        (status = 200, description = "Removed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn remove_logo(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    let version = seen.needed()?;
    must_be_admin(&caller)?;
    let command = organisation::PutLogo {
        key: sent.of(&caller, "remove-logo", &version)?,
        caller,
        version,
        picture: None,
    };
    put(&state, command, texts).await
}

async fn put(state: &AppState, command: organisation::PutLogo, texts: engine::i18n::Texts) -> Answer {
    let saved = put_logo(&state.database, command, state.now())
        .await
        .map(Described::from)
        .map_err(|error| not_changed(error, Subject::Logo))?;
    Ok(done(StatusCode::OK, texts, "api-changed", saved))
}
