//! Prescriptions, for programs.

pub mod templates;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    appointment::api::AppointmentData,
    server::{
        AppState,
        api::{
            Answer, Authenticated, Body, Done, Id, Listed, Query, RequestTexts, SentKey, done, found, listed,
            made, number, page_of, paged,
        },
        openapi::{PATIENTS, VISITS},
    },
};
use engine::{
    account::{
        Caller, Role,
        reads::{self, What},
    },
    appointment::AppointmentName,
    error::AppError,
    prescription::{self, Medication, Prescription, Typed},
};

/// A new prescription of an appointment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrescription {
    #[schema(example = 1)]
    appointment_id: i64,
    #[schema(min_items = 1, max_items = 20)]
    medications: Vec<Line>,
    #[schema(max_length = 500, example = "After meals")]
    note: Option<String>,
    /// Shows what would be written, and writes nothing.
    #[serde(default)]
    #[schema(example = false)]
    check: bool,
}

/// A medication.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    #[schema(min_length = 1, max_length = 120, example = "Amoxicillin")]
    name: String,
    /// The amount of one dose.
    #[schema(min_length = 1, max_length = 80, example = "500 mg")]
    dose: String,
    /// The number of doses in a time.
    #[schema(min_length = 1, max_length = 80, example = "three times a day")]
    frequency: String,
    /// The duration of the treatment.
    #[schema(min_length = 1, max_length = 80, example = "7 days")]
    duration: String,
    #[schema(example = "After meals")]
    note: Option<String>,
}

impl From<Line> for Medication {
    fn from(line: Line) -> Self {
        Self {
            name: line.name,
            dose: line.dose,
            frequency: line.frequency,
            duration: line.duration,
            note: line.note.unwrap_or_default(),
        }
    }
}

/// A prescription.
#[derive(Serialize, ToSchema)]
pub struct PrescriptionData {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = 1)]
    appointment_id: i64,
    medications: Vec<MedicationData>,
    #[schema(example = "After meals")]
    note: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    written_at: Option<Timestamp>,
    /// The time since when it is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    withdrawn_at: Option<Timestamp>,
    /// The doctor's reason for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_because: Option<String>,
}

/// What a prescription would say.
#[derive(Serialize, ToSchema)]
pub struct PrescriptionCheck {
    #[schema(example = 1)]
    appointment_id: i64,
    medications: Vec<MedicationData>,
    #[schema(example = "After meals")]
    note: String,
}

/// A prescribed medication.
#[derive(Serialize, ToSchema)]
pub struct MedicationData {
    #[schema(example = "Amoxicillin")]
    name: String,
    #[schema(example = "500 mg")]
    dose: String,
    #[schema(example = "three times a day")]
    frequency: String,
    #[schema(example = "7 days")]
    duration: String,
    #[schema(example = "After meals")]
    note: String,
}

impl From<Medication> for MedicationData {
    fn from(medication: Medication) -> Self {
        let Medication {
            name,
            dose,
            frequency,
            duration,
            note,
        } = medication;
        Self {
            name,
            dose,
            frequency,
            duration,
            note,
        }
    }
}

/// Writes the prescription of an appointment.
///
/// Possible during or after the consultation, while no other prescription stands for the appointment. A text is kept
/// with its white space as single spaces; `check` shows it before anything is written.
#[utoipa::path(
    post, path = "/v1/prescriptions", tag = VISITS, request_body = NewPrescription, security(("token" = ["treat"])),
    responses(
        (status = 200, description = "What would be written, with `check`", body = Done<PrescriptionCheck>),
        (status = 201, description = "Written", body = Done<PrescriptionData>,
         headers(("Location" = String, description = "The path of the prescription"))),
        (status = 409, description = "`PRESCRIPTION_EXISTS`: the appointment has one; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn prescribe(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewPrescription>,
) -> Answer {
    let key = sent.of(&caller, "prescribe", &request)?;
    let appointment_id = request.appointment_id;
    let typed = Typed {
        medications: request.medications.into_iter().map(Into::into).collect(),
        note: request.note.unwrap_or_default(),
    };
    let (medications, note) = typed.checked()?;
    if request.check {
        prescription::may_prescribe(&state.database, caller, AppointmentName::Id(appointment_id)).await?;
        return Ok(done(
            StatusCode::OK,
            texts,
            "api-prescription-checked",
            PrescriptionCheck {
                appointment_id,
                medications: medications.into_iter().map(Into::into).collect(),
                note,
            },
        ));
    }
    let command = prescription::Prescribe {
        caller,
        which: AppointmentName::Id(appointment_id),
        medications: medications.clone(),
        note: note.clone(),
        key,
    };
    let id = prescription::prescribe(&state.database, command, state.now()).await?;
    let data = PrescriptionData {
        id,
        appointment_id,
        medications: medications.into_iter().map(Into::into).collect(),
        note,
        written_at: None,
        withdrawn_at: None,
        withdrawn_because: None,
    };
    Ok(made(
        texts,
        "api-prescribed",
        &format!("/api/v1/prescriptions/{id}"),
        data,
    ))
}

impl From<Prescription> for PrescriptionData {
    fn from(prescription: Prescription) -> Self {
        let (withdrawn_at, withdrawn_because) = prescription
            .withdrawn
            .map(|withdrawn| (withdrawn.at, withdrawn.because))
            .unzip();
        Self {
            withdrawn_at,
            withdrawn_because,
            id: prescription.id,
            appointment_id: prescription.appointment_id,
            medications: prescription.medications.into_iter().map(Into::into).collect(),
            note: prescription.note,
            written_at: Some(prescription.written_at),
        }
    }
}

/// The withdrawal of a prescription.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The reason, which the patient can read.
    #[schema(min_length = 1, max_length = 500, example = "The dose was wrong.")]
    reason: String,
}

