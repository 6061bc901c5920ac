//! Forms of those who watch.

use leptos::prelude::*;

use crate::{account::guard, server::AppState, ui::redirect};
use engine::error::AppError;

/// Checks the database (C5), and redirects to the report.
#[server(prefix = "/form", endpoint = "verify")]
pub async fn verify() -> Result<(), AppError> {
    guard::admin().await?;
    let state = expect_context::<AppState>();
    let asked_at = state.now();
    state.integrity.check(&state.database).await?;
    // Another server may answer next; it can tell that what it knows is older.
    redirect(&format!("/admin/integrity?asked={}", asked_at.as_millisecond()));
    Ok(())
}
