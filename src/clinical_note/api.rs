//! Clinical notes, for the programs of doctors.

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{
        Answer, AppointmentInPath, Authenticated, Body, Done, Fault, Id, RequestTexts, SentKey, done, found,
    },
    openapi::{PATIENTS, VISITS},
};
use engine::{
    account::Caller,
    appointment::AppointmentName,
    clinical_note::{self, Note, Noted, Version, WriteNote},
    error::{AppError, Field},
};

/// A clinical note, which the doctor of an appointment wrote.
#[derive(Serialize, ToSchema)]
pub struct ClinicalNote {
    /// The version that holds; 0 if nothing was noted yet.
    #[schema(example = 2)]
    version: i32,
    #[schema(example = "Cough for two weeks; no fever.")]
    text: String,
    /// Every version, newest first.
    versions: Vec<NoteVersion>,
}

/// A version of a clinical note.
#[derive(Serialize, ToSchema)]
pub struct NoteVersion {
    #[schema(example = 2)]
    version: i32,
    #[schema(example = "dr. Sari Wijaya")]
    written_by: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:10:00Z")]
    written_at: Timestamp,
    #[schema(example = "Cough for two weeks; no fever.")]
    text: String,
}

/// What holds of the clinical note of an appointment of a patient.
#[derive(Serialize, ToSchema)]
pub struct PatientNote {
    #[schema(example = 1)]
    appointment_id: i64,
    #[schema(example = 1)]
    doctor_id: i64,
    #[schema(example = "dr. Sari Wijaya")]
    doctor_name: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    starts_at: Timestamp,
    note: NoteVersion,
}

impl From<Version> for NoteVersion {
    fn from(version: Version) -> Self {
        Self {
            version: version.version,
            written_by: version.written_by,
            written_at: version.written_at,
            text: version.text,
        }
    }
}

impl From<Note> for ClinicalNote {
    fn from(note: Note) -> Self {
        Self {
            version: note.version(),
            text: note.text().to_owned(),
            versions: note.versions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Noted> for PatientNote {
    fn from(noted: Noted) -> Self {
        Self {
            appointment_id: noted.appointment_id,
            doctor_id: noted.doctor_id,
            doctor_name: noted.doctor_name,
            starts_at: noted.starts_at,
            note: noted.note.into(),
        }
    }
}

/// Refuses everybody but doctors.
fn must_be_doctor(caller: &Caller) -> Result<(), AppError> {
    match caller {
        Caller::Doctor { .. } => Ok(()),
        Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. } => Err(AppError::Forbidden),
    }
}

/// Returns the clinical note of an appointment with all its versions.
///
/// For doctors who have to do with its patient. That it was read is recorded.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/clinical-note", tag = VISITS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The note; empty, with version 0, if nothing was noted", body = Done<ClinicalNote>)),
)]
pub async fn clinical_note(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    must_be_doctor(&caller)?;
    let note = clinical_note::read(&state.database, caller, which, state.now()).await?;
    Ok(found(texts, ClinicalNote::from(note)))
}

/// A new version of a clinical note.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// The whole note; an empty one takes it out. Every version is kept.
    #[schema(max_length = 5000, example = "Cough for two weeks; no fever.")]
    text: String,
    /// The version that the caller has read; 0 if there was none.
    #[schema(minimum = 0, example = 1)]
    version: i32,
}

/// Writes the clinical note of an appointment anew.
///
/// For the doctor of the appointment. The patient, the desk and admins never read it.
#[utoipa::path(
    put, path = "/v1/appointments/{id}/clinical-note", tag = VISITS, request_body = NewNote, security(("token" = ["treat"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "Written", body = Done<ClinicalNote>),
        (status = 409, description = "`STALE_VERSION`: it was written since, and has to be read again; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn write_clinical_note(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewNote>,
) -> Answer {
    must_be_doctor(&caller)?;
    let name = match &which {
        AppointmentName::Id(id) => id.to_string(),
        AppointmentName::Reference(reference) => reference.clone(),
    };
    let command = WriteNote {
        key: sent.of(&caller, "clinical-note", &(name, &request))?,
        caller: caller.clone(),
        which: which.clone(),
        version: request.version,
        text: request.text,
    };
    clinical_note::write(&state.database, command, state.now())
        .await
        .map_err(|error| Fault::from(error).under(&[(Field::ClinicalNote, "text")]))?;
    let note = clinical_note::read(&state.database, caller, which, state.now()).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-changed",
        ClinicalNote::from(note),
    ))
}

/// Lists what holds of the clinical notes of a patient's appointments, of whatever doctor: the newest 200, newest first.
///
/// For doctors who have to do with the patient. That they were read is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{id}/clinical-notes", tag = PATIENTS, security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of a patient")),
    responses((status = 200, description = "Notes", body = Done<Vec<PatientNote>>)),
)]
pub async fn clinical_notes(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    must_be_doctor(&caller)?;
    let noted = clinical_note::of_patient(&state.database, caller, id, state.now()).await?;
    let noted: Vec<PatientNote> = noted.into_iter().map(Into::into).collect();
    Ok(found(texts, noted))
}
