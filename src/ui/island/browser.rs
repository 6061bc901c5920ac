//! The browser's half.

use std::time::Duration;

use js_sys::{Function, Reflect};
use leptos::prelude::{document, set_timeout, window_event_listener_untyped};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlElement, HtmlFormElement, SubmitEvent};

/// On a form that is under way.
const SENDING: &str = "data-sending";

/// Does something when the page is awake: what is set while an island wakes up would not be shown.
pub fn soon(act: impl FnOnce() + 'static) {
    set_timeout(act, Duration::from_millis(0));
}

pub fn print() {
    if let Some(window) = web_sys::window() {
        let _ = window.print();
    }
}

/// The elements of the page that a selector finds.
fn all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|index| found.item(index)?.dyn_into().ok())
        .collect()
}

/// Closes menus as people are used to: by Escape, which leads back to the button, and by a click elsewhere.
pub fn close_menus() {
    const OPEN: &str = "details.menu[open]";
    window_event_listener_untyped("keydown", |event: Event| {
        let key = Reflect::get(&event, &JsValue::from_str("key")).ok();
        if key.and_then(|key| key.as_string()).as_deref() != Some("Escape") {
            return;
        }
        for menu in all(OPEN) {
            let _ = menu.remove_attribute("open");
            let button = menu.query_selector("summary").ok().flatten();
            if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
                let _ = button.focus();
            }
        }
    });
    window_event_listener_untyped("click", |event: Event| {
        let inside = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("details.menu").ok().flatten());
        for menu in all(OPEN) {
            if inside.as_ref() != Some(&menu) {
                let _ = menu.remove_attribute("open");
            }
        }
    });
}

/// Says of a field what is wrong with it; nothing is wrong where the text is empty.
fn say(field: &JsValue, text: &str) {
    let say = Reflect::get(field, &JsValue::from_str("setCustomValidity")).ok();
    if let Some(say) = say.and_then(|say| say.dyn_into::<Function>().ok()) {
        let _ = say.call1(field, &JsValue::from_str(text));
    }
}

/// Puts our words in the place of those of the browser, which speaks its own language.
pub fn say_in_our_words(missing: String, malformed: String) {
    let on_invalid = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let Some(field) = event.target() else {
            return;
        };
        // What was said before is no finding of the browser's.
        say(&field, "");
        let is = |what: &str| {
            Reflect::get(&field, &JsValue::from_str("validity"))
                .and_then(|validity| Reflect::get(&validity, &JsValue::from_str(what)))
                .is_ok_and(|is| is.is_truthy())
        };
        if is("valueMissing") {
            say(&field, &missing);
        } else if !is("valid") {
            say(&field, &malformed);
        }
    });
    // It does not rise from the field, and is heard on the way down to it.
    let _ = document().add_event_listener_with_callback_and_bool(
        "invalid",
        on_invalid.as_ref().unchecked_ref(),
        true,
    );
    // The page listens as long as it is there.
    on_invalid.forget();
    for changed in ["input", "change"] {
        window_event_listener_untyped(changed, |event: Event| {
            let Some(field) = event.target() else {
                return;
            };
            say(&field, "");
            // Of a group of buttons, one that is chosen is enough for all of them.
            let form = field
                .dyn_ref::<Element>()
                .and_then(|field| field.closest("form").ok().flatten());
            let radios = form.and_then(|form| form.query_selector_all("input[type=radio]").ok());
            for index in 0..radios.as_ref().map_or(0, |radios| radios.length()) {
                if let Some(radio) = radios.as_ref().and_then(|radios| radios.item(index)) {
                    say(&radio, "");
                }
            }
        });
    }
}

/// On a form of which something has been typed in and not sent.
const TYPED: &str = "data-typed";

/// Notes that something has been typed into the form of this field, and into no other one since.
fn note_typed(field: &Element) {
    if let Ok(Some(form)) = field.closest("main form[method=post]") {
        for other in all("form[data-typed]") {
            let _ = other.remove_attribute(TYPED);
        }
        let _ = form.set_attribute(TYPED, "");
    }
}

/// Whether there is something else in this field than the page came with.
fn has_changed(field: &Element) -> bool {
    let [value, original] = ["value", "defaultValue"].map(|name| {
        Reflect::get(field, &JsValue::from_str(name))
            .ok()
            .and_then(|text| text.as_string())
    });
    value != original
}

/// Takes the words of a form along when the language is changed, so that they stand in it when its page comes back. Pages
/// that say which form of theirs it is do so without this.
pub fn keep_words() {
    // Somebody may have typed before the page was awake.
    let fields = all("main form[method=post] :is(input:not([type=hidden]), textarea)");
    if let Some(field) = fields.into_iter().find(has_changed) {
        note_typed(&field);
    }
    window_event_listener_untyped("input", |event: Event| {
        if let Some(field) = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
        {
            note_typed(&field);
        }
    });
    window_event_listener_untyped("click", |event: Event| {
        let button = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| {
                target
                    .closest(".menu button[name=language]:not([form])")
                    .ok()
                    .flatten()
            });
        let (Some(button), Some(form)) = (button, all("form[data-typed]").into_iter().next()) else {
            return;
        };
        let (Some(action), Some(language)) = (form.get_attribute("action"), button.get_attribute("value"))
        else {
            return;
        };
        if form.id().is_empty() {
            form.set_id("typed-form");
        }
        for (name, value) in [
            ("form", form.id()),
            ("formaction", format!("/form/language?of={action}&to={language}")),
            ("formmethod", "post".to_owned()),
            ("formenctype", "application/x-www-form-urlencoded".to_owned()),
            ("formnovalidate", String::new()),
        ] {
            let _ = button.set_attribute(name, &value);
        }
        let _ = button.remove_attribute("name");
    });
}

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
            for element in all(selector) {
                let _ = element.remove_attribute(attribute);
            }
        }
    });
}
