//! The form of a message, and what a page has shown.

use leptos::prelude::*;

use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::{Caller, storable},
    appointment::{look_up, path_of},
    consultation::{self, SendMessage},
    error::AppError,
    idempotency::KeyOwner,
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "message";

/// Writes a message in a text consultation (A7).
#[server(prefix = "/form", endpoint = "write-message")]
pub async fn write_message(
    reference: String,
    #[server(default)] message: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    // Whatever was typed: for anybody else the appointment is not there.
    look_up(&state.database, caller.clone(), reference.clone().into()).await?;
    let path = format!("{}/consultation", path_of(caller.role(), &reference));
    let result = try_to(&state, caller, reference.clone(), &message, &key).await;
    // Admins see the appointment, and have no part in what is said.
    if result != Err(AppError::NotFound) {
        guard::session()
            .settle_typed(FORM, reference, storable(&message), &result)
            .await?;
    }
    result?;
    redirect(&format!("{path}#message"));
    Ok(())
}

/// Notes what an open page has shown of a text consultation, up to this message.
#[server(prefix = "/form", endpoint = "see-messages")]
pub async fn see_messages(reference: String, position: i32) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    consultation::see(&state.database, caller, reference.into(), position).await
}

async fn try_to(
    state: &AppState,
    caller: Caller,
    reference: String,
    message: &str,
    key: &str,
) -> Result<(), AppError> {
    let command = SendMessage {
        // The text is part of the subject: who comes back to the page and writes something else sends another message.
        key: of_form(
            KeyOwner::Caller(&caller),
            key,
            None,
            "write-message",
            &format!("{reference} {message}"),
            &message,
        )?,
        caller,
        which: reference.into(),
        text: message.to_owned(),
        rules: state.config.rules.consultation.clone(),
    };
    consultation::send(&state.database, command, state.now()).await?;
    Ok(())
}
