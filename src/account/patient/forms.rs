//! A new name or phone number of a patient.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::{Phone, new_phone::change_phone, otp, rename::rename, required},
    error::{AppError, Field},
};

/// How long a name may be, in characters.
const MAX_NAME: usize = 120;

/// Under which name a session keeps what the code that was sent to a new number belongs to.
pub(super) const NEW_PHONE: &str = "new_phone";

/// The number that somebody is about to have, and what its code belongs to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct AskedPhone {
    pub(super) phone: String,
    pub(super) challenge: String,
}

/// Changes the name of the caller, or of somebody who shares their phone. It is recorded.
#[server(prefix = "/form", endpoint = "change-name")]
pub async fn change_name(patient: i64, #[server(default)] name: String) -> Result<(), AppError> {
    guard::patient().await?;
    let caller = guard::anyone().await?;
    caller.must_be_confirmed()?;
    let state = expect_context::<AppState>();
    let name = required(Field::Name, &name, MAX_NAME)?;
    rename(&state.database, caller, patient, name, state.now()).await?;
    redirect("/account?done=name");
    Ok(())
}

/// Sends a code to a new phone number of the caller.
#[server(prefix = "/form", endpoint = "new-phone")]
pub async fn new_phone(#[server(default)] phone: String) -> Result<(), AppError> {
    guard::patient().await?;
    guard::anyone().await?.must_be_confirmed()?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let phone = Phone::parse(&phone, state.config.rules.country)?;
    state.config.rules.check_country(&phone)?;
    let kept = phone.as_str().to_owned();
    let challenge = otp::request(
        &state.database,
        state.config.limits,
        phone,
        guard::address(),
        texts(),
        state.now(),
    )
    .await?;
    let asked = AskedPhone {
        phone: kept,
        challenge,
    };
    session.keep_typed(NEW_PHONE, String::new(), asked).await?;
    redirect("/account/phone");
    Ok(())
}

/// Takes the new phone number over, by the code that was sent there.
#[server(prefix = "/form", endpoint = "confirm-phone")]
pub async fn confirm_phone(#[server(default)] code: String) -> Result<(), AppError> {
    let patient_id = guard::patient().await?;
    guard::anyone().await?.must_be_confirmed()?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    // What cannot be a code costs no attempt.
    let code = engine::phone::code(&code)?;
    let asked: AskedPhone = session.typed(NEW_PHONE, "").await?;
    change_phone(
        &state.database,
        (patient_id, session.stored_id()),
        (&asked.challenge, &code),
        texts(),
        state.now(),
    )
    .await?;
    session.forget_typed(NEW_PHONE).await?;
    redirect("/account?done=phone");
    Ok(())
}
