//! What every page does where there is JavaScript: forms that are sent once (C9) and lose no words, menus that close, print.

use leptos::prelude::*;

/// Closes menus by Escape and by a click elsewhere, takes the words of a form along when the language is changed, and makes
/// every form of the page calm: while it is being sent, its button says so, and a second
/// click does nothing. Without JavaScript nothing is lost: the server tells a second click from a
/// second wish.
#[island]
pub fn CalmForms() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        browser::watch();
        browser::close_menus();
        browser::keep_words();
    }
}

/// A button that prints the page. Without JavaScript the browser's own menu does.
#[island]
pub fn PrintButton(text: String) -> impl IntoView {
    let is_there = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    browser::soon(move || is_there.set(true));
    let print = move |_| {
        #[cfg(feature = "hydrate")]
        browser::print();
    };
    view! { <button type="button" class="btn quiet no-print" hidden=move || !is_there.get() on:click=print>{text}</button> }
}

#[cfg(feature = "hydrate")]
mod browser;
