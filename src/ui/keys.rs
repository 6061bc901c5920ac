//! The keys of the pages of doctors and of the desk.

use leptos::prelude::*;

use super::island::Shortcuts;
use engine::{account::Caller, i18n::Texts};

/// A key, what it does, and the key of the text that says so; see [`Shortcuts`].
type Entry = (&'static str, &'static str, &'static str);

/// The box at the head of every page of staff.
const FIND: Entry = ("/", "focus:#find-anybody", "find-anybody");

const OF_DOCTORS: [Entry; 9] = [
    ("t", "go:/doctor", "key-today"),
    ("w", "go:/doctor/week", "key-week"),
    ("p", "go:/doctor/plan", "key-plan"),
    ("b", "go:/doctor/book", "key-book"),
    ("v", "go:/doctor/templates", "key-templates"),
    ("j", "row:1", "key-next-row"),
    ("k", "row:-1", "key-previous-row"),
    ("x", "press", "key-press"),
    FIND,
];

const OF_DESK: [Entry; 12] = [
    FIND,
    ("d", "go:/admin/day", "sheet-day"),
    ("l", "go:/admin", "board-title"),
    ("b", "go:/admin/book", "key-book"),
    ("w", "go:/admin/walk-in", "desk-walk-in"),
    (
        "f",
        "focus:main .offers button, main button.time:enabled, main td.f > a",
        "key-free",
    ),
    ("j", "row:1", "key-next-row"),
    ("k", "row:-1", "key-previous-row"),
    ("x", "press", "key-press"),
    ("a", "press:a", "key-arrived"),
    ("m", "press:m", "key-move"),
    ("c", "press:c", "key-cancel"),
];

/// The keys that work on every page of a doctor, or of somebody at the desk.
pub(super) fn shortcuts(caller: Option<&Caller>, texts: Texts) -> Option<impl IntoView + use<>> {
    let all: &[Entry] = match caller? {
        Caller::Doctor { .. } => &OF_DOCTORS,
        Caller::Admin { .. } | Caller::Reception { .. } => &OF_DESK,
        Caller::Patient { .. } => return None,
    };
    let (mut keys, mut deeds, mut said) = (Vec::new(), Vec::new(), Vec::new());
    for &(key, deed, text) in all {
        keys.push(key.to_owned());
        deeds.push(deed.to_owned());
        said.push(texts.text(text));
    }
    Some(view! {
        <Shortcuts
            keys=keys
            deeds=deeds
            texts=said
            title=texts.text("keys-title")
            on=texts.text("keys-on")
            close=texts.text("keys-close")
        />
    })
}
