//! Form fields, with their hints and errors where a screen reader finds them.

use crate::{
    server::fields::{COOKIES, KEEPS_COOKIES},
    ui::texts,
};
use http::{header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{
    icon::icon,
    notice::{field_error, request_error},
};
use engine::error::Field;

/// The sentence that says what is wrong with a field, under the id by which the field refers to it.
pub fn error_text(id: String, text: String) -> AnyView {
    view! { <p class="error" id=id>{icon("alert-triangle")}<span>{text}</span></p> }.into_any()
}

/// The notes between the label of a field and the field itself.
#[derive(Default)]
pub struct Notes {
    pub hint: Option<String>,
    /// The value that somebody else gave it meanwhile.
    pub now: Option<String>,
    pub error: Option<String>,
}

impl Notes {
    /// The notes of a field: its hint, and its error where the last try had one.
    fn of(field: Field, hint: Option<String>) -> Self {
        Self {
            hint,
            now: None,
            error: request_error().and_then(|error| field_error(error, field, texts())),
        }
    }

    /// The ids of the notes of the field with this id, for `aria-describedby`.
    pub fn described_by(&self, id: &str) -> Option<String> {
        let ids: Vec<String> = [("hint", &self.hint), ("now", &self.now), ("error", &self.error)]
            .into_iter()
            .filter(|(_, note)| note.is_some())
            .map(|(kind, _)| format!("{id}-{kind}"))
            .collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// The value of `aria-invalid`.
    pub fn invalid(&self) -> Option<&'static str> {
        self.error.is_some().then_some("true")
    }

    /// Shows the notes of the field with this id.
    pub fn view(self, id: &str) -> AnyView {
        let Self { hint, now, error } = self;
        view! {
            {hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            {now.map(|now| view! { <p class="hint" id=format!("{id}-now")>{icon("history")} " " {now}</p> })}
            {error.map(|error| error_text(format!("{id}-error"), error))}
        }
        .into_any()
    }
}

/// One line of text.
///
/// No field cuts what is typed or pasted: what is too long is kept, counted and said.
#[component]
pub fn TextField(
    field: Field,
    label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] value: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(default = true)] required: bool,
    /// Whether a page begins here.
    #[prop(optional)]
    autofocus: bool,
    /// A class of the input.
    #[prop(optional)]
    class: Option<&'static str>,
) -> impl IntoView {
    let notes = Notes::of(field, hint);
    let name = field.name();
    let (describedby, invalid) = (notes.described_by(name), notes.invalid());
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {notes.view(name)}
            <input
                id=name
                name=name
                type=kind
                dir="auto"
                class=class
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                required=required
                autofocus=autofocus
                aria-describedby=describedby
                aria-invalid=invalid
            />
        </div>
    }
}

/// Several lines of text, which may be left empty.
#[component]
pub fn TextArea(
    field: Field,
    label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] value: String,
    /// Whether a page begins here.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let texts = texts();
    let notes = Notes::of(field, hint);
    let name = field.name();
    let (describedby, invalid) = (notes.described_by(name), notes.invalid());
    view! {
        <div class="field">
            <label for=name>{label} " " <span class="optional">{texts.text("optional")}</span></label>
            {notes.view(name)}
            <textarea
                id=name
                name=name
                rows="4"
                dir="auto"
                autofocus=autofocus
                aria-describedby=describedby
                aria-invalid=invalid
            >
                {in_textarea(&value)}
            </textarea>
        </div>
    }
}

/// A text as the content of a textarea, which leptos writes as it is.
pub fn in_textarea(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A value that goes along with a form.
#[component]
pub fn Hidden(name: &'static str, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

/// A word to a form that leads nowhere without cookies: a browser that has none gets one with the page, and is told when it
/// comes back without.
#[component]
pub fn Cookies() -> impl IntoView {
    let has_some = use_context::<Parts>().is_some_and(|parts| parts.headers.contains_key(header::COOKIE));
    if let (false, Some(response)) = (has_some, use_context::<ResponseOptions>()) {
        response.insert_header(header::SET_COOKIE, KEEPS_COOKIES);
    }
    view! { <Hidden name=COOKIES value="1" /> }
}
