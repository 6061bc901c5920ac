//! The browser's half.

use std::{cell::Cell, rc::Rc, time::Duration};

use js_sys::{Reflect, encode_uri_component};
use leptos::prelude::{RwSignal, Set, document, set_timeout, window_event_listener_untyped};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, XmlHttpRequest};

/// How long somebody has to pause before the server is asked.
const PAUSE: Duration = Duration::from_millis(200);

const BOX: &str = "find-anybody";
const LIST: &str = "found-anybody";

/// The number of what was typed last: an answer to what was typed before it is dropped.
type Newest = Rc<Cell<u32>>;

pub fn watch(found: String, spoken: RwSignal<String>) {
    let newest = Newest::default();
    on_typing({
        let newest = newest.clone();
        move || {
            let number = newest.get().wrapping_add(1);
            newest.set(number);
            let (newest, found) = (newest.clone(), found.clone());
            set_timeout(
                move || {
                    if newest.get() == number {
                        ask(newest, number, found, spoken);
                    }
                },
                PAUSE,
            );
        }
    });
    on_keys(newest.clone());
    window_event_listener_untyped("click", move |event: Event| {
        if of_finder(&event).is_none() {
            close(&newest);
        }
    });
}

fn on_typing(typed: impl Fn() + 'static) {
    let Some(field) = document().get_element_by_id(BOX) else {
        return;
    };
    let typed = Closure::<dyn FnMut()>::new(typed);
    let _ = field.add_event_listener_with_callback("input", typed.as_ref().unchecked_ref());
    // The box is there as long as the page.
    typed.forget();
}

/// Arrows lead through the list, Escape out of it. The key that leads to the box is one of those that can be turned off, and
/// stands with them.
fn on_keys(newest: Newest) {
    window_event_listener_untyped("keydown", move |event: Event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let inside = of_finder(event);
        match (event.key().as_str(), inside) {
            ("Escape", Some(_)) => {
                close(&newest);
                focus(document().get_element_by_id(BOX));
            }
            ("ArrowDown", Some(_)) => step(event, 1),
            ("ArrowUp", Some(_)) => step(event, -1),
            _ => {}
        }
    });
}

/// Goes to the next way out of the list, or the one before; from the first one back to the box.
fn step(event: &KeyboardEvent, by: i32) {
    let Ok(links) = document().query_selector_all(&format!("#{LIST} li > a:first-child")) else {
        return;
    };
    let links: Vec<Element> = (0..links.length())
        .filter_map(|index| links.item(index)?.dyn_into().ok())
        .collect();
    let Some(count) = i32::try_from(links.len()).ok().filter(|count| *count > 0) else {
        return;
    };
    let focused = document().active_element();
    let here = links.iter().position(|link| Some(link) == focused.as_ref());
    let next = match here.and_then(|here| i32::try_from(here).ok()) {
        Some(here) => here + by,
        None if by > 0 => 0,
        None => return,
    };
    event.prevent_default();
    match usize::try_from(next) {
        Ok(next) => focus(
            links
                .into_iter()
                .nth(next.min(usize::try_from(count - 1).unwrap_or(0))),
        ),
        Err(_) => focus(document().get_element_by_id(BOX)),
    }
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

/// The form, where something happened in it.
fn of_finder(event: &Event) -> Option<Element> {
    target(event)?.closest("form.finder").ok().flatten()
}

/// Closes the list, and drops the answer that is under way.
fn close(newest: &Newest) {
    newest.set(newest.get().wrapping_add(1));
    show("");
}

/// Shows these results; nothing closes the list.
fn show(html: &str) {
    if let Some(list) = document().get_element_by_id(LIST) {
        list.set_inner_html(html);
        let _ = match html {
            "" => list.set_attribute("hidden", ""),
            _ => list.remove_attribute("hidden"),
        };
    }
}

fn typed() -> String {
    document()
        .get_element_by_id(BOX)
        .and_then(|field| Reflect::get(&field, &JsValue::from_str("value")).ok())
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

/// Asks the server whom the words are after. Where it does not answer, the list stays as it is: Enter leads on.
fn ask(newest: Newest, number: u32, found: String, spoken: RwSignal<String>) {
    let words = typed();
    if words.trim().is_empty() {
        show("");
        return;
    }
    let Ok(request) = XmlHttpRequest::new() else {
        return;
    };
    let kind = request
        .open("POST", "/live/find")
        .and_then(|()| request.set_request_header("content-type", "application/x-www-form-urlencoded"));
    if kind.is_err() {
        return;
    }
    let answer = request.clone();
    let done: JsValue = Closure::once_into_js(move || {
        let html = answer.response_text().ok().flatten();
        let html = html.filter(|_| answer.status() == Ok(200));
        // Something else has been typed meanwhile.
        let Some(html) = html.filter(|_| newest.get() == number) else {
            return;
        };
        show(&html);
        let count = document()
            .query_selector_all(&format!("#{LIST} li"))
            .map_or(0, |items| items.length());
        spoken.set(format!("{found} {count}"));
    });
    request.set_onload(Some(done.unchecked_ref()));
    let body = format!(
        "q={}",
        encode_uri_component(&words).as_string().unwrap_or_default()
    );
    let _ = request.send_with_opt_str(Some(&body));
}
