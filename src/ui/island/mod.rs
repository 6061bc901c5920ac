//! Forms that are sent once (C9).

mod live;

use leptos::prelude::*;

pub use self::live::LivePart;

/// Makes every form of the page calm: while it is being sent, its button says so, and a second
/// click does nothing. Without JavaScript nothing is lost: the server tells a second click from a
/// second wish.
#[island]
pub fn CalmForms() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    browser::watch();
}

#[cfg(feature = "hydrate")]
mod browser;
