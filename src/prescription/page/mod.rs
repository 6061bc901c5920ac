//! The pages of prescriptions: the doctor's form, what patient and doctor read and print, and what a doctor
//! prescribed to a patient before.

mod form;
mod history;
mod template;
mod view;

use leptos::prelude::*;

pub use self::{
    form::PrescribePage,
    history::PatientHistoryPage,
    template::{NewTemplatePage, TemplatePage, TemplatesPage},
    view::{DoctorPrescriptionPage, PrescriptionPage},
};
use crate::ui::{icon, isolate};
use engine::{
    account::Role,
    appointment::{Item, Status, path_of},
    i18n::Texts,
    prescription::{Medication, is_time_to_prescribe},
};

/// Whether writing the prescription is what a doctor usually does next.
pub fn is_next(item: &Item) -> bool {
    item.status == Status::InProgress && !item.has_prescription
}

/// Leads a doctor to where the prescription is written, or to the one that there is.
pub fn doctors_link(item: &Item, class: &'static str, texts: Texts) -> Option<impl IntoView + use<>> {
    let path = path_of(Role::Doctor, &item.reference);
    let (path, name, key) = if item.has_prescription {
        (format!("{path}/prescription"), "pill", "prescription-view")
    } else if is_time_to_prescribe(item.status) {
        (format!("{path}/prescribe"), "pencil", "prescription-write")
    } else {
        return None;
    };
    let whose = crate::appointment::page::patient_name(item, texts);
    Some(view! {
        <a class=class href=path>{icon(name)}<span>{texts.text(key)}<span class="hide">": " {isolate(whose)}</span></span></a>
    })
}

/// Leads a patient to the prescription, where there is one.
pub fn patients_link(item: &Item, class: &'static str, texts: Texts) -> Option<impl IntoView + use<>> {
    let path = format!("{}/prescription", path_of(Role::Patient, &item.reference));
    (item.has_prescription || item.has_void_prescription)
        .then(|| view! { <a class=class href=path>{icon("pill")}{texts.text("prescription")}</a> })
}

/// Medications, one in a row.
fn table(medications: Vec<Medication>, texts: Texts) -> impl IntoView {
    const COLUMNS: [&str; 5] = [
        "medication-name",
        "medication-dose",
        "medication-frequency",
        "medication-duration",
        "medication-note",
    ];
    let cell = move |column: usize, text: String| {
        view! { <td data-label=texts.text(COLUMNS[column])><span>{isolate(text)}</span></td> }
    };
    // A column that is empty everywhere says nothing.
    let has_notes = medications.iter().any(|medication| !medication.note.is_empty());
    let rows = medications
        .into_iter()
        .map(|medication| {
            view! {
                <tr>
                    <th scope="row">{isolate(medication.name)}</th>
                    {cell(1, medication.dose)}
                    {cell(2, medication.frequency)}
                    {cell(3, medication.duration)}
                    {has_notes.then(|| cell(4, medication.note))}
                </tr>
            }
        })
        .collect_view();
    let shown = if has_notes { &COLUMNS[..] } else { &COLUMNS[..4] };
    let head = shown
        .iter()
        .map(|key| view! { <th scope="col">{texts.text(key)}</th> })
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("medications") tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("medications")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
