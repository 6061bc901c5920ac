//! The browser's half.

use std::time::Duration;

use leptos::prelude::{GetUntracked, RwSignal, Set, set_interval};

pub fn count(until: f64, left: String, last_minute: String, ran_out: String, text: RwSignal<String>) {
    let show = move || {
        let seconds = until - js_sys::Date::now() / 1000.0;
        let now = if seconds <= 0.0 {
            ran_out.clone()
        } else if seconds < 60.0 {
            last_minute.clone()
        } else {
            left.replace("{minutes}", &format!("{:.0}", (seconds / 60.0).floor()))
        };
        // Only what changed is set, so that a screen reader says each minute once.
        if text.get_untracked() != now {
            text.set(now);
        }
    };
    // Not before the first second: what is set while the island wakes up would not be shown.
    set_interval(show, Duration::from_secs(1));
}
