//! An app for codes that is being set up: what is put into it is shown to the session that began, and to no other one.

use engine::{
    account::{factor::totp, session::random_token},
    error::AppError,
};
use jiff::Timestamp;
use leptos::prelude::expect_context;

use crate::{account::guard, server::AppState};

/// Under which name a session keeps that it has begun.
const SETUP: &str = "totp_setup";

/// Begins to set up an app in this session.
///
/// # Errors
/// `FORBIDDEN` where nobody can have a second factor; `UNAVAILABLE`.
pub async fn begin(staff_id: i64, now: Timestamp) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    let accounts = &state.config.accounts;
    let begun_by = random_token();
    totp::begin(
        &state.database,
        accounts.second_factor,
        accounts.secret_key.clone(),
        (staff_id, &begun_by),
        now,
    )
    .await?;
    guard::session().keep_typed(SETUP, String::new(), begun_by).await
}

/// What this session puts into the app that it has begun to set up, if it has.
///
/// # Errors
/// `INTERNAL` where the key of the installation is missing; `UNAVAILABLE`.
pub async fn begun(staff_id: i64) -> Result<Option<totp::Setup>, AppError> {
    let state = expect_context::<AppState>();
    let begun_by: String = guard::session().typed(SETUP, "").await?;
    let key = state.config.accounts.secret_key.as_ref();
    totp::setup(&state.database, key, (staff_id, &begun_by)).await
}
