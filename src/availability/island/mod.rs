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
    /// What a taken time says.
    just_taken: String,
    /// What is said aloud, with `{time}` where the time belongs.
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
