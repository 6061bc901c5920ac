//! The forms that make two records of one person one, and that take it back.

use leptos::prelude::*;

use crate::{
    account::guard, desk::find::forms::shortened, idempotency::forms::of_form, server::AppState, ui::redirect,
};
use engine::{
    desk::merge::{self, Keep, Merge, Of, Undo},
    error::AppError,
    idempotency::KeyOwner,
};

/// Under which name a session keeps the words of a search for the other record: they are in no URL.
pub(super) const SEARCH: &str = "same-person";

/// Searches the other record of a patient. The words are kept in the session.
#[server(prefix = "/form", endpoint = "find-same")]
pub async fn find_same(patient: i64, #[server(default)] search: String) -> Result<(), AppError> {
    guard::admin().await?;
    guard::session()
        .keep_typed(SEARCH, patient.to_string(), shortened(&search))
        .await?;
    redirect(&format!("/admin/patients/{patient}/merge?searched=1"));
    Ok(())
}

/// Makes two records one.
#[server(prefix = "/form", endpoint = "merge-patients")]
pub async fn merge_patients(
    /// The record that stays.
    stays: i64,
    /// The record that goes.
    goes: i64,
    #[server(default)] name: String,
    #[server(default)] phone: String,
    #[server(default)] contact: String,
    #[server(default)] birthday: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let keep = Keep {
        name: Of::parse(&name)?,
        phone: Of::parse(&phone)?,
        contact: Of::parse(&contact)?,
        birthday: Of::parse(&birthday)?,
    };
    let command = Merge {
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "merge-patients",
            &format!("{stays} {goes}"),
            &keep,
        )?,
        caller,
        from_id: goes,
        into_id: stays,
        keep,
    };
    let merged = merge::merge(&state.database, command, state.now()).await?;
    redirect(&format!("/admin/patients/{stays}?merged={}", merged.appointments));
    Ok(())
}

/// Takes a merge back.
#[server(prefix = "/form", endpoint = "undo-merge")]
pub async fn undo_merge(merge: i64, #[server(default)] key: String) -> Result<(), AppError> {
    let caller = guard::admin().await?;
    let state = expect_context::<AppState>();
    let command = Undo {
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "undo-merge",
            &merge.to_string(),
            &(),
        )?,
        caller,
        merge_id: merge,
    };
    let undone = merge::undo_merge(&state.database, command, state.now()).await?;
    redirect(&format!(
        "/admin/patients/{}?undone={}&since={}&phone={}",
        undone.into_id, undone.appointments, undone.made_since, undone.has_its_phone
    ));
    Ok(())
}
