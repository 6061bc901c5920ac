//! The form of the card of a patient. What was typed into one that could not be done is kept in the session.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::{Caller, storable},
    desk::{self, SaveCard as Command},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    time,
};
use jiff::civil;

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "patient-card";

/// The card as it was typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub name: String,
    pub birthday: String,
    pub note: String,
}

/// The page of a patient, for this caller.
pub(super) fn path_of(caller: &Caller, patient_id: i64) -> String {
    match caller {
        Caller::Doctor { .. } => format!("/doctor/patients/{patient_id}"),
        _ => format!("/admin/patients/{patient_id}"),
    }
}

/// Reads a birthday; an empty one is none.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub(super) fn birthday(text: &str) -> Result<Option<civil::Date>, AppError> {
    match text.trim() {
        "" => Ok(None),
        text => time::date(text)
            .map(Some)
            .ok_or(AppError::invalid(Field::Birthday, FieldProblem::Malformed)),
    }
}

/// Changes the name, the birthday and the note of a patient.
#[server(prefix = "/form", endpoint = "save-card")]
pub async fn save_card(
    patient: i64,
    version: i32,
    #[server(default)] name: String,
    #[server(default)] birthday: String,
    #[server(default)] desk_note: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    if caller.staff_id().is_none() {
        return Err(AppError::NotFound);
    }
    let state = expect_context::<AppState>();
    let typed = Typed {
        name: storable(&name),
        birthday: storable(&birthday),
        note: storable(&desk_note),
    };
    let attempt = async {
        let command = Command {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "save-card",
                &patient.to_string(),
                &(version, &typed),
            )?,
            caller: caller.clone(),
            patient_id: patient,
            version,
            birthday: self::birthday(&typed.birthday)?,
            name,
            note: desk_note,
        };
        desk::save_card(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(FORM, patient.to_string(), typed, &result)
        .await?;
    result?;
    redirect(&format!("{}?saved=card", path_of(&caller, patient)));
    Ok(())
}
