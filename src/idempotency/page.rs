//! The key that is made with a form.

use http::request::Parts;
use leptos::prelude::*;

use super::api::{CHOICE, LENGTH, PARAMETER, is_ours};
use crate::{account::session::random_token, ui::Hidden};

/// The key of a form. Where the page says that the form could not be done in time, it is the one that it
/// was sent with: what was done after all is not done again.
#[component]
pub fn KeyField() -> impl IntoView {
    let key = sent_before().unwrap_or_else(|| random_token().chars().take(LENGTH).collect());
    view! { <Hidden name="key" value=key /> }
}

fn sent_before() -> Option<String> {
    parameter(PARAMETER).filter(|key| is_ours(key))
}

/// The time that was chosen in the form that could not be done.
pub fn sent_choice() -> Option<i64> {
    parameter(CHOICE)?.parse().ok()
}

fn parameter(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let value = parts
        .uri
        .query()?
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.to_owned())
}
