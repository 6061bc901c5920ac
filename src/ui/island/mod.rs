//! What every page does where there is JavaScript: forms that are sent once (C9) and lose no words, menus that close, print.

mod drag;
mod find;
mod live;
mod shortcuts;

use leptos::prelude::*;

pub use self::{drag::DragToMove, find::FindBox, live::LivePart, shortcuts::Shortcuts};

/// Closes menus by Escape and by a click elsewhere, takes the words of a form along when the language is changed, and makes
/// every form of the page calm: while it is being sent, its button says so, and a second
/// click does nothing. Without JavaScript nothing is lost: the server tells a second click from a
/// second wish.
///
/// What a browser itself finds wrong with a field is said in the language of the page.
#[island]
pub fn CalmForms(
    /// What is said of a field that has to be filled in.
    missing: String,
    /// What is said of one that cannot be read.
    malformed: String,
) -> impl IntoView {
    #[cfg(not(feature = "hydrate"))]
    let _ = (missing, malformed);
    #[cfg(feature = "hydrate")]
    {
        browser::say_in_our_words(missing, malformed);
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
