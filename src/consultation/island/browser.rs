//! The browser's half.

use std::cell::RefCell;

use leptos::prelude::{RwSignal, Set, document, window};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, EventSource, MessageEvent, UrlSearchParams};

/// The messages of the other one.
const OF_OTHER: &str = "#thread > [data-other]";

pub fn listen(
    url: String,
    (seen, reference): (String, String),
    announcement: String,
    spoken: RwSignal<String>,
) {
    let on_thread = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(html) = event.data().as_string()
            && show(&html)
        {
            tell(&seen, &reference);
            // Said again, it must be another text.
            let pause = " ".repeat(count() as usize % 2);
            spoken.set(format!("{announcement}{pause}"));
        }
    });
    let line = RefCell::new(None::<EventSource>);
    let tune = move || {
        let mut line = line.borrow_mut();
        match (document().hidden(), line.as_ref()) {
            (true, Some(source)) => {
                source.close();
                *line = None;
            }
            (false, None) => {
                if let Ok(source) = EventSource::new(&url) {
                    let _ =
                        source.add_event_listener_with_callback("thread", on_thread.as_ref().unchecked_ref());
                    *line = Some(source);
                }
            }
            (true, None) | (false, Some(_)) => {}
        }
    };
    tune();
    let on_change = Closure::<dyn FnMut()>::new(tune);
    let _ =
        document().add_event_listener_with_callback("visibilitychange", on_change.as_ref().unchecked_ref());
    // The page listens as long as it is there.
    on_change.forget();
}

/// Shows the thread, and answers whether the other one has written.
fn show(html: &str) -> bool {
    let Some(thread) = document().get_element_by_id("thread") else {
        return false;
    };
    let before = count();
    thread.set_inner_html(html);
    count() > before
}

/// Says up to which message of the other one the page has shown the thread. Nothing is lost where that does not arrive: the
/// page says it again with the next message, or when it is opened again.
fn tell(seen: &str, reference: &str) {
    let newest = document()
        .query_selector_all(OF_OTHER)
        .ok()
        .and_then(|found| found.item(found.length().checked_sub(1)?))
        .and_then(|newest| newest.dyn_into::<Element>().ok())
        .and_then(|newest| newest.get_attribute("data-other"));
    if let (Some(position), Ok(fields)) = (newest, UrlSearchParams::new()) {
        fields.append("reference", reference);
        fields.append("position", &position);
        let _ = window()
            .navigator()
            .send_beacon_with_opt_url_search_params(seen, Some(&fields));
    }
}

fn count() -> u32 {
    document()
        .query_selector_all(OF_OTHER)
        .map_or(0, |found| found.length())
}
