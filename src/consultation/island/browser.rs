//! The browser's half.

use std::cell::RefCell;

use leptos::prelude::{RwSignal, Set, document};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

/// The messages of the other one.
const OF_OTHER: &str = "#thread > [data-other]";

pub fn listen(url: String, announcement: String, spoken: RwSignal<String>) {
    let on_thread = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(html) = event.data().as_string()
            && show(&html)
        {
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

fn count() -> u32 {
    document()
        .query_selector_all(OF_OTHER)
        .map_or(0, |found| found.length())
}
