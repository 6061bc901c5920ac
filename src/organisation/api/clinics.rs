//! A clinic, where patients are seen.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::put::{Request, put};
use super::{Described, described, is_admin, order};
use crate::{
    schedule::api::ChangeData,
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Fault, Id, IfMatch, OptionalCaller, Query, RequestTexts,
            SentKey, done, found, found_version, made,
        },
        openapi::ORGANISATION,
    },
};
use engine::{
    error::Field,
    organisation::{self, Clinic, Versioned as Read, form::Filled},
};

described! {
    /// A clinic, where patients are seen.
    #[schema(example = json!({
        "name": "Klinik Sehat", "address": "Jl. Melati 5", "city": "Jakarta", "phone": "+62 21 555 0100",
        "time_zone": "Asia/Jakarta"
    }))]
    NewClinic,
    /// The new description of a clinic.
    #[schema(example = json!({
        "name": "Klinik Sehat", "address": "Jl. Melati 5", "city": "Jakarta", "phone": "+62 21 555 0100",
        "time_zone": "Asia/Jakarta", "version": 1
    }))]
    ClinicChange,
    {
        /// The name, which no other clinic has.
        #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
        name: String,
        #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
        address: String,
        #[schema(min_length = 1, max_length = 200, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
        city: String,
        #[schema(
            min_length = 1, max_length = 40, pattern = r"[^\s\x00-\x1f\x7f-\x9f]", example = "+6281255500101"
        )]
        phone: String,
        /// The IANA name of the time zone of the clinic's schedules.
        #[schema(example = "Asia/Jakarta")]
        time_zone: String,
    }
}

/// The call's own names of inputs that the form calls otherwise.
const NAMES: [(Field, &str); 2] = [(Field::Title, "name"), (Field::ClinicPhone, "phone")];

impl Request for NewClinic {
    type Description = Clinic;

    const CALL: &'static str = "put-clinic";
    const NAMES: &'static [(Field, &'static str)] = &NAMES;

    fn read(&self) -> Result<Clinic, Fault> {
        Filled::default()
            .with(Field::Title.name(), &*self.name)
            .with(Field::Address.name(), &*self.address)
            .with(Field::City.name(), &*self.city)
            .with(Field::ClinicPhone.name(), &*self.phone)
            .with(Field::TimeZone.name(), &*self.time_zone)
            .clinic()
            .map_err(|errors| Fault::of_inputs(&errors, &NAMES))
    }
}

/// A clinic, where patients are seen.
#[derive(Serialize, ToSchema)]
pub struct ClinicDescription {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change increments and names.
    #[schema(example = 3)]
    version: i32,
    name: String,
    address: String,
    city: String,
    #[schema(example = "+6281255500101")]
    phone: String,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    /// The number of doctors who work there; for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    doctors: Option<i64>,
    /// The last change, if there is one; for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_change: Option<ChangeData>,
}

fn of_clinic(read: Read<Clinic>, for_admin: bool) -> ClinicDescription {
    ClinicDescription {
        id: read.id,
        version: read.version,
        name: read.what.name,
        address: read.what.address,
        city: read.what.city,
        phone: read.what.phone,
        time_zone: read.what.time_zone,
        doctors: for_admin.then_some(read.doctors),
        last_change: read.last_change.filter(|_| for_admin).map(ChangeData::from),
    }
}

/// A search for clinics.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClinicFilter {
    /// The name of a city.
    city: Option<String>,
    /// `name` by default; a minus sign reverses the order.
    #[param(pattern = "^-?(name|city)$", example = "-city")]
    sort: Option<String>,
}

/// A clinic, where patients are seen.
#[utoipa::path(
    get, path = "/v1/clinics", tag = ORGANISATION, params(ClinicFilter), security((), ("token" = ["read"])),
    responses((status = 200, description = "Clinics", body = Done<Vec<ClinicDescription>>)),
)]
pub async fn clinics(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<ClinicFilter>,
) -> Answer {
    // public: patients go there.
    let for_admin = is_admin(caller.as_ref());
    let (place, is_backwards) = order(filter.sort.as_deref(), &["name", "city"])?;
    let mut clinics = organisation::clinics(&state.database).await?;
    clinics.retain(|clinic| filter.city.as_ref().is_none_or(|city| *city == clinic.what.city));
    clinics.sort_by(|one, other| {
        let (this, that) = (&one.what, &other.what);
        let order = match place {
            1 => this.city.cmp(&that.city),
            _ => this.name.cmp(&that.name),
        };
        let order = if is_backwards { order.reverse() } else { order };
        order.then(one.id.cmp(&other.id))
    });
    let clinics: Vec<ClinicDescription> = clinics
        .into_iter()
        .map(|clinic| of_clinic(clinic, for_admin))
        .collect();
    Ok(found(texts, clinics))
}

/// Returns a clinic.
#[utoipa::path(
    get, path = "/v1/clinics/{id}", tag = ORGANISATION, security((), ("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a clinic")),
    responses((status = 200, description = "The clinic; its version is in the `ETag`", body = Done<ClinicDescription>)),
)]
pub async fn clinic(
    State(state): State<AppState>,
    OptionalCaller(caller): OptionalCaller,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    // public: so is the list.
    let clinic = organisation::clinic(&state.database, id).await?;
    let version = clinic.version;
    let data = of_clinic(clinic, is_admin(caller.as_ref()));
    Ok(found_version(texts, data, version))
}

/// Adds a clinic.
#[utoipa::path(
    post, path = "/v1/clinics", tag = ORGANISATION, request_body = NewClinic, security(("token" = ["organise"])),
    responses(
        (status = 201, description = "Added", body = Done<Described>,
         headers(("Location" = String, description = "The path of the clinic"))),
    ),
)]
pub async fn add_clinic(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewClinic>,
) -> Answer {
    let saved = put(&state, caller, &sent, None, &request).await?;
    let location = format!("/api/v1/clinics/{}", saved.id);
    Ok(made(texts, "api-organisation-added", &location, saved))
}

/// Replaces the description of a clinic.
///
/// Appointments keep their moments in time; schedules follow the clock of the clinic.
#[utoipa::path(
    put, path = "/v1/clinics/{id}", tag = ORGANISATION, request_body = ClinicChange, security(("token" = ["organise"])),
    params(("id" = i64, Path, description = "The id of a clinic"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_clinic(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<ClinicChange>,
) -> Answer {
    let (request, version) = request.split();
    let which = (id, seen.or_needed(version)?);
    let saved = put(&state, caller, &sent, Some(which), &request).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", saved))
}
