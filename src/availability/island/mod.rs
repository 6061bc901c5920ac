//! Times that go while somebody looks.

use leptos::prelude::*;

/// Listens for what becomes busy, and marks the times of the page: they turn to "just taken" in
/// place, and are said once to who cannot see them.
///
/// A time is a button with its blocked range in `data-from` and `data-until`, in seconds since 1970.
#[island]
pub fn LiveTimes(
    /// The stream to listen to.
    url: String,
    /// The text of a taken time.
    just_taken: String,
    /// The announcement for screen readers, with `{time}` as the placeholder of the time.
    announcement: String,
) -> impl IntoView {
    let spoken = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::listen(url, just_taken, announcement, spoken);
    #[cfg(not(feature = "hydrate"))]
    let _ = (url, just_taken, announcement);
    view! { <p class="hide" role="status">{move || spoken.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod browser;
