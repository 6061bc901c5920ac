//! The browser's half.

use js_sys::{Array, Function, Reflect};
use leptos::prelude::{RwSignal, Set, document, window, window_event_listener_untyped};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use crate::ui::island::browser::soon;

/// Where a browser remembers that its owner wants none.
const STORED: &str = "janji-shortcuts";
const OFF: &str = "off";

/// On the row that a key led to.
const ROW: &str = "main ol.rows > li";

/// Calls a method of an object by its name; nothing where it has none.
fn call(object: &JsValue, method: &str, arguments: &[&str]) -> Option<JsValue> {
    let method = Reflect::get(object, &JsValue::from_str(method)).ok()?;
    let arguments: Array = arguments.iter().map(|text| JsValue::from_str(text)).collect();
    Reflect::apply(method.dyn_ref::<Function>()?, object, &arguments).ok()
}

/// What the browser remembers; nothing where it is not allowed to.
fn storage() -> Option<JsValue> {
    Reflect::get(&window(), &JsValue::from_str("localStorage"))
        .ok()
        .filter(JsValue::is_object)
}

fn is_on() -> bool {
    let stored = storage().and_then(|storage| call(&storage, "getItem", &[STORED]));
    stored.and_then(|stored| stored.as_string()).as_deref() != Some(OFF)
}

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

fn flag(object: &JsValue, name: &str) -> bool {
    Reflect::get(object, &JsValue::from_str(name)).is_ok_and(|value| value.is_truthy())
}

/// Opens the list.
pub fn open() {
    let Some(dialog) = find("#shortcuts") else {
        return;
    };
    if flag(&dialog, "open") {
        return;
    }
    if let Some(switch) = find("#shortcuts-on") {
        let _ = Reflect::set(
            &switch,
            &JsValue::from_str("checked"),
            &JsValue::from_bool(is_on()),
        );
    }
    call(&dialog, "showModal", &[]);
}

/// Closes the list; the browser leads back to where the focus was.
pub fn shut() {
    if let Some(dialog) = find("#shortcuts") {
        call(&dialog, "close", &[]);
    }
}

/// Turns the keys on or off, as the checkbox of the list says.
pub fn turn() {
    let (Some(switch), Some(storage)) = (find("#shortcuts-on"), storage()) else {
        return;
    };
    match flag(&switch, "checked") {
        true => call(&storage, "removeItem", &[STORED]),
        false => call(&storage, "setItem", &[STORED, OFF]),
    };
}

/// Whether somebody types, or chooses something, where this event happened.
fn is_typing(event: &Event) -> bool {
    let Some(element) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return false;
    };
    let is_within = |selector| element.closest(selector).ok().flatten().is_some();
    // The focus stays in a dialog that was closed until the page is painted again, and keys go there.
    is_within("input, textarea, select, [contenteditable], dialog") && !is_within("dialog:not([open])")
}

/// Listens for keys while the page is there.
pub fn listen(keys: Vec<String>, deeds: Vec<String>, is_there: RwSignal<bool>) {
    soon(move || is_there.set(true));
    window_event_listener_untyped("keydown", move |event: Event| {
        let Some(pressed) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        let is_for_another =
            pressed.ctrl_key() || pressed.alt_key() || pressed.meta_key() || pressed.repeat();
        if is_for_another || event.default_prevented() || is_typing(&event) {
            return;
        }
        let key = pressed.key();
        // The list is there for whoever has turned the rest off by accident.
        if key == "?" {
            event.prevent_default();
            open();
            return;
        }
        if !is_on() {
            return;
        }
        let place = keys.iter().position(|known| *known == key);
        if let Some(deed) = place.and_then(|place| deeds.get(place)) {
            event.prevent_default();
            act(deed);
        }
    });
}

fn act(deed: &str) {
    if let Some(path) = deed.strip_prefix("go:") {
        let _ = window().location().assign(path);
    } else if let Some(selector) = deed.strip_prefix("focus:") {
        if let Some(field) = find(selector) {
            let _ = field.focus();
        }
    } else if let Some(key) = deed.strip_prefix("press:") {
        // Not on every page there is something to press.
        if let Some(element) = find(&format!("main [aria-keyshortcuts='{key}']")) {
            let _ = element.focus();
            element.click();
        }
    } else if deed == "row:1" || deed == "row:-1" {
        step(deed == "row:1");
    } else if deed == "press"
        && let Some(row) = here()
        && let Ok(Some(button)) = row.query_selector(".actions > a, .actions > form button")
        && let Ok(button) = button.dyn_into::<HtmlElement>()
    {
        button.click();
    }
}

/// The row that has the focus.
fn here() -> Option<Element> {
    document().active_element()?.closest(ROW).ok().flatten()
}

/// Leads to the next row, or to the one before; from elsewhere to the first.
fn step(is_forward: bool) {
    let Ok(found) = document().query_selector_all(ROW) else {
        return;
    };
    let rows: Vec<Element> = (0..found.length())
        .filter_map(|index| found.item(index)?.dyn_into().ok())
        .collect();
    let now = here().and_then(|here| rows.iter().position(|row| *row == here));
    let next = match (now, is_forward) {
        (None, _) => Some(0),
        (Some(now), true) => Some(now + 1),
        (Some(now), false) => now.checked_sub(1),
    };
    let link = next
        .and_then(|next| rows.get(next))
        .and_then(|row| row.query_selector("h3 a, .actions > a").ok().flatten())
        .and_then(|link| link.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        let _ = link.focus();
    }
}
