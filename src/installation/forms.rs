//! The form that releases a copy that was restored.

use leptos::prelude::*;

use crate::{account::guard, server::AppState, ui::redirect};
use engine::{
    error::{AppError, Field, FieldProblem},
    installation::{self, Release, Waiting},
};

/// Releases the copy: from then on it tells people, and asks providers.
#[server(prefix = "/form", endpoint = "release-copy")]
pub async fn release_copy(#[server(default)] waiting: String) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let waiting = match waiting.as_str() {
        "drop" => Waiting::Drop,
        "send" => Waiting::Send,
        _ => return Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
    };
    let command = Release {
        caller: Some(caller),
        waiting,
    };
    let done = match installation::release(&state.database, command).await? {
        Some(_) => "released",
        // Somebody else was first.
        None => "late",
    };
    redirect(&format!("/admin/backups?done={done}"));
    Ok(())
}
