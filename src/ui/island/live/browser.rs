//! The browser's half.

use std::{cell::Cell, rc::Rc, time::Duration};

use js_sys::{Function, Object, Reflect};
use leptos::prelude::{RwSignal, Set, document, set_interval, window, window_event_listener_untyped};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Element, Event, EventSource, HtmlElement, KeyboardEvent, XmlHttpRequest, XmlHttpRequestResponseType,
};

/// How often a part is read anew although nothing was said: minutes of waiting count up.
const MINUTE: Duration = Duration::from_secs(60);

/// What can be chosen in a table.
const CHOICES: &str = "table[data-keys] a";

pub fn listen(url: String, part: String, announcement: String, spoken: RwSignal<String>) {
    keys();
    set_interval(
        {
            let part = part.clone();
            move || {
                if !document().hidden() {
                    read(&part, || {});
                }
            }
        },
        MINUTE,
    );
    let Ok(source) = EventSource::new(&url) else {
        return;
    };
    let changed = move || {
        let announcement = announcement.clone();
        read(&part, move || {
            // Said again, it has to be another text.
            spoken.set(String::new());
            spoken.set(announcement);
        });
    };
    let on_change = Closure::<dyn FnMut()>::new(changed.clone());
    let _ = source.add_event_listener_with_callback("changed", on_change.as_ref().unchecked_ref());
    // After the line was lost, something may have been missed.
    let is_first = Rc::new(Cell::new(true));
    let on_open = Closure::<dyn FnMut()>::new(move || {
        if !is_first.replace(false) {
            changed();
        }
    });
    let _ = source.add_event_listener_with_callback("open", on_open.as_ref().unchecked_ref());
    // The page listens as long as it is there.
    on_change.forget();
    on_open.forget();
}

/// Reads the page anew, and shows this part of it, or these.
fn read(part: &str, then: impl FnOnce() + 'static) {
    let (Ok(request), Ok(href)) = (XmlHttpRequest::new(), window().location().href()) else {
        return;
    };
    let href = href.split('#').next().unwrap_or_default().to_owned();
    if request.open("GET", &href).is_err() {
        return;
    }
    request.set_response_type(XmlHttpRequestResponseType::Document);
    let (answer, part) = (request.clone(), part.to_owned());
    let done: JsValue = Closure::once_into_js(move || {
        let fresh = answer.response().ok().filter(|_| answer.status() == Ok(200));
        let fresh = fresh.and_then(|page| page.dyn_into::<web_sys::Document>().ok());
        let Some(fresh) = fresh else {
            return;
        };
        let mut is_shown = false;
        for part in part.split(' ') {
            if let (Some(fresh), Some(here)) =
                (fresh.get_element_by_id(part), document().get_element_by_id(part))
            {
                show(&here, &fresh);
                is_shown = true;
            }
        }
        if is_shown {
            then();
        }
    });
    request.set_onload(Some(done.unchecked_ref()));
    let _ = request.send();
}

/// Shows what was read in place of what is there; what had the focus has it again. A menu that somebody has open stays as it
/// is, until the next time.
fn show(here: &Element, fresh: &Element) {
    if matches!(here.query_selector("details.menu[open]"), Ok(Some(_))) {
        return;
    }
    let focused = document()
        .active_element()
        .filter(|element| here.contains(Some(element)));
    let name = focused.and_then(|element| {
        let named = ["href", "value"]
            .into_iter()
            .find_map(|name| Some((name, element.get_attribute(name)?)));
        named.map(|(name, value)| format!("{}[{name}='{value}']", element.tag_name()))
    });
    here.set_inner_html(&fresh.inner_html());
    let again = name.and_then(|name| here.query_selector(&name).ok().flatten());
    if let Some(again) = again.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = again.focus();
    }
}

/// Lets arrow keys lead from one choice of a table to the next one in their direction.
fn keys() {
    window_event_listener_untyped("keydown", |event: Event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        let (right, down) = match event.key().as_str() {
            "ArrowLeft" => (-1.0, 0.0),
            "ArrowRight" => (1.0, 0.0),
            "ArrowUp" => (0.0, -1.0),
            "ArrowDown" => (0.0, 1.0),
            _ => return,
        };
        if event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let from = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some(from) = from.filter(|from| from.matches(CHOICES) == Ok(true)) else {
            return;
        };
        if let Some(next) = nearest(&from, right, down) {
            event.prevent_default();
            let _ = next.focus();
            show_whole(&next);
        }
    });
}

/// Shows all of an element by moving what is around it as little as that takes. The focus alone leaves what is seen in part.
fn show_whole(element: &HtmlElement) {
    let (options, nearest) = (Object::new(), JsValue::from_str("nearest"));
    for side in ["block", "inline"] {
        let _ = Reflect::set(&options, &JsValue::from_str(side), &nearest);
    }
    let scroll = Reflect::get(element, &JsValue::from_str("scrollIntoView")).ok();
    if let Some(scroll) = scroll.and_then(|scroll| scroll.dyn_into::<Function>().ok()) {
        let _ = scroll.call1(element, &options);
    }
}

/// The choice that is nearest in this direction: what is aside counts much more than what is ahead. Heads stay in sight while
/// the rest is moved below them, so that they look nearer than they are: they come last.
fn nearest(from: &Element, right: f64, down: f64) -> Option<HtmlElement> {
    const ASIDE: f64 = 8.0;
    const HEAD: f64 = 1e6;
    let is_head = |element: &Element| element.closest("thead").is_ok_and(|head| head.is_some());
    let from_head = is_head(from);
    let at = from.get_bounding_client_rect();
    let choices = document().query_selector_all(CHOICES).ok()?;
    let mut best: Option<(f64, HtmlElement)> = None;
    for index in 0..choices.length() {
        let Some(choice) = choices
            .item(index)
            .and_then(|node| node.dyn_into::<HtmlElement>().ok())
        else {
            continue;
        };
        let there = choice.get_bounding_client_rect();
        let (x, y) = (there.left() - at.left(), there.top() - at.top());
        let ahead = x * right + y * down;
        let aside = (x * down).abs() + (y * right).abs();
        if ahead < 1.0 {
            continue;
        }
        let is_last = is_head(&choice) && !from_head;
        let far = ahead + ASIDE * aside + if is_last { HEAD } else { 0.0 };
        if best.as_ref().is_none_or(|(least, _)| far < *least) {
            best = Some((far, choice));
        }
    }
    best.map(|(_, choice)| choice)
}
