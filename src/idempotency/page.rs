//! The key that is made with a form.

use http::request::Parts;
use leptos::prelude::*;

use super::api::{LENGTH, PARAMETER, is_ours};
use crate::{account::session::random_token, ui::Hidden};

/// The key of a form. Where the page says that the form could not be done in time, it is the one that it
/// was sent with: what was done after all is not done again.
#[component]
pub fn KeyField() -> impl IntoView {
    let key = sent_before().unwrap_or_else(|| random_token().chars().take(LENGTH).collect());
    view! { <Hidden name="key" value=key /> }
}

fn sent_before() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let key = parts
        .uri
        .query()?
        .split('&')
        .find_map(|pair| pair.strip_prefix(PARAMETER)?.strip_prefix('='))?;
    is_ours(key).then(|| key.to_owned())
}
