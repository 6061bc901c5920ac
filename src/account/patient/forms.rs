//! Wishes of patients, and a new phone number.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::{
        Phone,
        new_phone::change_phone,
        otp, storable,
        wishes::{self, Topic, Way, Ways},
    },
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
};

/// Under which names a session keeps what was typed about wishes, and the code that was sent to a new number.
pub(super) const WISHES: &str = "wishes";
pub(super) const NEW_PHONE: &str = "new_phone";

/// The number that somebody is about to have, and what its code belongs to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct AskedPhone {
    pub(super) phone: String,
    pub(super) challenge: String,
}

/// Changes what the caller wants to be told, how and where.
#[server(prefix = "/form", endpoint = "change-wishes")]
pub async fn change_wishes(
    #[server(default)] language: String,
    #[server(default)] email: String,
    #[server(default)] appointment: String,
    #[server(default)] reminder: String,
    #[server(default)] prescription: String,
    #[server(default)] rating: String,
) -> Result<(), AppError> {
    let patient_id = guard::patient().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let typed = storable(&email);
    let attempt = async {
        let malformed = AppError::invalid(Field::Body, FieldProblem::Malformed);
        let mut ways = Ways::new();
        for (topic, way) in Topic::ALL
            .into_iter()
            .zip([appointment, reminder, prescription, rating])
        {
            ways.insert(topic, Way::parse(&way).ok_or(malformed)?);
        }
        let locale = match language.as_str() {
            "" => None,
            code => Some(Locale::parse(code).ok_or(malformed)?),
        };
        let command = wishes::ChangeWishes {
            patient_id,
            locale,
            email: typed.clone(),
            ways,
            site: state.config.public_url().cloned(),
            texts: texts(),
        };
        wishes::change_wishes(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session
        .settle_typed(WISHES, String::new(), &typed, &result)
        .await?;
    redirect(match result? {
        true => "/account?done=link",
        false => "/account?done=wishes",
    });
    Ok(())
}

/// Confirms an e-mail address by the link that was sent there.
#[server(prefix = "/form", endpoint = "confirm-email")]
pub async fn confirm_email(#[server(default)] key: String) -> Result<(), AppError> {
    // public: whoever has the link reads the mail of this address.
    let state = expect_context::<AppState>();
    wishes::confirm_email(&state.database, &key, state.now()).await?;
    redirect("/link?confirmed=1");
    Ok(())
}

/// Sends a code to a new phone number of the caller.
#[server(prefix = "/form", endpoint = "new-phone")]
pub async fn new_phone(#[server(default)] phone: String) -> Result<(), AppError> {
    guard::patient().await?;
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
