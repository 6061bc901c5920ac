//! A hold that runs.

use leptos::prelude::*;

/// Counts the minutes of a hold down, and says so when few are left.
#[island]
pub fn HoldCountdown(
    /// The seconds that were left when the server wrote the page. The clock of the browser says nothing about that.
    seconds: f64,
    /// The text while it runs, with `{minutes}` as the placeholder of the number.
    left: String,
    /// The text of the last minute.
    last_minute: String,
    /// The text after it has run out.
    ran_out: String,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::count(seconds, left, last_minute, ran_out, text);
    #[cfg(not(feature = "hydrate"))]
    let _ = (seconds, left, last_minute, ran_out);
    view! { <span class="soft" role="status">{move || text.get()}</span> }
}

#[cfg(feature = "hydrate")]
mod browser;
