//! Icons.

use leptos::prelude::*;

/// Draws an icon that only accompanies words.
pub fn icon(name: &'static str) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use href=format!("/icons.svg#{name}") /></svg> }
}
