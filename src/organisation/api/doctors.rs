//! Doctors, as admins see and describe them.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stale::not_changed;
use super::{Described, offers::OfferData};
use crate::{
    schedule::api::{BAD_DATES, ChangeData, WeekHours},
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Edit, Fault, Id, IfMatch, RequestTexts, SentKey, done,
            found_version, made, unit, versioned,
        },
        openapi::ORGANISATION,
    },
};
use engine::{
    availability::Weekly,
    error::{AppError, Field, FieldProblem},
    organisation::{
        self, AddDoctor, DoctorDetails, EditDoctor, Profile, Subject,
        form::{Filled, LANGUAGES},
        must_be_admin,
    },
    schedule::Act,
};

/// A language tag (RFC 5646).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9]{2,3}(-[A-Za-z0-9]{2,8})*$", example = "id")]
pub struct Language(String);

/// The call's own names of inputs that the form calls otherwise.
const NAMES: [(Field, &str); 5] = [
    (Field::Title, "name"),
    (Field::NewPassword, "password"),
    (Field::Clinic, "clinic_id"),
    (Field::Hours, "week"),
    (Field::Day, "week"),
];

/// The profile in a request for a new doctor or a change.
struct ProfileInput<'a> {
    name: &'a str,
    speciality: &'a str,
    about: &'a str,
    languages: &'a [Language],
    email: &'a str,
    password: Option<&'a str>,
}

impl ProfileInput<'_> {
    /// Parses the profile by the rules of the form, and returns all errors.
    fn read(&self) -> (Result<Profile, Vec<AppError>>, Result<Option<String>, AppError>) {
        let filled = Filled::default()
            .with(Field::Title.name(), self.name)
            .with(Field::Speciality.name(), self.speciality)
            .with(Field::About.name(), self.about)
            .with(Field::Email.name(), self.email)
            .with(Field::NewPassword.name(), self.password.unwrap_or_default())
            .tick(
                LANGUAGES,
                self.languages.iter().map(|language| language.0.clone()),
            );
        let mut profile = filled.profile();
        // The form forgives what nobody chose.
        let is_bare = |Language(code): &Language| !code.is_empty() && code.trim() == code;
        if profile.is_ok() && !self.languages.iter().all(is_bare) {
            profile = Err(vec![AppError::invalid(Field::Languages, FieldProblem::Malformed)]);
        }
        let password = self.password.map(|_| filled.new_password()).transpose();
        (profile, password)
    }
}

/// A new doctor: profile, account, services and hours.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Dr Ayu Lestari", "speciality": "Dermatology", "languages": ["id", "en"], "email": "ayu@clinic.example",
    "password": "a first password", "clinic_id": 1, "services": [1],
    "week": [{"weekday": "monday", "from": "09:00", "until": "17:00"}]
}))]
pub struct NewDoctor {
    #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
    name: String,
    #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
    speciality: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    about: String,
    #[serde(default)]
    #[schema(max_items = 20)]
    languages: Vec<Language>,
    /// The e-mail address for signing in, which no other account has.
    #[schema(min_length = 3, max_length = 200, pattern = "^[!-?A-~]+@[!-?A-~]+$")]
    email: String,
    /// The first password.
    #[serde(serialize_with = "unit")]
    #[schema(min_length = 12, max_length = 200, write_only)]
    password: String,
    #[schema(example = 1)]
    clinic_id: i64,
    /// The ids of the services that the doctor offers there.
    #[schema(min_items = 1)]
    services: Vec<i64>,
    /// The hours of a week there.
    #[schema(min_items = 1, max_items = 100)]
    week: Vec<WeekHours>,
}

impl NewDoctor {
    fn read(&self) -> Result<(organisation::NewDoctor, String), Fault> {
        let said = ProfileInput {
            name: &self.name,
            speciality: &self.speciality,
            about: &self.about,
            languages: &self.languages,
            email: &self.email,
            password: Some(&self.password),
        };
        let (profile, password) = said.read();
        let mut services = self.services.clone();
        services.sort_unstable();
        services.dedup();
        let week: Vec<Weekly> = self.week.iter().copied().map(Weekly::from).collect();
        let mut errors = Vec::new();
        if services.is_empty() {
            errors.push(AppError::invalid(Field::Services, FieldProblem::Missing));
        }
        if week.is_empty() {
            errors.push(AppError::invalid(Field::Day, FieldProblem::Missing));
        }
        let (profile, password) = match (profile, password, errors.is_empty()) {
            (Ok(profile), Ok(password), true) => (profile, password.unwrap_or_default()),
            (profile, password, _) => {
                let of_form = profile.err().unwrap_or_default();
                let all: Vec<AppError> = of_form.into_iter().chain(password.err()).chain(errors).collect();
                return Err(Fault::of_inputs(&all, &NAMES));
            }
        };
        // It is held to what every week is held to.
        let act = Act::Week {
            clinic_id: self.clinic_id,
            week: week.clone(),
        };
        act.checked().map_err(|error| {
            Fault::from(error)
                .under(&NAMES)
                .worded(AppError::InvalidDateRange, BAD_DATES)
        })?;
        let doctor = organisation::NewDoctor {
            profile,
            clinic_id: self.clinic_id,
            services,
            week,
        };
        Ok((doctor, password))
    }
}

