//! A prescription, to be read and printed by its patient and its doctor.

use crate::{
    account::guard,
    appointment::page::patient_name,
    server::AppState,
    ui::{Page, icon, page, path_parameter, texts},
};
use leptos::prelude::*;

use super::table;
use engine::{
    account::Caller,
    appointment::{self as appointments, Item, path_of},
    error::AppError,
    i18n::Texts,
    prescription::{self, Prescription},
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
    let prescription = prescription::find(&state.database, caller.clone(), reference.clone()).await?;
    let item = appointments::find(&state.database, Some(caller.clone()), None, reference).await?;
    let back = path_of(caller.role(), &item.reference);
    Ok(Page::new(
        texts.text("prescription"),
        view! {
            <div class="stack">
                <a class="back" href=back>{icon("arrow-left")}{texts.text("view-appointment")}</a>
                <h1>{texts.text("prescription")}</h1>
                {about(&item, &prescription, texts)}
                {table(prescription.medications, texts)}
                {(!prescription.note.is_empty())
                    .then(|| {
                        view! {
                            <section class="stack-s" aria-labelledby="note">
                                <h2 id="note">{texts.text("prescription-note")}</h2>
                                <p>{prescription.note}</p>
                            </section>
                        }
                    })}
                <p class="print-only">{texts.text("prescription-signature")} ": ______________________________"</p>
                <ul class="facts no-print">
                    <li>{icon("printer")}<span>{texts.text("prescription-print")}</span></li>
                </ul>
            </div>
        },
    ))
}

/// Names the patient, the doctor and the date of a prescription.
fn about(item: &Item, prescription: &Prescription, texts: Texts) -> impl IntoView + use<> {
    let rows = [
        ("fact-patient", patient_name(item, texts)),
        ("doctor", item.doctor_name.clone()),
        ("where", format!("{}, {}", item.clinic_name, item.clinic_address)),
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
                .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd>{value}</dd></div> })
                .collect_view()}
        </dl>
    }
}
