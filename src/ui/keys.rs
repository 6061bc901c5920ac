//! The keys of a doctor's pages.

use leptos::prelude::*;

use super::island::Shortcuts;
use engine::{account::Caller, i18n::Texts};

/// A key, what it does, and the key of the text that says so; see [`Shortcuts`].
const OF_DOCTORS: [(&str, &str, &str); 9] = [
    ("t", "go:/doctor", "key-today"),
    ("w", "go:/doctor/week", "key-week"),
    ("p", "go:/doctor/plan", "key-plan"),
    ("b", "go:/doctor/book", "key-book"),
    ("v", "go:/doctor/templates", "key-templates"),
    ("j", "row:1", "key-next-row"),
    ("k", "row:-1", "key-previous-row"),
    ("x", "press", "key-press"),
    ("/", "focus:#search", "key-search"),
];

/// The keys that work on every page of a doctor.
pub(super) fn shortcuts(caller: Option<&Caller>, texts: Texts) -> Option<impl IntoView + use<>> {
    if !matches!(caller, Some(Caller::Doctor { .. })) {
        return None;
    }
    let (mut keys, mut deeds, mut said) = (Vec::new(), Vec::new(), Vec::new());
    for (key, deed, text) in OF_DOCTORS {
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
