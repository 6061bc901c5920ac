//! A part of a page that stays as it is in the database, and in which arrow keys lead on.

use leptos::prelude::*;

/// Listens for changes, and reads the part of the page with this id anew, or the parts with these ids. What has the focus keeps it, and who cannot see
/// the change is told. Arrow keys move between what can be chosen in a table with `data-keys`.
#[island]
pub fn LivePart(
    /// The stream to listen to.
    url: String,
    /// The id of the part; ids with spaces between them.
    part: String,
    /// The announcement for screen readers.
    announcement: String,
) -> impl IntoView {
    let spoken = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::listen(url, part, announcement, spoken);
    #[cfg(not(feature = "hydrate"))]
    let _ = (url, part, announcement);
    view! { <p class="hide" role="status">{move || spoken.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod browser;
