//! The forms of closures.

use super::{CLOSURES, FORM, absence::TypedDates, calls_part, decision};
use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};

use leptos::prelude::*;

use engine::{
    error::AppError,
    idempotency::KeyOwner,
    schedule::{self, Close},
};

/// Closes a clinic, or all of them.
#[server(prefix = "/form", endpoint = "close-clinic")]
pub async fn close_clinic(
    #[server(default)] dates: TypedDates,
    /// Whom it hits, as it was asked; nothing asks first.
    #[server(default)]
    decided: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::planner().await?;
    let state = expect_context::<AppState>();
    let typed = dates.typed("closure");
    let now = state.now();
    let attempt = async {
        let command = Close {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "schedule",
                "closure",
                &typed,
            )?,
            clinic_id: dates.clinic_id()?,
            dates: dates.read()?,
            caller: caller.clone(),
        };
        let question = schedule::ask_to_close(&state.database, command.clone(), now);
        let Some(decision) = decision(&decided, question).await? else {
            return Ok(None);
        };
        schedule::close_as_decided(&state.database, command, decision, now)
            .await
            .map(Some)
    };
    let result = attempt.await;
    let session = guard::session();
    if let Ok(None) = result {
        session.keep_typed(FORM, CLOSURES.to_owned(), typed).await?;
        redirect("/admin/closures?ask=closure#ask");
        return Ok(());
    }
    session
        .settle_typed(FORM, CLOSURES.to_owned(), typed, &result)
        .await?;
    if let Some(closed) = result? {
        redirect(&format!(
            "/admin/closures?saved=closure&attention={}{}",
            closed.no_longer_held.len(),
            calls_part(closed.call_list)
        ));
    }
    Ok(())
}

/// Takes a closure back.
#[server(prefix = "/form", endpoint = "reopen-clinic")]
pub async fn reopen_clinic(id: i64) -> Result<(), AppError> {
    let caller = guard::planner().await?;
    let state = expect_context::<AppState>();
    schedule::reopen(&state.database, caller, id, state.now()).await?;
    redirect("/admin/closures?saved=closure-removed");
    Ok(())
}
