//! Prescriptions, for programs.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Medication, Typed, service};
use crate::{
    appointment::Which,
    i18n::Texts,
    server::{
        AppState,
        rest::{Answer, Authenticated, Body, Id, SentKey, found, made},
    },
};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewPrescription {
    appointment_id: i64,
    medications: Vec<Line>,
    note: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    name: String,
    dose: String,
    frequency: String,
    duration: String,
    note: Option<String>,
}

/// Writes the prescription of an appointment (A4).
pub async fn prescribe(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    texts: Texts,
    Body(request): Body<NewPrescription>,
) -> Answer {
    let key = sent.of(&caller, "prescribe", &request)?;
    let appointment_id = request.appointment_id;
    let typed = Typed {
        medications: request
            .medications
            .into_iter()
            .map(|line| Medication {
                name: line.name,
                dose: line.dose,
                frequency: line.frequency,
                duration: line.duration,
                note: line.note.unwrap_or_default(),
            })
            .collect(),
        note: request.note.unwrap_or_default(),
    };
    let (medications, note) = typed.checked()?;
    let command = service::Prescribe {
        caller,
        which: Which::Id(appointment_id),
        medications: medications.clone(),
        note: note.clone(),
        key,
    };
    let id = service::prescribe(&state.database, command, Timestamp::now()).await?;
    let data = json!({
        "id": id,
        "appointment_id": appointment_id,
        "medications": medications,
        "note": note,
    });
    Ok(made(
        texts,
        "api-prescribed",
        &format!("/api/v1/prescriptions/{id}"),
        data,
    ))
}

/// A prescription, for its patient and its doctor.
pub async fn prescription(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    texts: Texts,
    Id(id): Id,
) -> Answer {
    let prescription = service::find_by_id(&state.database, caller, id).await?;
    let data = json!({
        "id": prescription.id,
        "appointment_id": prescription.appointment_id,
        "medications": prescription.medications,
        "note": prescription.note,
        "written_at": prescription.written_at,
    });
    Ok(found(texts, data))
}
