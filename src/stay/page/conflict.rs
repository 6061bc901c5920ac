//! The notice of rooms that cannot be had: how many are left and for which night, and what can be had instead.

use leptos::prelude::*;

use crate::{
    server::AppState,
    ui::{Tone, icon, isolate, message, notice, problem, texts},
};
use engine::{
    account::Caller,
    error::AppError,
    stay::{self, Alternative, WantedRooms},
};

use super::parts::{amount, range};

/// Makes the notice of an error about rooms. `address` leads to a page where the rooms that are offered instead can be had.
///
/// # Errors
/// Those of the database.
pub async fn conflict(
    error: AppError,
    caller: Option<&Caller>,
    address: impl Fn(WantedRooms) -> String,
) -> Result<AnyView, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    match error {
        AppError::RoomsShort { wanted, .. } => {
            let instead = stay::alternatives(&state.database, wanted, state.now()).await?;
            let is_theirs = |one: &&Alternative| {
                caller.is_none_or(|caller| !caller.is_kept_from(one.room_type.what.clinic_id))
            };
            let offers = instead
                .iter()
                .filter(is_theirs)
                .map(|one| {
                    let what = format!(
                        "{}, {}: {}",
                        range(one.wanted, texts),
                        amount(one.wanted, texts),
                        one.total.text(texts.locale())
                    );
                    let name = one.room_type.name(texts.locale()).to_owned();
                    let path = format!("{}#choose", address(one.wanted));
                    view! { <li><a class="btn" href=path><span><b>{isolate(name)}</b> " " {what}</span></a></li> }
                })
                .collect_view();
            let none = instead
                .is_empty()
                .then(|| view! { <p>{texts.text("rooms-nothing-instead")}</p> });
            let body = view! {
                <p>{texts.text("rooms-nothing-lost")}</p>
                {none}
                <ul class="offers">{offers}</ul>
            };
            Ok(notice(Tone::Warn, message(error, texts), body).into_any())
        }
        AppError::StaleStay { stay_id } => {
            // Which stay it is comes from the URL: only who may see it hears who changed it.
            let is_theirs = match caller {
                Some(caller) => stay::stay(&state.database, caller, stay_id).await.is_ok(),
                None => false,
            };
            let last = match is_theirs {
                true => stay::last_change(&state.database, stay_id).await.ok(),
                false => None,
            };
            let by = last.and_then(|last| last.changed_by).map(|name| {
                let said = texts.with("stay-changed-by", &[("name", name.into())]);
                view! { <p>{said}</p> }
            });
            let body = view! {
                {by}
                <p>{icon("refresh")} " " {texts.text("stay-look-again")}</p>
            };
            Ok(notice(Tone::Warn, message(error, texts), body).into_any())
        }
        AppError::InvalidDateRange => {
            let body = view! { <p>{texts.text("rooms-range-text")}</p> };
            Ok(notice(Tone::Warn, texts.text("rooms-range-title"), body).into_any())
        }
        error if error.is_transient() => {
            let body = view! { <p>{texts.text("rooms-nothing-lost")}</p> };
            Ok(notice(Tone::Bad, message(error, texts), body).into_any())
        }
        error => Ok(problem(error, texts)),
    }
}
