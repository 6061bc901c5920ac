//! The fields of a webhook.

use leptos::prelude::*;

use crate::{
    server::AppState,
    ui::{TextField, error_text, field_error, request_error, texts},
    webhook::forms::Typed,
};
use engine::{
    account::Caller,
    error::{AppError, Field},
    i18n::Texts,
    organisation,
    webhook::Topic,
};

/// What an event is, in words.
pub(super) fn topic_text(name: &str, texts: Texts) -> String {
    texts.text(&format!("webhook-event-{}", name.replace(['.', '_'], "-")))
}

/// Whom a webhook can be cut down to, each with a name.
pub(super) struct Choices {
    /// None for a doctor, who is told of their own alone.
    doctors: Option<Vec<(String, String)>>,
    clinics: Vec<(String, String)>,
}

impl Choices {
    /// # Errors
    /// Those of the database.
    pub async fn of(caller: &Caller) -> Result<Self, AppError> {
        let state = expect_context::<AppState>();
        let doctors = match caller {
            Caller::Doctor { .. } => None,
            _ => Some(organisation::doctors(&state.database, state.now()).await?),
        };
        let clinics = organisation::clinics(&state.database).await?;
        Ok(Self {
            doctors: doctors.map(|doctors| {
                let named = doctors
                    .into_iter()
                    .map(|doctor| (doctor.id.to_string(), doctor.name));
                named.collect()
            }),
            clinics: clinics
                .into_iter()
                .map(|clinic| (clinic.id.to_string(), clinic.what.name))
                .collect(),
        })
    }
}

/// The fields of a form, filled with this.
pub(super) fn fields(typed: &Typed, choices: Choices) -> impl IntoView + use<> {
    let texts = texts();
    let is_of_a_doctor = choices.doctors.is_none();
    let doctors = choices.doctors.map(|doctors| {
        select(
            Field::Doctor,
            ("webhook-doctor", "webhook-any-doctor"),
            doctors,
            &typed.doctor,
        )
    });
    let clinics = select(
        Field::Clinic,
        ("webhook-clinic", "webhook-any-clinic"),
        choices.clinics,
        &typed.clinic,
    );
    view! {
        <TextField
            field=Field::WebhookUrl
            kind="url"
            label=texts.text("webhook-url")
            hint=texts.text("webhook-url-hint")
            value=typed.url.clone()
        />
        <TextField
            field=Field::WebhookDescription
            label=texts.text("webhook-description")
            hint=texts.text("webhook-description-hint")
            value=typed.description.clone()
        />
        {events(typed, is_of_a_doctor, texts)}
        <div class="fields">{doctors}{clinics}</div>
        <label class="choice">
            <input type="checkbox" id="details" name="details" value="true" checked=typed.details />
            <span>{texts.text("webhook-details")} <small>{texts.text("webhook-details-hint")}</small></span>
        </label>
    }
}

fn error_of(field: Field, texts: Texts) -> Option<String> {
    request_error().and_then(|error| field_error(error, field, texts))
}

/// What can be told: a doctor is offered nothing of stays.
fn events(typed: &Typed, is_of_a_doctor: bool, texts: Texts) -> impl IntoView + use<> {
    let choices = Topic::ALL
        .iter()
        .filter(|topic| !(is_of_a_doctor && topic.is_of_stays()))
        .enumerate()
        .map(|(index, topic)| {
            let checked = typed.events.iter().any(|name| name == topic.name());
            // The first is where the summary of errors leads.
            let id = (index == 0).then(|| Field::WebhookEvents.name());
            view! {
                <label class="choice">
                    <input type="checkbox" id=id name=format!("events[{index}]") value=topic.name() checked=checked />
                    <span>{topic_text(topic.name(), texts)} <small class="mono">{topic.name()}</small></span>
                </label>
            }
        })
        .collect_view();
    let error =
        error_of(Field::WebhookEvents, texts).map(|error| error_text("events-error".to_owned(), error));
    let described_by = error.is_some().then_some("events-error");
    view! {
        <fieldset class="field" aria-describedby=described_by>
            <legend>{texts.text("webhook-events")}</legend>
            {error}
            <div class="choices">{choices}</div>
        </fieldset>
    }
}

fn select(
    field: Field,
    (label, any): (&'static str, &'static str),
    choices: Vec<(String, String)>,
    chosen: &str,
) -> impl IntoView + use<> {
    let texts = texts();
    let name = field.name();
    let options = choices
        .into_iter()
        .map(|(id, text)| {
            let selected = id == chosen;
            view! { <option value=id selected=selected>{text}</option> }
        })
        .collect_view();
    let error_id = format!("{name}-error");
    let error = error_of(field, texts);
    let (described_by, invalid) = match &error {
        Some(_) => (Some(error_id.clone()), Some("true")),
        None => (None, None),
    };
    view! {
        <div class="field">
            <label for=name>{texts.text(label)}</label>
            {error.map(|error| error_text(error_id, error))}
            <select id=name name=name aria-describedby=described_by aria-invalid=invalid>
                <option value="">{texts.text(any)}</option>
                {options}
            </select>
        </div>
    }
}
