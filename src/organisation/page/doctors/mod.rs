//! A doctor: from nothing to bookable with one form, and everything about one who is there.

mod add;
mod details;

use leptos::prelude::*;

pub use self::{add::NewDoctorPage, details::AdminDoctorPage};
use super::{Form, Input, group_error, one_of, text_area};
use crate::{availability::page::language_name, ui::icon};
use engine::{
    error::Field,
    i18n::Texts,
    organisation::form::{LANGUAGES, MORE_LANGUAGES},
};

/// The languages that can be ticked; others are typed.
const KNOWN_LANGUAGES: [&str; 10] = ["en", "id", "de", "es", "fr", "jv", "mi", "nl", "tr", "zh"];

/// There is no clinic or no service yet.
pub(super) fn nothing_to_offer(title: &'static str, texts: Texts) -> impl IntoView {
    view! {
        <div class="empty">
            {icon("stethoscope")}
            <h1>{texts.text(title)}</h1>
            <p>{texts.text("doctor-needs")}</p>
            <div class="actions">
                <a class="btn primary" href="/admin/clinics">{texts.text("clinics-title")}</a>
                <a class="btn primary" href="/admin/services">{texts.text("services-title")}</a>
            </div>
        </div>
    }
}

fn who(form: &Form) -> impl IntoView + use<> {
    view! {
        {Input::text(Field::Title, "column-name").hint("doctor-name-hint").view(form)}
        {Input::text(Field::Speciality, "speciality").view(form)}
        {text_area(form, Field::About, "doctor-about")}
    }
}

fn email(form: &Form) -> impl IntoView + use<> {
    Input {
        kind: "email",
        ..Input::text(Field::Email, "email-label")
    }
    .view(form)
}

fn languages(form: &Form) -> impl IntoView + use<> {
    let texts = form.texts;
    let (error, described_by) = group_error(form, &[Field::Languages], "languages");
    let boxes = KNOWN_LANGUAGES
        .into_iter()
        .enumerate()
        .map(|(index, code)| {
            one_of(
                form,
                LANGUAGES,
                index,
                code.to_owned(),
                language_name(code, texts),
            )
        })
        .collect_view();
    let more = form.filled.text(MORE_LANGUAGES).to_owned();
    view! {
        <fieldset class="fields" id="languages" aria-describedby=described_by>
            <legend>
                {texts.text("doctor-languages")} " " <span class="optional">{texts.text("optional")}</span>
            </legend>
            {error}
            <div class="checks">{boxes}</div>
            <div class="field">
                <label for=MORE_LANGUAGES>{texts.text("doctor-more-languages")}</label>
                <input
                    id=MORE_LANGUAGES
                    name=format!("filled[fields][{MORE_LANGUAGES}]")
                    value=more
                    autocomplete="off"
                />
            </div>
        </fieldset>
    }
}
