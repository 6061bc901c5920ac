//! The pages on which admins describe the organisation: services, clinics, doctors and what they offer. Each form is a
//! plain one, and says everything that is not right at once.

mod clinics;
mod doctors;
mod first_steps;
mod identity;
mod import;
mod payment;
mod prose;
mod services;
mod specialities;
mod written;

use jiff::tz::TimeZone;
use leptos::prelude::*;

pub use self::{
    clinics::{ClinicPage, ClinicsPage, NewClinicPage},
    doctors::{AdminDoctorPage, NewDoctorPage},
    first_steps::first_steps,
    identity::OrganisationPage,
    import::ImportPage,
    services::{NewServicePage, ServicePage, ServicesPage},
    specialities::SpecialitiesPage,
    written::{ImprintPage, PrivacyPage},
};
pub(crate) use self::{
    payment::{PaymentHints, payment_fields},
    services::name_label,
};
use super::forms::{FORM, name_of};
use crate::{
    account::guard,
    ui::{
        Notes, changed_by, error_summary, error_text, field_error, icon, in_textarea, isolate, message,
        problem, request_error, stale_notice,
    },
};
use engine::{
    error::{AppError, Field},
    i18n::Texts,
    organisation::form::Filled,
    schedule::LastChange,
    time,
};

/// A form of a page: what is in it, and what was wrong with it where it comes back.
pub(crate) struct Form {
    filled: Filled,
    /// Everything that is not right.
    errors: Vec<AppError>,
    /// The error that brought the form back.
    error: Option<AppError>,
    /// The present values, when somebody changed them meanwhile.
    now: Option<Filled>,
    pub(crate) texts: Texts,
}

impl Form {
    /// The form as it was typed, where it comes back; otherwise filled with what is there.
    ///
    /// # Errors
    /// Those of the session.
    pub(crate) async fn of(
        form: &str,
        id: Option<i64>,
        there: Filled,
        check: impl FnOnce(&Filled) -> Vec<AppError>,
        texts: Texts,
    ) -> Result<Self, AppError> {
        let fresh = |filled| Self {
            filled,
            errors: Vec::new(),
            error: None,
            now: None,
            texts,
        };
        let Some(error) = request_error() else {
            return Ok(fresh(there));
        };
        let typed: Option<Filled> = guard::session().typed(FORM, &name_of(form, id)).await?;
        let Some(filled) = typed else {
            return Ok(fresh(there));
        };
        let errors = match error {
            AppError::ValidationFailed { .. } => {
                let mut errors = check(&filled);
                if !errors.contains(&error) {
                    errors.push(error);
                }
                errors
            }
            _ => Vec::new(),
        };
        let is_stale = matches!(error, AppError::StaleDoctor | AppError::StaleOrganisation);
        Ok(Self {
            filled,
            errors,
            error: Some(error),
            now: is_stale.then_some(there),
            texts,
        })
    }

    /// Shows the error at the top of the page.
    pub(crate) fn problem(&self, last: Option<&LastChange>, zone: (&str, &TimeZone)) -> Option<AnyView> {
        let texts = self.texts;
        match self.error? {
            AppError::ValidationFailed { .. } => Some(self.summary().into_any()),
            AppError::StaleDoctor | AppError::StaleOrganisation => {
                let by = last.map(|last| {
                    let when = time::moment(last.at, zone.1, texts);
                    let when = format!("{when} ({})", time::zone_name(zone.0, zone.1, last.at));
                    changed_by(last, when, texts)
                });
                Some(stale_notice(by, "org-stale-title", "org-stale-text", texts))
            }
            error => Some(problem(error, texts)),
        }
    }

    /// All that is not right, each with the way to it.
    fn summary(&self) -> impl IntoView + use<> {
        let texts = self.texts;
        let errors = self.errors.iter().map(|&error| {
            let place = match error {
                AppError::ValidationFailed { field, .. } => anchor(field),
                _ => "main",
            };
            (place.to_owned(), message(error, texts))
        });
        error_summary(errors, texts)
    }

    fn notes(&self, field: Field, hint: Option<&'static str>) -> Notes {
        Notes {
            hint: hint.map(|hint| self.texts.text(hint)),
            now: self.now(field.name()),
            error: self.error_of(field),
        }
    }

    fn error_of(&self, field: Field) -> Option<String> {
        self.errors
            .iter()
            .find_map(|&error| field_error(error, field, self.texts))
    }

    /// The present value of a field that somebody else changed meanwhile.
    fn now(&self, name: &str) -> Option<String> {
        let now = self.now.as_ref()?.text(name);
        if now == self.filled.text(name) {
            return None;
        }
        let now = match now {
            "" => self.texts.text("org-nothing"),
            now => now.to_owned(),
        };
        Some(self.texts.with("org-now", &[("value", now.into())]))
    }
}

/// Whether somebody else has ticked it meanwhile, or no longer, unlike this form.
fn ticked_now(form: &Form, is_ticked: bool, is_now: impl FnOnce(&Filled) -> bool) -> Option<AnyView> {
    let is_now = is_now(form.now.as_ref()?);
    let now = match is_now {
        true => "org-ticked",
        false => "org-not-ticked",
    };
    let value = form.texts.text(now);
    let said = form.texts.with("org-now", &[("value", value.into())]);
    (is_now != is_ticked).then(|| view! { <b class="now">{said}</b> }.into_any())
}

