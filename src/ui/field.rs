//! Form fields, with their hints and errors where a screen reader finds them.

use crate::ui::texts;
use leptos::prelude::*;

use super::{
    layout::icon,
    notice::{field_error, request_error},
};
use engine::error::Field;

/// The ids that describe a field, and its error where the last try had one.
fn described(field: Field, has_hint: bool) -> (Option<String>, Option<AnyView>) {
    let name = field.name();
    let error = request_error().and_then(|error| field_error(error, field, texts()));
    let mut ids = Vec::new();
    if has_hint {
        ids.push(format!("{name}-hint"));
    }
    if error.is_some() {
        ids.push(format!("{name}-error"));
    }
    let error = error.map(|text| {
        view! { <p class="error" id=format!("{name}-error")>{icon("alert-triangle")}<span>{text}</span></p> }
            .into_any()
    });
    let describedby = (!ids.is_empty()).then(|| ids.join(" "));
    (describedby, error)
}

/// One line of text.
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
    #[prop(optional)] maxlength: Option<usize>,
    #[prop(default = true)] required: bool,
    /// A class of the input.
    #[prop(optional)]
    class: Option<&'static str>,
) -> impl IntoView {
    let (describedby, error) = described(field, hint.is_some());
    let invalid = error.is_some().then_some("true");
    let name = field.name();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            {error}
            <input
                id=name
                name=name
                type=kind
                class=class
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=maxlength
                required=required
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
    maxlength: usize,
) -> impl IntoView {
    let texts = texts();
    let (describedby, error) = described(field, hint.is_some());
    let invalid = error.is_some().then_some("true");
    let name = field.name();
    view! {
        <div class="field">
            <label for=name>{label} " " <span class="optional">{texts.text("optional")}</span></label>
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            {error}
            <textarea id=name name=name rows="4" maxlength=maxlength aria-describedby=describedby aria-invalid=invalid>
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
