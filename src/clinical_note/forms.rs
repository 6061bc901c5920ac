//! The form of a clinical note.

use leptos::prelude::*;

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::storable,
    appointment::look_up,
    clinical_note::{self, WriteNote},
    error::AppError,
    idempotency::KeyOwner,
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "clinical-note";

/// Writes the note of an appointment anew.
#[server(prefix = "/form", endpoint = "clinical-note")]
pub async fn write_clinical_note(
    reference: String,
    /// The version that was read.
    #[server(default)]
    version: i32,
    #[server(default)] clinical_note: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    // Whatever was typed: for anybody else the appointment is not there.
    look_up(&state.database, caller.clone(), reference.clone().into()).await?;
    let attempt = async {
        let command = WriteNote {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "clinical-note",
                &reference,
                &(version, &clinical_note),
            )?,
            caller: caller.clone(),
            which: reference.clone().into(),
            version,
            text: clinical_note.clone(),
        };
        clinical_note::write(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(FORM, reference.clone(), storable(&clinical_note), &result)
        .await?;
    result?;
    redirect(&format!("/doctor/appointments/{reference}?noted=1#clinical-note"));
    Ok(())
}
