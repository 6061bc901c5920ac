//! Asking for a link, and choosing a password by it.

use leptos::prelude::*;

use crate::{
    account::guard,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::{choose, email_address},
    error::AppError,
};

/// Sends a link to choose a new password, if somebody of staff has this address: the answer is the same either way.
#[server(prefix = "/form", endpoint = "forgotten-password")]
pub async fn forgotten_password(#[server(default)] email: String) -> Result<(), AppError> {
    // public: who has forgotten the password cannot sign in.
    let state = expect_context::<AppState>();
    let email = email_address(&email)?;
    // Without an address of this site, there are no links.
    let site = state.config.public_url().cloned().ok_or(AppError::NotFound)?;
    choose::forgotten(
        &state.database,
        &email,
        &guard::address(),
        (site, texts()),
        state.now(),
    )
    .await?;
    redirect("/staff/forgotten?sent=1");
    Ok(())
}

/// Chooses a password by a link, which is used up by it. Whoever does so signs in afterwards, with the second factor where
/// there is one.
#[server(prefix = "/form", endpoint = "choose-password")]
pub async fn choose_password(
    #[server(default)] key: String,
    #[server(default)] new_password: String,
) -> Result<(), AppError> {
    // public: whoever has the link may, once.
    let state = expect_context::<AppState>();
    choose::choose_by_link(&state.database, &key, new_password, texts(), state.now()).await?;
    redirect("/staff/sign-in?chosen=1");
    Ok(())
}
