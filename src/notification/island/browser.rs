//! The browser's half.

use std::time::Duration;

use js_sys::Reflect;
use leptos::prelude::{document, set_timeout, window_event_listener_untyped};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

/// Tells what is in a field: now, since a browser may have kept what was typed, and whenever somebody types.
pub fn listen(field: String, tell: impl Fn(&str) + Clone + 'static) {
    let first = (field.clone(), tell.clone());
    let look = move || {
        if let Some(text) = document().get_element_by_id(&first.0).and_then(value) {
            (first.1)(&text);
        }
    };
    // What is set while an island wakes up would not be shown.
    set_timeout(look, Duration::from_millis(0));
    window_event_listener_untyped("input", move |event: Event| {
        let typed = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .filter(|element| element.id() == field)
            .and_then(value);
        if let Some(text) = typed {
            tell(&text);
        }
    });
}

fn value(element: Element) -> Option<String> {
    Reflect::get(&element, &JsValue::from_str("value"))
        .ok()?
        .as_string()
}