/// The id of the element that shows a field.
fn anchor(field: Field) -> &'static str {
    match field {
        Field::Body | Field::Version | Field::IdempotencyKey => "main",
        // They are about the same fields.
        Field::Day => "days",
        field => field.name(),
    }
}

/// A line of a form.
pub(crate) struct Input {
    pub(crate) field: Field,
    pub(crate) label: &'static str,
    pub(crate) hint: Option<&'static str>,
    pub(crate) kind: &'static str,
    pub(crate) optional: bool,
    pub(crate) inputmode: Option<&'static str>,
    pub(crate) class: &'static str,
    /// The id of a list of suggestions.
    pub(crate) list: Option<&'static str>,
}

impl Input {
    pub(crate) fn text(field: Field, label: &'static str) -> Self {
        Self {
            field,
            label,
            hint: None,
            kind: "text",
            optional: false,
            inputmode: None,
            class: "field",
            list: None,
        }
    }

    pub(crate) fn number(field: Field, label: &'static str) -> Self {
        Self {
            inputmode: Some("numeric"),
            class: "field w-s",
            ..Self::text(field, label)
        }
    }

    pub(crate) fn hint(self, hint: &'static str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    pub(crate) fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    pub(crate) fn view(self, form: &Form) -> impl IntoView + use<> {
        let texts = form.texts;
        let name = self.field.name();
        let notes = form.notes(self.field, self.hint);
        let (described_by, invalid) = (notes.described_by(name), notes.invalid());
        let optional = self
            .optional
            .then(|| view! { " " <span class="optional">{texts.text("optional")}</span> });
        // A password is never sent back.
        let value = (self.kind != "password").then(|| form.filled.text(name).to_owned());
        let autocomplete = match (self.kind, self.field) {
            ("password", Field::OwnPassword) => "current-password",
            ("password", _) => "new-password",
            _ => "off",
        };
        view! {
            <div class=self.class>
                <label for=name>{texts.text(self.label)} {optional}</label>
                {notes.view(name)}
                <input
                    id=name
                    name=format!("filled[fields][{name}]")
                    type=self.kind
                    value=value
                    required=!self.optional
                    inputmode=self.inputmode
                    list=self.list
                    autocomplete=autocomplete
                    aria-describedby=described_by
                    aria-invalid=invalid
                />
            </div>
        }
    }
}

/// Several lines, which may be left empty.
fn text_area(form: &Form, field: Field, label: &'static str) -> impl IntoView + use<> {
    let (name, texts) = (field.name(), form.texts);
    let notes = form.notes(field, None);
    let (described_by, invalid) = (notes.described_by(name), notes.invalid());
    view! {
        <div class="field">
            <label for=name>{texts.text(label)} " " <span class="optional">{texts.text("optional")}</span></label>
            {notes.view(name)}
            <textarea
                id=name
                name=format!("filled[fields][{name}]")
                rows="3"
                aria-describedby=described_by
                aria-invalid=invalid
            >
                {in_textarea(form.filled.text(name))}
            </textarea>
        </div>
    }
}

/// One of a few: the values, with the keys of their texts.
pub(crate) fn select(
    form: &Form,
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
) -> impl IntoView + use<> {
    let chosen = form.filled.text(name).to_owned();
    let options = options
        .into_iter()
        .map(|(value, label)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{form.texts.text(label)}</label>
            <select id=name name=format!("filled[fields][{name}]")>{options}</select>
        </div>
    }
}

/// Yes or no.
pub(crate) fn tick(form: &Form, name: &'static str, label: &'static str) -> impl IntoView + use<> {
    let checked = form.filled.is(name);
    let now = ticked_now(form, checked, |now| now.is(name));
    view! {
        <label class="check">
            <input
                type="checkbox"
                id=name
                name=format!("filled[fields][{name}]")
                value="true"
                checked=checked
            />
            <span>{form.texts.text(label)}{now.map(|now| (" ", now))}</span>
        </label>
    }
}

/// One of many that can be ticked. `index` counts those of a group.
fn one_of(
    form: &Form,
    group: &'static str,
    index: usize,
    value: String,
    label: String,
) -> impl IntoView + use<> {
    let checked = form.filled.has(group, &value);
    let now = ticked_now(form, checked, |now| now.has(group, &value));
    view! {
        <label class="check">
            <input
                type="checkbox"
                name=format!("filled[ticked][{group}][{index}]")
                value=value
                checked=checked
            />
            <span>{isolate(label)}{now.map(|now| (" ", now))}</span>
        </label>
    }
}

/// Shows the error of a group of fields. Answers with its id, by which the group refers to it.
fn group_error(form: &Form, fields: &[Field], id: &'static str) -> (Option<AnyView>, Option<String>) {
    let error = fields.iter().find_map(|&field| form.error_of(field));
    let error_id = format!("{id}-error");
    let described_by = error.as_ref().map(|_| error_id.clone());
    let view = error.map(|error| error_text(error_id, error));
    (view, described_by)
}

/// The way back to a list.
pub(crate) fn back(path: &'static str, label: &'static str, texts: Texts) -> impl IntoView {
    view! { <a class="back" href=path>{icon("arrow-left")}{texts.text(label)}</a> }
}
