//! The calls for who of the staff has to do with a patient, and who has read what.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Body, Done, Id, Listed, Nothing, Query, RequestTexts, done, listed, number,
        only_admins, page_of, paged,
    },
    openapi::PATIENTS,
};
use engine::{
    account::{
        Caller,
        acquaintance::{self, Gift},
        number,
        reads::{self, Read},
    },
    error::AppError,
};

/// A doctor to whom a patient is given.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    #[schema(example = 1)]
    doctor_id: i64,
}

impl Recipient {
    fn gift(&self, caller: &Caller, patient_id: i64) -> Result<Gift, AppError> {
        Ok(Gift {
            staff_id: caller.staff_id().ok_or(AppError::Forbidden)?,
            patient_id,
            doctor_id: self.doctor_id,
        })
    }
}

/// Gives a patient to a doctor.
///
/// For admins of all clinics. The doctor may book and read the patient from now on. It can be repeated.
#[utoipa::path(
    post, path = "/v1/patients/{id}/give", tag = PATIENTS, request_body = Recipient, security(("token" = ["book"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses((status = 200, description = "Given, now or before", body = Done<Nothing>)),
)]
pub async fn give(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Recipient>,
) -> Answer {
    only_admins(&caller)?;
    let gift = request.gift(&caller, id)?;
    acquaintance::give(&state.database, gift, state.now()).await?;
    tracing::info!(
        staff.id = gift.staff_id,
        patient.id = id,
        doctor.id = gift.doctor_id,
        "a patient was given to a doctor"
    );
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// Takes a patient back from a doctor.
///
/// For admins of all clinics. Also where the doctor typed the phone. Who was booked by the patient
/// keeps what they have to do with the patient. It can be repeated.
#[utoipa::path(
    post, path = "/v1/patients/{id}/take-back", tag = PATIENTS, request_body = Recipient, security(("token" = ["book"])),
    extensions(("x-no-key" = json!(true))),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses((status = 200, description = "Taken back, now or before", body = Done<Nothing>)),
)]
pub async fn take_back(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Recipient>,
) -> Answer {
    only_admins(&caller)?;
    let gift = request.gift(&caller, id)?;
    acquaintance::take_back(&state.database, gift).await?;
    tracing::info!(
        staff.id = gift.staff_id,
        patient.id = id,
        doctor.id = gift.doctor_id,
        "a patient was taken back from a doctor"
    );
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// Confirms that the phone number of a patient is still theirs.
///
/// For admins of all clinics. Where the clinic has said for how many days that counts, a code opens everything again from now
/// on. It can be repeated.
#[utoipa::path(
    post, path = "/v1/patients/{id}/confirm-number", tag = PATIENTS, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses((status = 200, description = "Confirmed", body = Done<Nothing>)),
)]
pub async fn confirm_number(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    only_admins(&caller)?;
    number::confirm_number(&state.database, &caller, id, state.now()).await?;
    tracing::info!(
        staff.id = caller.staff_id(),
        patient.id = id,
        "an admin confirmed the number of a patient"
    );
    Ok(done(StatusCode::OK, texts, "api-changed", Nothing))
}

/// A page of the record of reads.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// A record that a member of staff read data of a patient.
#[derive(Serialize, ToSchema)]
pub struct ReadData {
    #[schema(example = 1)]
    id: i64,
    /// When it was read first in its hour; in its day for `list`.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    read_at: Timestamp,
    #[schema(example = 1)]
    staff_id: i64,
    #[schema(example = "dr. Sari Wijaya")]
    staff_name: String,
    /// `patient` (name and phone), `phone` (who has it), `appointment`, `history` (visits and prescriptions) or `list`.
    #[schema(example = "appointment")]
    what: String,
}

impl From<Read> for ReadData {
    fn from(read: Read) -> Self {
        Self {
            id: read.id,
            read_at: read.read_at,
            staff_id: read.staff_id,
            staff_name: read.staff_name,
            what: read.what,
        }
    }
}

/// Lists which members of staff have read data of a patient, newest first.
///
/// For admins; those of named clinics, about patients of these.
#[utoipa::path(
    get, path = "/v1/patients/{id}/reads", tag = PATIENTS, params(Filter, ("id" = i64, Path, description = "The id of a patient")),
    security(("token" = ["read"])),
    responses((status = 200, description = "A page of the record", body = Listed<ReadData>)),
)]
pub async fn reads(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<Filter>,
) -> Answer {
    only_admins(&caller)?;
    let limit = page_of(filter.limit.as_deref())?;
    let before = number("cursor", filter.cursor.as_deref())?;
    // One more shows whether there is another page.
    let read = reads::of_patient(&state.database, id, before, limit + 1).await?;
    let (read, next) = paged(read, limit, |last| last.id.to_string());
    Ok(listed(
        texts,
        read.into_iter().map(ReadData::from).collect(),
        next,
    ))
}
