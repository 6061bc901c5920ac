//! Dragging an appointment to a free time of a table, as another way to the form that moves it.

use leptos::prelude::*;

/// Lets a mouse drag an appointment of a table of the day or the week to a free time, and opens the form that moves it there, which
/// asks first. Nothing is moved by dragging. Escape ends it. Keys, touch, and whoever has no JavaScript, have the form itself.
#[island]
pub fn DragToMove(
    /// What is said while something is dragged.
    hint: String,
) -> impl IntoView {
    let is_dragged = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    browser::listen(is_dragged);
    view! { <p class="drag-hint no-print" role="status">{move || is_dragged.get().then(|| hint.clone())}</p> }
}

#[cfg(feature = "hydrate")]
mod browser;
