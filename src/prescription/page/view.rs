//! A prescription, to be read and printed by its patient and its doctor.

use crate::{
    account::guard,
    appointment::page::patient_name,
    idempotency::page::KeyField,
    prescription::{
        forms::{WITHDRAWAL, WithdrawPrescription},
        template::forms::SaveTemplate,
    },
    server::AppState,
    ui::{
        Hidden, Page, TextField, error_text, field_error, icon, in_textarea, island::PrintButton, isolate,
        page, path_parameter, problem, request_error, texts,
    },
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::table;
use engine::{
    account::{Caller, Role},
    appointment::{self as appointments, Item, path_of},
    error::{AppError, Field},
    i18n::Texts,
    prescription::{self, Prescription, is_time_to_prescribe},
    text::isolated,
    time,
};

/// The prescription of an appointment, for its patient.
#[component]
pub fn PrescriptionPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        view(guard::anyone().await?).await
    })
}

/// The same for its doctor.
#[component]
pub fn DoctorPrescriptionPage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        view(caller).await
    })
}

async fn view(caller: Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let reference: String = path_parameter("reference")?;
    let written = prescription::find(&state.database, caller.clone(), reference.clone()).await?;
    let item = appointments::find(&state.database, Some(caller.clone()), None, reference).await?;
    let error = request_error();
    let typed: String = match error {
        Some(_) => guard::session().typed(WITHDRAWAL, &item.reference).await?,
        None => String::new(),
    };
    let back = path_of(caller.role(), &item.reference);
    let is_doctors = caller.role() == Role::Doctor;
    let standing = written.iter().find(|written| written.withdrawn.is_none());
    let withdrawal = standing
        .filter(|_| is_doctors)
        .map(|standing| withdrawal(&item, standing, typed, error, texts));
    let template = standing
        .filter(|_| is_doctors)
        .map(|_| save_as_template(&item, error, texts));
    let anew = (is_doctors && standing.is_none() && is_time_to_prescribe(item.status)).then(|| {
        let path = format!("{back}/prescribe");
        view! {
            <div class="actions no-print">
                <a class="btn primary" href=path>{icon("pencil")}{texts.text("prescription-write")}</a>
            </div>
        }
    });
    let papers = written
        .into_iter()
        .map(|prescription| paper(&item, prescription, texts))
        .collect_view();
    let said = error.map(|error| problem(error, texts));
    Ok(Page::new(
        texts.text("prescription"),
        view! {
            {said}
            <div class="stack">
                <a class="back" href=back>{icon("arrow-left")}{texts.text("view-appointment")}</a>
                <h1>{texts.text("prescription")}</h1>
                {papers}
                {anew}
                {template}
                {withdrawal}
                <ul class="facts no-print">
                    <li>{icon("printer")}<span>{texts.text("prescription-print")}</span></li>
                </ul>
                <div class="actions no-print"><PrintButton text=texts.text("print") /></div>
            </div>
        },
    )
    .shows_problem())
}

/// A prescription on paper. One that was withdrawn says first that it is void.
fn paper(item: &Item, prescription: Prescription, texts: Texts) -> impl IntoView + use<> {
    let about = about(item, &prescription, texts);
    let (id, note_id) = (
        format!("void-{}", prescription.id),
        format!("note-{}", prescription.id),
    );
    let is_void = prescription.withdrawn.is_some();
    let labelled_by = is_void.then(|| id.clone());
    let void = prescription.withdrawn.map(|withdrawn| {
        let when = time::moment(withdrawn.at, &item.zone, texts);
        view! {
            <h2 class="void-title" id=id>{texts.text("prescription-void")}</h2>
            <p>{texts.with("prescription-withdrawn", &[("when", when.into())])}</p>
            <p class="said" dir="auto">{withdrawn.because}</p>
        }
    });
    let note = (!prescription.note.is_empty()).then(|| {
        let heading_id = note_id.clone();
        view! {
            <section class="stack-s" aria-labelledby=note_id>
                <h2 id=heading_id>{texts.text("prescription-note")}</h2>
                <p class="said" dir="auto">{prescription.note}</p>
            </section>
        }
    });
    let signature = (!is_void).then(|| {
        view! { <p class="print-only">{texts.text("prescription-signature")} ": ______________________________"</p> }
    });
    view! {
        <section class="paper stack" class:void=is_void aria-labelledby=labelled_by>
            {void}
            {about}
            {table(prescription.medications, texts)}
            {note}
            {signature}
        </section>
    }
}

