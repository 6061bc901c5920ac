//! What people change about their own account.

use leptos::prelude::*;

use crate::{
    account::guard,
    audit,
    server::AppState,
    ui::{redirect, texts},
};
use engine::{
    account::{choose, own_sessions, session::SignedIn},
    audit::Kind,
    error::{AppError, Field, FieldProblem},
};

/// Gives the caller another password. All that the old one opened ends, but for this session.
#[server(prefix = "/form", endpoint = "own-password")]
pub async fn own_password(
    #[server(default)] own_password: String,
    #[server(default)] new_password: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let staff_id = caller.staff_id().ok_or(AppError::Forbidden)?;
    let now = guard::session().now();
    choose::change_own(
        &state.database,
        state.config.limits,
        staff_id,
        (own_password, new_password),
        texts(),
        now,
    )
    .await?;
    guard::sign_in(SignedIn::Staff(staff_id), now).await?;
    redirect("/account?done=password");
    Ok(())
}

/// Ends one of the caller's sessions.
#[server(prefix = "/form", endpoint = "end-session")]
pub async fn end_session(#[server(default)] id: String) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let who = guard::session()
        .signed_in()
        .await?
        .ok_or(AppError::Unauthenticated)?;
    if id.is_empty() {
        return Err(AppError::invalid(Field::Body, FieldProblem::Missing));
    }
    own_sessions::end(&state.database, who, id).await?;
    guard::note(audit::note_by(&caller, Kind::SignOut).about("another session")).await;
    redirect("/account?done=session");
    Ok(())
}

/// Ends all of the caller's sessions but this one.
#[server(prefix = "/form", endpoint = "end-other-sessions")]
pub async fn end_other_sessions() -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let who = session.signed_in().await?.ok_or(AppError::Unauthenticated)?;
    own_sessions::end_others(&state.database, who, session.stored_id(), state.now()).await?;
    guard::note(audit::note_by(&caller, Kind::SignOut).about("all other sessions")).await;
    redirect("/account?done=sessions");
    Ok(())
}
