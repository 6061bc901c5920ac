//! Forms of those who watch.

use leptos::prelude::*;

use crate::{account::guard, server::AppState, ui::redirect};
use engine::error::AppError;

/// Checks the database (C5), and redirects to the report, or to the last one where a check takes long.
#[server(prefix = "/form", endpoint = "verify")]
pub async fn verify() -> Result<(), AppError> {
    guard::admin().await?;
    let state = expect_context::<AppState>();
    let asked_at = state.now();
    let asked = match state.integrity.check(&state.database).await {
        Ok(report) => report.checked_at,
        // It goes on, and the page says so.
        Err(AppError::TransactionTimeout) => asked_at,
        Err(error) => return Err(error),
    };
    redirect(&format!("/admin/integrity?asked={}", asked.as_millisecond()));
    Ok(())
}