/// Adds a doctor who can be booked at once: with an account, with services at a clinic and the hours of a week there.
#[utoipa::path(
    post, path = "/v1/doctors", tag = ORGANISATION, request_body = NewDoctor, security(("token" = ["sign-in"])),
    responses(
        (status = 201, description = "Added", body = Done<Described>,
         headers(("Location" = String, description = "The path of the doctor"))),
        (status = 400, description = "`INVALID_DATE_RANGE`: the last date of some hours is before their first date"),
    ),
)]
pub async fn add_doctor(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewDoctor>,
) -> Answer {
    must_be_admin(&caller)?;
    let key = sent.of_secret(&caller, "add-doctor", &request, &request.password)?;
    let (doctor, password) = request.read()?;
    let command = AddDoctor {
        caller,
        doctor,
        password,
        key,
    };
    let saved = organisation::add_doctor(&state.database, command, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&NAMES))?;
    let location = format!("/api/v1/doctors/{}", saved.id);
    Ok(made(
        texts,
        "api-organisation-added",
        &location,
        Described::from(saved),
    ))
}

/// The profile of a doctor, for admins.
#[derive(Serialize, ToSchema)]
pub struct ProfileData {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change increments, also of the schedule, and names.
    #[schema(example = 3)]
    version: i32,
    /// Whether patients can book.
    active: bool,
    name: String,
    speciality: String,
    about: String,
    languages: Vec<Language>,
    /// The e-mail address for signing in.
    email: String,
    offers: Vec<OfferData>,
    /// The next free times of each offer.
    next: Vec<NextTimes>,
    /// The last change, if there is one.
    last_change: Option<ChangeData>,
}

/// The next free times of an offer.
#[derive(Serialize, ToSchema)]
pub struct NextTimes {
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = 1)]
    service_id: i64,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    key: String,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    #[schema(value_type = Vec<String>)]
    times: Vec<Timestamp>,
}

impl From<DoctorDetails> for ProfileData {
    fn from(desk: DoctorDetails) -> Self {
        let DoctorDetails {
            id,
            version,
            active,
            profile,
            offers,
            next,
            last_change,
        } = desk;
        Self {
            id,
            version,
            active,
            name: profile.name,
            speciality: profile.speciality,
            about: profile.about,
            languages: profile.languages.into_iter().map(Language).collect(),
            email: profile.email,
            offers: offers.into_iter().map(OfferData::from).collect(),
            next: next
                .into_iter()
                .map(|next| NextTimes {
                    clinic_id: next.offering.clinic_id,
                    service_id: next.offering.service_id,
                    key: next.offering.service_key,
                    time_zone: next.offering.zone_name,
                    times: next.times,
                })
                .collect(),
            last_change: last_change.map(ChangeData::from),
        }
    }
}

/// Returns the profile of a doctor, active or not.
#[utoipa::path(
    get, path = "/v1/doctors/{id}/profile", tag = ORGANISATION, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a doctor")),
    responses((status = 200, description = "The doctor; the version is in the `ETag`", body = Done<ProfileData>)),
)]
pub async fn profile(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    must_be_admin(&caller)?;
    let desk = organisation::doctor_details(&state.database, id, state.now()).await?;
    let version = desk.version;
    Ok(found_version(texts, ProfileData::from(desk), version))
}

/// The new profile of a doctor.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Dr Ayu Lestari", "speciality": "Dermatology", "about": "", "languages": ["id", "en"],
    "email": "ayu@clinic.example", "version": 1
}))]
pub struct ProfileChange {
    #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
    name: String,
    #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
    speciality: String,
    #[schema(max_length = 2000)]
    about: String,
    #[schema(max_items = 20)]
    languages: Vec<Language>,
    /// The e-mail address for signing in, which no other account has.
    #[schema(min_length = 3, max_length = 200, pattern = "^[!-?A-~]+@[!-?A-~]+$")]
    email: String,
    /// A new password, which ends all sessions and tokens of the doctor. If it is missing, the password stays.
    #[serde(serialize_with = "unit")]
    #[schema(min_length = 12, max_length = 200, write_only)]
    password: Option<String>,
    /// The password of the caller, which is asked for again where the e-mail address or the password changes.
    #[serde(serialize_with = "unit")]
    #[schema(max_length = 200, write_only)]
    own_password: Option<String>,
    /// The version that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
}

versioned!(ProfileChange);

/// Replaces the profile of a doctor, and what they sign in with.
#[utoipa::path(
    put, path = "/v1/doctors/{id}/profile", tag = ORGANISATION, request_body = ProfileChange, security(("token" = ["sign-in"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_profile(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<ProfileChange>,
) -> Answer {
    must_be_admin(&edit.caller)?;
    let secret = edit.body.password.as_deref().unwrap_or_default();
    let (key, version) = (edit.key_of_secret("edit-doctor", secret)?, edit.version()?);
    let (doctor_id, request) = (edit.id, edit.body);
    let said = ProfileInput {
        name: &request.name,
        speciality: &request.speciality,
        about: &request.about,
        languages: &request.languages,
        email: &request.email,
        password: request.password.as_deref(),
    };
    let (profile, password) = match said.read() {
        (Ok(profile), Ok(password)) => (profile, password),
        (profile, password) => {
            let of_form = profile.err().unwrap_or_default();
            let all: Vec<AppError> = of_form.into_iter().chain(password.err()).collect();
            return Err(Fault::of_inputs(&all, &NAMES));
        }
    };
    let command = EditDoctor {
        caller: edit.caller,
        doctor_id,
        version,
        profile,
        password,
        own_password: request.own_password,
        limits: state.config.limits,
        key,
    };
    let saved = organisation::edit_doctor(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, Subject::Doctor(doctor_id)).under(&NAMES))?;
    Ok(done(StatusCode::OK, texts, "api-changed", Described::from(saved)))
}
