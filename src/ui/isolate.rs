//! Words that people typed, among ours.

use leptos::prelude::*;

/// Shows what somebody typed: it keeps its own direction and turns nothing beside it, and a word without an end breaks.
pub fn isolate(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    view! { <bdi>{text}</bdi> }.into_any()
}
