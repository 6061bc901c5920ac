//! The forms that go to pay for what is held, where that is paid before it is booked: one time, or all of a visit.

use leptos::prelude::*;

use super::who::{DraftWords, booked_patient};
use crate::{account::guard, idempotency::forms::of_form, payment::way, server::AppState, ui::redirect};
use engine::{
    booking,
    error::AppError,
    idempotency::KeyOwner,
    payment::{self, Start, StartVisit, Started},
    visit,
};

/// Goes to pay for what is held; it is booked when the money has come.
#[server(prefix = "/form", endpoint = "pay")]
pub async fn pay(reference: String, #[server(default)] key: String) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let booked_by = caller.patient_id().ok_or(AppError::Forbidden)?;
    let state = expect_context::<AppState>();
    let Some(provider) = state.payments.chosen() else {
        redirect(&not_now(&reference));
        return Ok(());
    };
    let session = guard::session();
    let mut draft = session.draft().await?;
    let said = DraftWords::of(&draft)?;
    draft.name.clone_from(&said.name);
    let (patient_id, newcomer) = booked_patient(&caller, &draft, &reference).await?;
    let key = of_form(KeyOwner::Caller(&caller), &key, None, "pay", &reference, &())?;
    let command = Start {
        submit: booking::Submit {
            reference: reference.clone(),
            key,
            visitor: session.visitor().await?.ok_or(AppError::NotFound)?,
            patient_id,
            newcomer,
            booked_by,
            name: said.name,
            reason: said.reason,
            instead_of: None,
            rules: state.config.rules.booking,
        },
        provider,
        locale: crate::ui::texts().locale(),
    };
    let started = payment::start(&state.database, command, state.now()).await?;
    redirect(&match started {
        Started::Booked { reference } => format!("/appointments/{reference}/done"),
        Started::Paying { payment_id } => way::by_form(&state, caller, payment_id).await?,
    });
    Ok(())
}

/// Goes to pay for all that is held for a visit, as the page showed it, at once; it is booked when the money has come, or nothing of it.
#[server(prefix = "/form", endpoint = "pay-visit")]
pub async fn pay_visit(
    /// The references of its parts, with commas between them.
    parts: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let booked_by = caller.patient_id().ok_or(AppError::Forbidden)?;
    let state = expect_context::<AppState>();
    let first = parts.split(',').next().unwrap_or_default();
    let Some(provider) = state.payments.chosen() else {
        redirect(&not_now(first));
        return Ok(());
    };
    let session = guard::session();
    let mut draft = session.draft().await?;
    let said = DraftWords::of(&draft)?;
    draft.name.clone_from(&said.name);
    let (patient_id, newcomer) = booked_patient(&caller, &draft, first).await?;
    let key = of_form(KeyOwner::Caller(&caller), &key, None, "pay-visit", &parts, &())?;
    let references = parts.split(',').take(visit::MAX_SEGMENTS + 1);
    let command = StartVisit {
        submit: visit::SubmitVisit {
            references: references.map(str::to_owned).collect(),
            key,
            visitor: session.visitor().await?.ok_or(AppError::NotFound)?,
            patient_id,
            newcomer,
            booked_by,
            name: said.name,
            reason: said.reason,
            rules: state.config.rules.booking,
        },
        provider,
        locale: crate::ui::texts().locale(),
    };
    let started = payment::start_visit(&state.database, command, state.now()).await?;
    redirect(&match started {
        Started::Booked { reference } => format!("/appointments/{reference}/done"),
        Started::Paying { payment_id } => way::by_form(&state, caller, payment_id).await?,
    });
    Ok(())
}

/// The page that says that nothing can be paid at the moment.
fn not_now(reference: &str) -> String {
    format!("/book/{reference}/check?pay=not-now")
}
