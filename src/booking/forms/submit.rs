//! The forms that book what is held.

use leptos::prelude::*;

use super::who::{DraftWords, booked_patient};
use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{booking, error::AppError, idempotency::KeyOwner, visit};

/// Books what is held.
#[server(prefix = "/form", endpoint = "submit")]
pub async fn submit(
    reference: String,
    /// Another appointment of the patient that this one takes the place of.
    #[server(default)]
    instead_of: String,
    #[server(default)] version: i32,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let booked_by = caller.patient_id().ok_or(AppError::Forbidden)?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let mut draft = session.draft().await?;
    let said = DraftWords::of(&draft)?;
    draft.name.clone_from(&said.name);
    let (patient_id, newcomer) = booked_patient(&caller, &draft, &reference).await?;
    let key = of_form(
        KeyOwner::Caller(&caller),
        &key,
        None,
        "submit",
        &reference,
        // Not what was typed: the first answer has erased it.
        &instead_of,
    )?;
    let command = booking::Submit {
        reference,
        key,
        visitor: session.visitor().await?.ok_or(AppError::NotFound)?,
        patient_id,
        newcomer,
        booked_by,
        name: said.name,
        reason: said.reason,
        instead_of: (!instead_of.is_empty()).then_some((instead_of, version)),
        rules: state.config.rules.booking,
    };
    let reference = booking::submit(&state.database, command, state.now())
        .await?
        .reference;
    session.forget_draft().await?;
    redirect(&format!("/appointments/{reference}/done"));
    Ok(())
}

/// Books all that is held for a visit, as the page showed it, or nothing.
#[server(prefix = "/form", endpoint = "submit-visit")]
pub async fn submit_visit(
    /// The references of its parts, with commas between them.
    parts: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let booked_by = caller.patient_id().ok_or(AppError::Forbidden)?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let mut draft = session.draft().await?;
    let said = DraftWords::of(&draft)?;
    draft.name.clone_from(&said.name);
    let first = parts.split(',').next().unwrap_or_default();
    let (patient_id, newcomer) = booked_patient(&caller, &draft, first).await?;
    let whose = KeyOwner::Caller(&caller);
    let key = of_form(whose, &key, None, "submit-visit", &parts, &())?;
    let references = parts.split(',').take(visit::MAX_SEGMENTS + 1);
    let command = visit::SubmitVisit {
        references: references.map(str::to_owned).collect(),
        key,
        visitor: session.visitor().await?.ok_or(AppError::NotFound)?,
        patient_id,
        newcomer,
        booked_by,
        name: said.name,
        reason: said.reason,
        rules: state.config.rules.booking,
    };
    let visit = visit::submit_visit(&state.database, command, state.now()).await?;
    session.forget_draft().await?;
    redirect(&match visit.appointments.first() {
        Some(first) => format!("/appointments/{}/done", first.reference),
        None => "/appointments".to_owned(),
    });
    Ok(())
}
