//! Which doctors there are, and whether patients can book them.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::stale::not_changed;
use super::{Described, order};
use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Body, Done, Id, IfMatch, Query, RequestTexts, SentKey, done, found,
        yes_or_no,
    },
    openapi::ORGANISATION,
};
use engine::{
    account::{DoctorAccount, SetActive, doctors, set_doctor_active},
    organisation::{Subject, must_be_admin},
};

/// Whether patients shall be able to book a doctor.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityChange {
    active: bool,
    /// The version of the doctor that was seen, where `If-Match` does not say it.
    #[schema(example = 3)]
    version: Option<i32>,
}

/// Lets patients book a doctor, or no longer.
///
/// What was booked stays booked.
#[utoipa::path(
    put, path = "/v1/doctors/{id}/activity", tag = ORGANISATION, request_body = ActivityChange,
    security(("token" = ["organise"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed the doctor since, as `details` tell; \
                                      `IDEMPOTENCY_CONFLICT`; or one to send again"),
    ),
)]
pub async fn change_activity(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(doctor_id): Id,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<ActivityChange>,
) -> Answer {
    must_be_admin(&caller)?;
    let version = seen.or_needed(request.version)?;
    let command = SetActive {
        key: sent.of(&caller, "set-doctor-active", &(doctor_id, version, &request))?,
        caller,
        doctor_id,
        active: request.active,
        version,
    };
    let version = set_doctor_active(&state.database, command, Timestamp::now())
        .await
        .map_err(|error| not_changed(error, Subject::Doctor(doctor_id)))?;
    let data = Described {
        id: doctor_id,
        version,
    };
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}

/// A doctor in the list of all.
#[derive(Serialize, ToSchema)]
pub struct DoctorAccountData {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = 3)]
    version: i32,
    /// Whether patients can book.
    active: bool,
    name: String,
    speciality: String,
    email: String,
    /// The names of the clinics where they offer something.
    clinics: Vec<String>,
    /// How many requests and confirmed appointments are still ahead.
    coming: i64,
}

impl From<DoctorAccount> for DoctorAccountData {
    fn from(doctor: DoctorAccount) -> Self {
        Self {
            id: doctor.id,
            version: doctor.version,
            active: doctor.active,
            name: doctor.name,
            speciality: doctor.speciality,
            email: doctor.email,
            clinics: doctor.clinics,
            coming: doctor.coming,
        }
    }
}

/// Which doctors are looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// Whether patients can book.
    #[param(value_type = Option<bool>)]
    active: Option<String>,
    /// `name` where nothing is said; a minus sign turns it around.
    #[param(pattern = "^-?(name|coming)$", example = "-coming")]
    sort: Option<String>,
}

/// Every doctor, whether or not patients can book them.
#[utoipa::path(
    get, path = "/v1/admin/doctors", tag = ORGANISATION, params(AccountFilter), security(("token" = ["read"])),
    responses((status = 200, description = "Doctors", body = Done<Vec<DoctorAccountData>>)),
)]
pub async fn all_doctors(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<AccountFilter>,
) -> Answer {
    must_be_admin(&caller)?;
    let (place, is_backwards) = order(filter.sort.as_deref(), &["name", "coming"])?;
    let active = yes_or_no("active", filter.active.as_deref())?;
    let mut doctors = doctors(&state.database, Timestamp::now()).await?;
    doctors.retain(|doctor| active.is_none_or(|active| active == doctor.active));
    doctors.sort_by(|one, other| {
        let order = match place {
            1 => one.coming.cmp(&other.coming),
            _ => one.name.cmp(&other.name),
        };
        let order = if is_backwards { order.reverse() } else { order };
        order.then(one.id.cmp(&other.id))
    });
    let doctors: Vec<DoctorAccountData> = doctors.into_iter().map(DoctorAccountData::from).collect();
    Ok(found(texts, doctors))
}