/// The form that makes a template of a prescription.
fn save_as_template(item: &Item, error: Option<AppError>, texts: Texts) -> impl IntoView + use<> {
    let is_open = error.is_some_and(|error| field_error(error, Field::TemplateName, texts).is_some());
    view! {
        <details class="card no-print" open=is_open>
            <summary>{texts.text("template-from-prescription")}</summary>
            <form method="post" action=SaveTemplate::url() class="stack">
                <KeyField />
                <Hidden name="reference" value=item.reference.clone() />
                <TextField
                    field=Field::TemplateName
                    label=texts.text("template-name")
                    hint=texts.text("template-name-hint")
                    value=String::new()
                />
                <div class="actions">
                    <button class="btn">{icon("plus")}{texts.text("template-save")}</button>
                </div>
            </form>
        </details>
    }
}

/// The form by which a doctor withdraws a prescription, folded away until it is asked for or was refused.
fn withdrawal(
    item: &Item,
    prescription: &Prescription,
    typed: String,
    error: Option<AppError>,
    texts: Texts,
) -> impl IntoView + use<> {
    let name = Field::Reason.name();
    let wrong = error.and_then(|error| field_error(error, Field::Reason, texts));
    let invalid = wrong.is_some().then_some("true");
    let described_by = match invalid {
        Some(_) => "reason-hint reason-error",
        None => "reason-hint",
    };
    view! {
        <details class="card no-print" open=error.is_some_and(|error| field_error(error, Field::TemplateName, texts).is_none())>
            <summary>{texts.text("prescription-withdraw")}</summary>
            <form method="post" action=WithdrawPrescription::url() class="stack">
                <KeyField />
                <Hidden name="reference" value=item.reference.clone() />
                <Hidden name="prescription_id" value=prescription.id.to_string() />
                <p>{texts.text("prescription-withdraw-text")}</p>
                <div class="field">
                    <label for=name>{texts.text("prescription-withdraw-reason")}</label>
                    <p class="hint" id="reason-hint">{texts.text("prescription-withdraw-hint")}</p>
                    {wrong.map(|text| error_text("reason-error".to_owned(), text))}
                    <textarea
                        id=name
                        name=name
                        rows="3"
                        required=true
                        dir="auto"
                        aria-describedby=described_by
                        aria-invalid=invalid
                    >
                        {in_textarea(&typed)}
                    </textarea>
                </div>
                <div class="actions">
                    <button class="btn danger">{icon("ban")}{texts.text("prescription-do-withdraw")}</button>
                </div>
            </form>
        </details>
    }
}

/// Names the patient, the doctor and the date of a prescription.
fn about(item: &Item, prescription: &Prescription, texts: Texts) -> impl IntoView + use<> {
    let rows = [
        ("fact-patient", patient_name(item, texts)),
        ("doctor", item.doctor_name.clone()),
        (
            "where",
            format!(
                "{}, {}",
                isolated(&item.clinic_name),
                isolated(&item.clinic_address)
            ),
        ),
        ("clinic-phone", item.clinic_phone.clone()),
        (
            "prescription-date",
            time::moment(prescription.written_at, &item.zone, texts),
        ),
        ("fact-reference", item.reference.clone()),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd>{isolate(value)}</dd></div> })
                .collect_view()}
        </dl>
    }
}
