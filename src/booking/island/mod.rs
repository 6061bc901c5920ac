//! A hold that runs.

use leptos::prelude::*;

/// Counts the minutes of a hold down in sight. It speaks only near the end, while somebody may be typing.
#[island]
pub fn HoldCountdown(
    /// The seconds that were left when the server wrote the page. The clock of the browser says nothing about that.
    seconds: f64,
    /// The text while it runs.
    holding: String,
    /// What follows it, with `{minutes}` as the placeholder of the number.
    left: String,
    /// What follows it in the last minute.
    last_minute: String,
    /// The text after it has run out, in place of all others.
    ran_out: String,
) -> impl IntoView {
    let text = RwSignal::new(holding.clone());
    let spoken = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    browser::count(
        seconds,
        browser::Words {
            holding,
            left,
            last_minute,
            ran_out,
        },
        text,
        spoken,
    );
    #[cfg(not(feature = "hydrate"))]
    let _ = (seconds, left, last_minute, ran_out);
    view! {
        <span>{move || text.get()}</span>
        <span class="hide" role="status">{move || spoken.get()}</span>
    }
}

#[cfg(feature = "hydrate")]
mod browser;
