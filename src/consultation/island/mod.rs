//! A thread that grows while somebody reads it.

use leptos::prelude::*;

/// Listens for what is written in a consultation, and shows it in the list with the id `thread`. It listens only while the
/// page can be seen, and says what it has shown there: that counts as seen.
#[island]
pub fn LiveThread(
    /// The stream to listen to.
    url: String,
    /// Where to say what was shown, and of which appointment.
    seen: String,
    reference: String,
    /// The announcement of a new message for screen readers.
    announcement: String,
) -> impl IntoView {
    let spoken = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::listen(url, (seen, reference), announcement, spoken);
    #[cfg(not(feature = "hydrate"))]
    let _ = (url, seen, reference, announcement);
    view! { <p class="hide" role="status">{move || spoken.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod browser;
