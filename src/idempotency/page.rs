//! The key that is made with a form.

use leptos::prelude::*;

use super::forms::{CHOICE, LENGTH, PARAMETER, is_ours};
use crate::ui::{Hidden, query};
use engine::account::session::random_token;

/// The key of a form. Where the page says that the form could not be done in time, it is the one that it
/// was sent with: what was done after all is not done again.
#[component]
pub fn KeyField() -> impl IntoView {
    let key = sent_before().unwrap_or_else(|| random_token().chars().take(LENGTH).collect());
    view! { <Hidden name="key" value=key /> }
}

fn sent_before() -> Option<String> {
    query(PARAMETER).filter(|key| is_ours(key))
}

/// The time that was chosen in the form that could not be done.
pub fn sent_choice() -> Option<i64> {
    query(CHOICE)?.parse().ok()
}
