//! The forms of templates of prescriptions.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard,
    idempotency::forms::of_form,
    prescription::forms::{MORE_ROWS, storable_form},
    server::AppState,
    ui::redirect,
};
use engine::{
    account::storable,
    error::AppError,
    idempotency::KeyOwner,
    prescription::{self, Medication, Typed},
};

/// Under which name a session keeps what was typed.
pub(in crate::prescription) const FORM: &str = "template";

/// A template, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::prescription) struct TypedTemplate {
    pub name: String,
    pub content: Typed,
}

/// Adds a template, or changes one.
#[server(prefix = "/form", endpoint = "put-template")]
pub async fn put_template(
    #[server(default)] id: Option<i64>,
    #[server(default)] version: i32,
    #[server(default)] template_name: String,
    #[server(default)] medications: Vec<Medication>,
    #[server(default)] note: String,
    /// How many rows the form has, where the doctor asks for more of them.
    #[server(default)]
    more: Option<usize>,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    let content = Typed { medications, note };
    let typed = TypedTemplate {
        name: storable(&template_name),
        content: storable_form(&content),
    };
    let subject = id.map(|id| id.to_string()).unwrap_or_default();
    let session = guard::session();
    if let Some(rows) = more {
        session.keep_typed(FORM, subject.clone(), typed).await?;
        let page = if subject.is_empty() { "new" } else { &subject };
        let rows = rows.saturating_add(MORE_ROWS);
        redirect(&format!("/doctor/templates/{page}?rows={rows}"));
        return Ok(());
    }
    let attempt = async {
        let command = prescription::PutTemplate {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "put-template",
                &subject,
                &(version, &template_name, &content),
            )?,
            caller: caller.clone(),
            which: id.map(|id| (id, version)),
            name: template_name.clone(),
            content: content.clone(),
        };
        prescription::put_template(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session.settle_typed(FORM, subject, typed, &result).await?;
    result?;
    redirect("/doctor/templates?saved=1");
    Ok(())
}

/// Makes a template of a prescription that stands.
#[server(prefix = "/form", endpoint = "save-template")]
pub async fn save_template(
    reference: String,
    #[server(default)] template_name: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    let written = prescription::find(&state.database, caller.clone(), reference.clone()).await?;
    let standing = written
        .into_iter()
        .find(|written| written.withdrawn.is_none())
        .ok_or(AppError::NotFound)?;
    let attempt = async {
        let command = prescription::PutTemplate {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "save-template",
                &reference,
                &template_name,
            )?,
            caller: caller.clone(),
            which: None,
            name: template_name.clone(),
            content: Typed {
                medications: standing.medications,
                note: standing.note,
            },
        };
        prescription::put_template(&state.database, command, state.now()).await
    };
    attempt.await?;
    redirect("/doctor/templates?saved=1");
    Ok(())
}

/// Deletes a template. Prescriptions that were written with it stay.
#[server(prefix = "/form", endpoint = "delete-template")]
pub async fn delete_template(id: i64) -> Result<(), AppError> {
    let (caller, _) = guard::doctor().await?;
    let state = expect_context::<AppState>();
    prescription::delete_template(&state.database, &caller, id).await?;
    redirect("/doctor/templates");
    Ok(())
}
