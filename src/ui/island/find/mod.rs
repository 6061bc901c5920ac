//! One box that finds anybody while somebody types.

use leptos::prelude::*;

/// The box. Without JavaScript it is a form that leads to a page; with it, whom it finds is listed below as somebody types, and
/// Escape closes the list.
#[island]
pub fn FindBox(
    /// Where the form leads.
    action: String,
    label: String,
    hint: String,
    button: String,
    /// What is said of how many were found, before the number.
    found: String,
) -> impl IntoView {
    let spoken = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::watch(found, spoken);
    #[cfg(not(feature = "hydrate"))]
    let _ = found;
    let name = label.clone();
    view! {
        <form class="finder" role="search" aria-label=name method="post" action=action>
            <label class="hide" for="find-anybody">{label}</label>
            <input
                id="find-anybody"
                name="q"
                type="search"
                placeholder=hint
                autocomplete="off"
                enterkeyhint="search"
                aria-keyshortcuts="/"
            />
            <button class="btn quiet">{button}</button>
            <div id="found-anybody" hidden></div>
            <p class="hide" aria-live="polite">{move || spoken.get()}</p>
        </form>
    }
}

#[cfg(feature = "hydrate")]
mod browser;
