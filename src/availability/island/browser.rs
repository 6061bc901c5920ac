//! The browser's half.

use js_sys::{Array, JSON};
use leptos::prelude::{RwSignal, Set, document};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, EventSource, HtmlButtonElement, MessageEvent};

/// On a time that was marked here, so that it can be given back when it comes free again.
const MARK: &str = "data-just-taken";

pub fn listen(url: String, just_taken: String, announcement: String, spoken: RwSignal<String>) {
    let Ok(source) = EventSource::new(&url) else {
        return;
    };
    let on_busy = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let busy = event.data().as_string().map(|data| ranges(&data));
        if let Some(gone) = busy.and_then(|busy| mark(&busy, &just_taken)) {
            spoken.set(announcement.replace("{time}", &gone));
        }
    });
    let _ = source.add_event_listener_with_callback("busy", on_busy.as_ref().unchecked_ref());
    // The page listens as long as it is there.
    on_busy.forget();
}

fn ranges(data: &str) -> Vec<(f64, f64)> {
    JSON::parse(data)
        .map(|list| Array::from(&list))
        .unwrap_or_default()
        .iter()
        .filter_map(|pair| {
            let pair = Array::from(&pair);
            Some((pair.get(0).as_f64()?, pair.get(1).as_f64()?))
        })
        .collect()
}

/// Marks what is busy, and answers with the times that have just gone.
fn mark(busy: &[(f64, f64)], just_taken: &str) -> Option<String> {
    let buttons = document().query_selector_all("button[data-from]").ok()?;
    let mut gone = Vec::new();
    for index in 0..buttons.length() {
        let Some(button) = buttons
            .item(index)
            .and_then(|node| node.dyn_into::<HtmlButtonElement>().ok())
        else {
            continue;
        };
        let seconds = |name| {
            button
                .get_attribute(name)
                .and_then(|text| text.parse::<f64>().ok())
        };
        let (Some(from), Some(until)) = (seconds("data-from"), seconds("data-until")) else {
            continue;
        };
        let taken = busy.iter().any(|range| range.0 < until && from < range.1);
        let marked = button.has_attribute(MARK);
        if taken && !marked {
            gone.extend(button.text_content());
            button.set_disabled(true);
            let _ = button.set_attribute(MARK, "");
            if let Ok(small) = document().create_element("small") {
                small.set_text_content(Some(just_taken));
                let _ = button.append_child(&small);
            }
        } else if !taken && marked {
            button.set_disabled(false);
            let _ = button.remove_attribute(MARK);
            if let Ok(Some(small)) = button.query_selector("small") {
                small.remove();
            }
        }
    }
    recount();
    (!gone.is_empty()).then(|| gone.join(", "))
}

/// Says at the head of each day how many times are left: the first number there.
fn recount() {
    let Ok(days) = document().query_selector_all(".day") else {
        return;
    };
    for index in 0..days.length() {
        let Some(day) = days.item(index).and_then(|node| node.dyn_into::<Element>().ok()) else {
            continue;
        };
        let free = day.query_selector_all("button.time:not(:disabled)");
        let (Ok(free), Ok(Some(said))) = (free, day.query_selector("header > p")) else {
            continue;
        };
        let text = said.text_content().unwrap_or_default();
        let is_digit = |c: char| c.is_ascii_digit();
        let Some(start) = text.find(is_digit) else {
            continue;
        };
        let (before, number) = text.split_at(start);
        let after = number.trim_start_matches(is_digit);
        let now = format!("{before}{}{after}", free.length());
        if now != text {
            said.set_text_content(Some(&now));
        }
    }
}
