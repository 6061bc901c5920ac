//! The form that asks who comes, and why.

use leptos::prelude::*;

use super::{
    MAX_NAME, find_held,
    hold::hold_again,
    who::{DraftWords, asks_whose, patient_of},
};
use crate::{
    account::{forms::send_code, guard},
    appointment::forms::MAX_REASON,
    server::AppState,
    ui::redirect,
};
use engine::{
    account::{Phone, family::Whose, required, storable, typed},
    error::{AppError, Field, FieldProblem},
};

/// Takes down who comes and why; who has not signed in is sent a code.
#[server(prefix = "/form", endpoint = "details")]
pub async fn details(
    reference: String,
    #[server(default)] phone: String,
    #[server(default)] name: String,
    #[server(default)] whose: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    // public: the hold belongs to the visitor's own browser, and all that is written is its session.
    let state = expect_context::<AppState>();
    let session = guard::session();
    let item = find_held(&state, reference).await?;
    let caller = guard::caller().await?;
    // All that was typed is kept before any of it is judged.
    session
        .keep(|draft| {
            if caller.is_none() {
                draft.phone = storable(&phone);
            }
            draft.whose = storable(&whose);
            draft.name = storable(&name);
            draft.reason = storable(&reason);
        })
        .await?;
    let said = DraftWords {
        name: typed(Field::Name, &name, MAX_NAME)?,
        reason: typed(Field::Reason, &reason, MAX_REASON)?,
    };
    let name = said.name.clone();
    let held = hold_again(&state, caller.as_ref(), item).await?;
    session
        .keep(|draft| {
            draft.name = said.name;
            draft.reason = said.reason;
        })
        .await?;
    let check = format!("/book/{held}/check");
    if let Some(caller) = caller {
        let draft = session.draft().await?;
        if patient_of(&caller, &draft).await?.is_none() {
            let is_asked = Whose::parse(&draft.whose)? == Whose::Unsaid && asks_whose(&caller);
            return Err(match is_asked {
                true => AppError::invalid(Field::Whose, FieldProblem::Missing),
                false => AppError::invalid(Field::Name, FieldProblem::Missing),
            });
        }
        redirect(&check);
        return Ok(());
    }
    required(Field::Name, &name, MAX_NAME)?;
    let phone = Phone::parse(&phone, state.config.rules.country)?;
    send_code(&state, phone, check).await
}
