//! The browser's half.

use std::{cell::RefCell, rc::Rc};

use js_sys::encode_uri_component;
use leptos::prelude::{RwSignal, Set, window, window_event_listener_untyped};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent, MouseEvent, UrlSearchParams};

/// What can be dragged: an appointment that has a page.
const VISIT: &str = "table.sheet td a[href^='appointments/']";

/// Where it can be let fall.
const FREE: &str = "table.sheet td.f a";

/// Marks the cell that is dragged, and the one that it would fall on.
const MARK: &str = "data-drag";

/// The pixels from which a press of the button is no click any more.
const FAR: i32 = 6;

/// An appointment on which the button of the mouse is pressed.
struct Drag {
    visit: Element,
    from: (i32, i32),
    /// Whether the mouse has gone far enough since.
    is_on: bool,
    /// The free time below it.
    over: Option<Element>,
}

#[derive(Default)]
struct State {
    drag: Option<Drag>,
    /// The next click is the end of a drag.
    swallows_click: bool,
}

/// The element of an event, or the one around it, that a selector finds.
fn target(event: &Event, selector: &str) -> Option<Element> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(selector).ok().flatten()
}

/// Marks the cell of a link, or takes the mark away.
fn mark(link: &Element, mark: Option<&str>) {
    let Ok(Some(cell)) = link.closest("td") else {
        return;
    };
    let _ = match mark {
        Some(mark) => cell.set_attribute(MARK, mark),
        None => cell.remove_attribute(MARK),
    };
}

/// Opens the form that moves the appointment, with the free time as its answer.
fn ask(visit: &Element, free: &Element) -> Option<()> {
    let form = visit.get_attribute("href")?;
    let time = free.get_attribute("href")?;
    let time = UrlSearchParams::new_with_str(time.split_once('?')?.1).ok()?;
    let (offer, at) = (time.get("offer")?, time.get("at")?);
    let location = window().location();
    let here = format!("{}{}", location.pathname().ok()?, location.search().ok()?);
    let path = format!(
        "{form}/reschedule?starts_at={}&offer={}&next={}",
        encode_uri_component(&at),
        encode_uri_component(&offer),
        encode_uri_component(&here)
    );
    location.assign(&path).ok()
}

impl State {
    /// Ends a drag: its marks go, and the click that follows is none. Answers with what was dragged.
    fn end(&mut self, is_dragged: RwSignal<bool>) -> Option<Drag> {
        let drag = self.drag.take().filter(|drag| drag.is_on)?;
        mark(&drag.visit, None);
        if let Some(over) = &drag.over {
            mark(over, None);
        }
        self.swallows_click = true;
        is_dragged.set(false);
        Some(drag)
    }

    fn press(&mut self, event: &MouseEvent) {
        self.swallows_click = false;
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        let visit = target(event, VISIT).filter(|_| is_plain);
        self.drag = visit.map(|visit| {
            // The browser would drag the link itself, or mark the text.
            event.prevent_default();
            Drag {
                visit,
                from: (event.client_x(), event.client_y()),
                is_on: false,
                over: None,
            }
        });
    }

    fn go(&mut self, event: &MouseEvent, is_dragged: RwSignal<bool>) {
        // The button was let go outside of the window.
        if event.buttons() & 1 == 0 {
            self.end(is_dragged);
            self.drag = None;
            return;
        }
        let Some(drag) = &mut self.drag else {
            return;
        };
        let (x, y) = (event.client_x() - drag.from.0, event.client_y() - drag.from.1);
        if !drag.is_on && x.abs() + y.abs() >= FAR {
            drag.is_on = true;
            mark(&drag.visit, Some("from"));
            is_dragged.set(true);
        }
        if !drag.is_on {
            return;
        }
        let over = target(event, FREE);
        if over != drag.over {
            if let Some(before) = &drag.over {
                mark(before, None);
            }
            if let Some(over) = &over {
                mark(over, Some("to"));
            }
            drag.over = over;
        }
    }
}

/// Listens while the page is there; its table may be read anew meanwhile.
pub fn listen(is_dragged: RwSignal<bool>) {
    let state = Rc::new(RefCell::new(State::default()));
    let pressed = state.clone();
    window_event_listener_untyped("mousedown", move |event: Event| {
        if let Some(event) = event.dyn_ref::<MouseEvent>() {
            pressed.borrow_mut().press(event);
        }
    });
    let gone = state.clone();
    window_event_listener_untyped("mousemove", move |event: Event| {
        if let Some(event) = event.dyn_ref::<MouseEvent>() {
            gone.borrow_mut().go(event, is_dragged);
        }
    });
    let fallen = state.clone();
    window_event_listener_untyped("mouseup", move |_: Event| {
        let ended = fallen.borrow_mut().end(is_dragged);
        fallen.borrow_mut().drag = None;
        if let Some(Drag {
            visit,
            over: Some(free),
            ..
        }) = ended
        {
            ask(&visit, &free);
        }
    });
    let escaped = state.clone();
    window_event_listener_untyped("keydown", move |event: Event| {
        let is_escape = event
            .dyn_ref::<KeyboardEvent>()
            .is_some_and(|event| event.key() == "Escape");
        if is_escape && escaped.borrow_mut().end(is_dragged).is_some() {
            event.prevent_default();
        }
    });
    window_event_listener_untyped("click", move |event: Event| {
        if std::mem::take(&mut state.borrow_mut().swallows_click) {
            event.prevent_default();
        }
    });
}
