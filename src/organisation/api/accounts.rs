//! The calls for the accounts of doctors.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::stale::not_changed;
use super::{Described, order};
use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Done, Edit, IfMatch, Query, RequestTexts, done, found, versioned, yes_or_no,
    },
    openapi::ORGANISATION,
};
use engine::organisation::{DoctorAccount, SetActive, Subject, doctors, must_be_admin, set_doctor_active};

/// Whether patients can book a doctor.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityChange {
    active: bool,
    /// The version of the doctor that was read, if it is not in `If-Match`.
    #[schema(example = 3)]
    version: Option<i32>,
}

versioned!(ActivityChange);

/// Sets whether patients can book a doctor.
///
/// Appointments that are booked stay booked.
#[utoipa::path(
    put, path = "/v1/doctors/{id}/activity", tag = ORGANISATION, request_body = ActivityChange,
    security(("token" = ["organise"])),
    params(("id" = i64, Path, description = "The id of a doctor"), IfMatch),
    responses(
        (status = 200, description = "Changed", body = Done<Described>),
        (status = 409, description = "`STALE_VERSION`: somebody changed the doctor since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_activity(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    edit: Edit<ActivityChange>,
) -> Answer {
    must_be_admin(&edit.caller)?;
    let doctor_id = edit.id;
    let command = SetActive {
        key: edit.key("set-doctor-active")?,
        version: edit.version()?,
        caller: edit.caller,
        doctor_id,
        active: edit.body.active,
    };
    let version = set_doctor_active(&state.database, command, state.now())
        .await
        .map_err(|error| not_changed(error, Subject::Doctor(doctor_id)))?;
    let data = Described {
        id: doctor_id,
        version,
    };
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}

/// A doctor in the list of all accounts.
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
    /// The names of the clinics where the doctor works.
    clinics: Vec<String>,
    /// The number of requests and confirmed appointments that are still ahead.
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

/// A search for doctors.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// Whether patients can book.
    #[param(value_type = Option<bool>)]
    active: Option<String>,
    /// `name` by default; a minus sign reverses the order.
    #[param(pattern = "^-?(name|coming)$", example = "-coming")]
    sort: Option<String>,
}

/// Lists all doctors, also those whom patients cannot book.
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
    let mut doctors = doctors(&state.database, state.now()).await?;
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
