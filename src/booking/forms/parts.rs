//! The forms for the parts of a visit, which are held together (B7).

use leptos::prelude::*;

use super::find_held;
use crate::{account::guard, server::AppState, ui::redirect};
use engine::{
    error::{AppError, Field, FieldProblem},
    visit,
};

/// The references of the holds that this browser keeps for a visit (B7), if there is room for one more.
pub(super) async fn kept() -> Result<Vec<String>, AppError> {
    let parts = guard::session().draft().await?.parts;
    match parts.len() < visit::MAX_SEGMENTS {
        true => Ok(parts),
        false => Err(AppError::invalid(Field::Segments, FieldProblem::TooLong)),
    }
}

pub(super) fn add(parts: &mut Vec<String>, reference: &str) {
    if !parts.iter().any(|part| part == reference) {
        parts.push(reference.to_owned());
    }
}

/// Goes on to choose another appointment for the same visit (B7): what is held so far stays.
#[server(prefix = "/form", endpoint = "add-part")]
pub async fn add_part(reference: String) -> Result<(), AppError> {
    // public: the hold belongs to the visitor's own browser, and all that is written is its session.
    let state = expect_context::<AppState>();
    let held = find_held(&state, reference).await?.reference;
    kept().await?;
    let session = guard::session();
    session.keep(|draft| add(&mut draft.parts, &held)).await?;
    redirect("/");
    Ok(())
}

/// Leaves a part out of the visit; its time is free when the hold has run out.
#[server(prefix = "/form", endpoint = "drop-part")]
pub async fn drop_part(reference: String) -> Result<(), AppError> {
    // public: all that is written is the session of the visitor's own browser.
    let session = guard::session();
    session
        .keep(|draft| draft.parts.retain(|part| *part != reference))
        .await?;
    let rest = session.draft().await?.parts;
    redirect(&match rest.first() {
        Some(part) => format!("/book/{part}/check"),
        None => "/".to_owned(),
    });
    Ok(())
}
