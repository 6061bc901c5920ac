//! The form of a prescription.

use leptos::prelude::*;

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::{Caller, storable},
    appointment::look_up,
    error::AppError,
    idempotency::KeyOwner,
    prescription::{self, Medication, Typed},
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "prescription";

/// Under which name a session keeps the reason of a withdrawal.
pub(super) const WITHDRAWAL: &str = "withdrawal";

/// How many more rows there are when a doctor asks for more.
pub(super) const MORE_ROWS: usize = 5;

/// Writes the prescription of an appointment (A4).
#[server(prefix = "/form", endpoint = "prescribe")]
pub async fn prescribe(
    reference: String,
    #[server(default)] medications: Vec<Medication>,
    #[server(default)] note: String,
    /// How many rows the form has, where the doctor asks for more of them.
    #[server(default)]
    more: Option<usize>,
    /// The template whose medications are added to what was typed.
    #[server(default)]
    template: Option<i64>,
    /// Whether what was prescribed to the patient last is added to what was typed.
    #[server(default)]
    repeat: bool,
    /// Whether it is to be shown as it was understood, and not written yet.
    #[server(default)]
    check: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    // Whatever was typed: for anybody else the appointment is not there.
    look_up(&state.database, caller.clone(), reference.clone().into()).await?;
    let typed = Typed { medications, note };
    let session = guard::session();
    let path = format!("/doctor/appointments/{reference}");
    let added = match (template, repeat) {
        (Some(id), _) => {
            let template = prescription::template(&state.database, &caller, id).await?;
            Some(Typed {
                medications: template.medications,
                note: template.note,
            })
        }
        (None, true) => {
            let which = reference.clone().into();
            let (database, now) = (&state.database, state.now());
            Some(prescription::last_of_patient(database, caller.clone(), which, now).await?)
        }
        (None, false) => None,
    };
    if let Some(added) = added {
        let typed = storable_form(&typed).with(added);
        session.keep_typed(FORM, reference, typed).await?;
        redirect(&format!("{path}/prescribe?added=1"));
        return Ok(());
    }
    if let Some(rows) = more {
        session.keep_typed(FORM, reference, storable_form(&typed)).await?;
        redirect(&format!(
            "{path}/prescribe?rows={}",
            rows.saturating_add(MORE_ROWS)
        ));
        return Ok(());
    }
    // What would not be written as it was typed is shown before it is signed, whatever the button said.
    if check || typed.reads_otherwise() {
        let result = try_check(&state, caller, reference.clone(), &typed).await;
        session.keep_typed(FORM, reference, storable_form(&typed)).await?;
        result?;
        redirect(&format!("{path}/prescribe?check=1"));
        return Ok(());
    }
    let result = try_to(&state, caller, reference.clone(), &typed, &key).await;
    session
        .settle_typed(FORM, reference, storable_form(&typed), &result)
        .await?;
    result?;
    redirect(&format!("{path}?prescribed=1"));
    Ok(())
}

async fn try_check(
    state: &AppState,
    caller: Caller,
    reference: String,
    typed: &Typed,
) -> Result<(), AppError> {
    typed.checked()?;
    prescription::may_prescribe(&state.database, caller, reference.into()).await
}

/// Withdraws a prescription, and leads to where it is written anew, from what it said.
#[server(prefix = "/form", endpoint = "withdraw-prescription")]
pub async fn withdraw_prescription(
    reference: String,
    prescription_id: i64,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    // Whatever was typed: for anybody else the appointment is not there.
    look_up(&state.database, caller.clone(), reference.clone().into()).await?;
    let session = guard::session();
    let attempt = async {
        let command = prescription::Withdraw {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "withdraw-prescription",
                &prescription_id.to_string(),
                &reason,
            )?,
            caller: caller.clone(),
            prescription_id,
            reason: reason.clone(),
        };
        prescription::withdraw(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session
        .settle_typed(WITHDRAWAL, reference.clone(), storable(&reason), &result)
        .await?;
    let said = result?;
    // A repeated request does not put the old words over those that have been begun since.
    if session.typed::<Typed>(FORM, &reference).await? == Typed::default() {
        session.keep_typed(FORM, reference.clone(), said).await?;
    }
    redirect(&format!("/doctor/appointments/{reference}/prescribe?withdrawn=1"));
    Ok(())
}

async fn try_to(
    state: &AppState,
    caller: Caller,
    reference: String,
    typed: &Typed,
    key: &str,
) -> Result<(), AppError> {
    let (medications, note) = typed.checked()?;
    let command = prescription::Prescribe {
        key: of_form(
            KeyOwner::Caller(&caller),
            key,
            None,
            "prescribe",
            &reference,
            typed,
        )?,
        caller,
        which: reference.into(),
        medications,
        note,
    };
    prescription::prescribe(&state.database, command, state.now()).await?;
    Ok(())
}

/// The typed form in full length, without characters that the database refuses.
pub(super) fn storable_form(form: &Typed) -> Typed {
    Typed {
        medications: form
            .medications
            .iter()
            .map(|row| Medication {
                name: storable(&row.name),
                dose: storable(&row.dose),
                frequency: storable(&row.frequency),
                duration: storable(&row.duration),
                note: storable(&row.note),
            })
            .collect(),
        note: storable(&form.note),
    }
}
