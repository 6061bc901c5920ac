//! The entry point in the browser.

use wasm_bindgen::prelude::wasm_bindgen;

/// Wakes up the islands of the page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
