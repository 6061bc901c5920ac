//! The browser's half.

use leptos::prelude::{document, window_event_listener_untyped};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlFormElement, SubmitEvent};

/// On a form that is under way.
const SENDING: &str = "data-sending";

pub fn watch() {
    window_event_listener_untyped("submit", |event: Event| {
        let Some(form) = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlFormElement>().ok())
        else {
            return;
        };
        if form.has_attribute(SENDING) {
            event.prevent_default();
            return;
        }
        let button = event.dyn_ref::<SubmitEvent>().and_then(|event| event.submitter());
        if button
            .as_ref()
            .is_some_and(|button| button.has_attribute("formtarget"))
        {
            // The answer goes to another page, and this one stays.
            return;
        }
        let _ = form.set_attribute(SENDING, "");
        if let Some(button) = button {
            // Not disabled: a disabled button would not be sent along.
            let _ = button.set_attribute("aria-busy", "true");
        }
    });
    // Back to a page that the browser kept: its forms can be sent again.
    window_event_listener_untyped("pageshow", |_| {
        for (selector, attribute) in [("form[data-sending]", SENDING), ("[aria-busy=true]", "aria-busy")] {
            let Ok(found) = document().query_selector_all(selector) else {
                continue;
            };
            for index in 0..found.length() {
                if let Some(element) = found
                    .item(index)
                    .and_then(|node| node.dyn_into::<web_sys::Element>().ok())
                {
                    let _ = element.remove_attribute(attribute);
                }
            }
        }
    });
}
