//! A patient's visits to a doctor, and what came of them, for that doctor.

use crate::{
    account::guard,
    appointment::page::{badge, patient_name},
    desk::card::page::sections,
    server::AppState,
    ui::{Page, icon, isolate, page, path_parameter, texts},
    waitlist::page::section_of_patient,
};
use jiff::Timestamp;
use leptos::prelude::*;

use engine::{
    account::{
        Role,
        reads::{self, What},
    },
    appointment::{Item, path_of},
    error::AppError,
    i18n::Texts,
    prescription::{self, Medication, Prescription},
    text::isolated,
    time,
};

/// All visits of a patient to the doctor who has signed in.
#[component]
pub fn PatientHistoryPage() -> impl IntoView {
    page(async {
        let (caller, doctor_id) = guard::doctor().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let patient_id = path_parameter("patient")?;
        let about = match sections(&caller, patient_id).await {
            Err(AppError::NotFound) => None,
            about => Some(about?),
        };
        let visits = match prescription::history(&state.database, doctor_id, patient_id).await {
            // Somebody who called, or whom an admin gave to the doctor, has not been here yet.
            Err(AppError::NotFound) if about.is_some() => Vec::new(),
            visits => visits?,
        };
        reads::record(&state.database, &caller, What::History, [patient_id], now).await;
        let notes = crate::clinical_note::page::of_patient(&caller, patient_id, now, texts).await?;
        let count = i64::try_from(visits.len()).unwrap_or(i64::MAX);
        let name = visits
            .first()
            .map(|(item, _)| patient_name(item, texts))
            .or_else(|| about.as_ref().map(|about| about.name.clone()))
            .unwrap_or_default();
        let (said, about) = match about {
            Some(about) => {
                let waits = section_of_patient(&caller, patient_id, texts).await?;
                (
                    about.said,
                    Some(view! { {about.facts} {about.appointments} {waits} {about.changes} }),
                )
            }
            None => (None, None),
        };
        let list = visits
            .into_iter()
            .map(|(item, prescription)| visit(&item, prescription, now, texts))
            .collect_view();
        Ok(Page::new(
            name.clone(),
            view! {
                {said}
                <div class="stack">
                    <a class="back" href="/doctor">{icon("arrow-left")}{texts.text("today")}</a>
                    <div class="page-head">
                        <div>
                            <h1>{isolate(name)}</h1>
                            <p>{texts.with("patient-visits", &[("count", count.into())])}</p>
                        </div>
                    </div>
                </div>
                {about}
                {notes}
                <section class="stack" aria-labelledby="visits-title">
                    <h2 id="visits-title">{texts.text("patient-history")}</h2>
                    <ul class="visits">{list}</ul>
                </section>
            },
        )
        .shows_problem())
    })
}

fn visit(
    item: &Item,
    prescription: Option<Prescription>,
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    let date = time::local_date(item.starts_at, &item.zone);
    let clock = time::clock(item.starts_at, &item.zone, texts.locale());
    let [weekday, day, month] = time::leaf(date, texts);
    let path = path_of(Role::Doctor, &item.reference);
    let reason =
        (!item.reason.is_empty()).then(|| view! { <p class="said" dir="auto">{item.reason.clone()}</p> });
    let prescribed = prescription.map(|prescription| {
        let medications = prescription
            .medications
            .into_iter()
            .map(|medication| view! { <li>{isolate(in_a_line(medication))}</li> })
            .collect_view();
        view! {
            <p><a href=format!("{path}/prescription")>{texts.text("prescription")}</a></p>
            <ul>{medications}</ul>
        }
    });
    view! {
        <li class="card visit">
            <span class="leaf" aria-hidden="true"><span>{weekday}</span><b>{day}</b><span>{month}</span></span>
            <div class="stack-s">
                <h3><a href=path.clone()>{time::long_date(date, texts)} ", " {clock}</a></h3>
                <p class="soft">{isolate(item.service(texts.locale()).to_owned())} " · " {isolate(item.clinic_name.clone())}</p>
                {reason}
                {badge(item.status_at(now), texts)}
                {prescribed}
            </div>
        </li>
    }
}

/// `Amoxicillin · 500 mg · three times a day · 7 days`.
fn in_a_line(medication: Medication) -> String {
    let Medication {
        name,
        dose,
        frequency,
        duration,
        note,
    } = medication;
    [name, dose, frequency, duration, note]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| isolated(&part).into_owned())
        .collect::<Vec<_>>()
        .join(" · ")
}
