//! The form of the one box that finds anybody, on every page of staff.

use leptos::prelude::*;

use crate::{account::guard, ui::redirect};
use engine::{account::storable, error::AppError};

/// The length of what is looked for, in characters.
pub const MAX_LENGTH: usize = 100;

/// Under which name a session keeps what was looked for, which is no part of a URL.
pub(in crate::desk) const FORM: &str = "find-anybody";

/// What is looked for, as far as it is read.
pub(in crate::desk) fn shortened(typed: &str) -> String {
    storable(typed).chars().take(MAX_LENGTH).collect()
}

/// Finds anybody, and leads to the page with whom was found.
#[server(prefix = "/form", endpoint = "find-anybody")]
pub async fn find_anybody(#[server(default)] q: String) -> Result<(), AppError> {
    guard::staff().await?;
    let session = guard::session();
    session.keep_typed(FORM, String::new(), shortened(&q)).await?;
    redirect("/staff/find");
    Ok(())
}