/// Withdraws a prescription.
///
/// It is kept and void from now on, and its appointment can have another one. Only the doctor who wrote it can do this,
/// and only once.
#[utoipa::path(
    post, path = "/v1/prescriptions/{id}/withdraw", tag = VISITS, request_body = Withdrawal,
    security(("token" = ["treat"])),
    params(("id" = i64, Path, description = "The id of a prescription")),
    responses(
        (status = 200, description = "Withdrawn", body = Done<PrescriptionData>),
        (status = 409, description = "`PRESCRIPTION_WITHDRAWN`: it is void already; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn withdraw_prescription(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Id(id): Id,
    Body(request): Body<Withdrawal>,
) -> Answer {
    let command = prescription::Withdraw {
        key: sent.of(&caller, "withdraw-prescription", &(id, &request))?,
        caller: caller.clone(),
        prescription_id: id,
        reason: request.reason,
    };
    prescription::withdraw(&state.database, command, state.now()).await?;
    let withdrawn = prescription::find_by_id(&state.database, caller, id).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-prescription-withdrawn",
        PrescriptionData::from(withdrawn),
    ))
}

/// A search for prescriptions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The id of a patient.
    #[param(value_type = Option<i64>)]
    patient: Option<String>,
    /// The id of an appointment.
    #[param(value_type = Option<i64>)]
    appointment: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// Lists prescriptions, newest first, also those that were withdrawn.
///
/// Patients see their own, doctors those that they wrote.
#[utoipa::path(
    get, path = "/v1/prescriptions", tag = VISITS, params(Filter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of prescriptions", body = Listed<PrescriptionData>)),
)]
pub async fn prescriptions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<Filter>,
) -> Answer {
    let limit = page_of(filter.limit.as_deref())?;
    let wanted = prescription::Listing {
        patient_id: number("patient", filter.patient.as_deref())?,
        appointment_id: number("appointment", filter.appointment.as_deref())?,
        before: number("cursor", filter.cursor.as_deref())?,
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let written = prescription::listing(&state.database, caller, wanted).await?;
    let (written, next) = paged(written, limit, |last| last.id.to_string());
    Ok(listed(
        texts,
        written.into_iter().map(PrescriptionData::from).collect(),
        next,
    ))
}

/// An appointment of a patient, with its prescription.
#[derive(Serialize, ToSchema)]
pub struct VisitHistory {
    appointment: AppointmentData,
    prescription: Option<PrescriptionData>,
}

/// Lists a patient's visits to the calling doctor: the newest 200, newest first.
#[utoipa::path(
    get, path = "/v1/patients/{id}/visits", tag = PATIENTS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses((status = 200, description = "Appointments with their prescriptions", body = Done<Vec<VisitHistory>>)),
)]
pub async fn patient_visits(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Id(id): Id,
) -> Answer {
    let Caller::Doctor { doctor_id, .. } = caller else {
        return Err(AppError::Forbidden.into());
    };
    let now = state.now();
    let history = prescription::history(&state.database, doctor_id, id).await?;
    reads::record(&state.database, &caller, What::History, [id], now).await;
    let visits: Vec<VisitHistory> = history
        .into_iter()
        .map(|(item, prescription)| VisitHistory {
            appointment: AppointmentData::new(item, Role::Doctor, now),
            prescription: prescription.map(Into::into),
        })
        .collect();
    Ok(found(texts, visits))
}

/// Returns a prescription to its patient or its doctor.
#[utoipa::path(
    get, path = "/v1/prescriptions/{id}", tag = VISITS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a prescription")),
    responses((status = 200, description = "The prescription", body = Done<PrescriptionData>)),
)]
pub async fn prescription(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Id(id): Id,
) -> Answer {
    let prescription = prescription::find_by_id(&state.database, caller, id).await?;
    Ok(found(texts, PrescriptionData::from(prescription)))
}
