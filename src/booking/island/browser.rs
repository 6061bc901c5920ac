//! The browser's half.

use std::time::Duration;

use leptos::prelude::{GetUntracked, RwSignal, Set, set_interval};
use wasm_bindgen::JsValue;

/// The words of a countdown.
pub struct Words {
    pub holding: String,
    pub left: String,
    pub last_minute: String,
    pub ran_out: String,
}

/// How many seconds before the end it begins to speak.
const NEAR: f64 = 120.0;

pub fn count(seconds: f64, words: Words, text: RwSignal<String>, spoken: RwSignal<String>) {
    let until = written_at() + seconds;
    let show = move || {
        let seconds = until - now();
        let minutes = (seconds / 60.0).floor();
        let now = if seconds <= 0.0 {
            words.ran_out.clone()
        } else if seconds < 60.0 {
            format!("{} {}", words.holding, words.last_minute)
        } else {
            format!(
                "{} {}",
                words.holding,
                words.left.replace("{minutes}", &format!("{minutes:.0}"))
            )
        };
        // Only what changed is set, so that a screen reader says each word once.
        if text.get_untracked() != now {
            if seconds < NEAR {
                spoken.set(now.clone());
            }
            text.set(now);
        }
    };
    // Not before the first second: what is set while the island wakes up would not be shown.
    set_interval(show, Duration::from_secs(1));
}

/// The seconds since the browser began to ask for this page, by a clock that nobody sets.
fn now() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or(0.0, |performance| performance.now() / 1000.0)
}

/// The moment on the clock of [`now`] at which the page began to arrive: the server wrote it no later. Now, where a browser
/// does not say.
fn written_at() -> f64 {
    let arrival = || {
        let performance = web_sys::window()?.performance()?;
        let pages = performance.get_entries_by_type("navigation");
        let start = js_sys::Reflect::get(&pages.get(0), &JsValue::from_str("responseStart")).ok()?;
        start.as_f64().filter(|start| *start > 0.0)
    };
    arrival().map_or_else(now, |start| start / 1000.0)
}
