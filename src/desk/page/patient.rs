//! A patient as admins see one: who of the doctors has to do with them, and who has read their data.

use engine::{
    account::{
        acquaintance::{self, Acquainted},
        must_be_admin,
        number::{self, Confirmed},
        reads::{self, Read},
    },
    appointment,
    desk::merge,
    error::AppError,
    i18n::Texts,
    notification::board,
    time,
};
use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::guard,
    desk::{
        card::page::{Sections, sections},
        forms::{ConfirmNumber, GivePatient, TakePatientBack},
        merge::page::{said as merge_said, section as merge_section},
    },
    notification::page::told,
    server::AppState,
    ui::{Hidden, Page, icon, page, path_parameter, query, texts},
    waitlist::page::section_of_patient,
};

/// Number of reads on a page.
const PER_PAGE: usize = 50;
/// Number of messages on it; the page of messages has all.
const TOLD: i64 = 20;

/// A patient: what the desk knows of them, their appointments, whom they were given to, and who has read what of them.
#[component]
pub fn AdminPatientPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let id: i64 = path_parameter("patient")?;
        let about = match sections(&caller, id).await {
            Err(AppError::NotFound) => {
                // The record may be part of another one by now.
                let survivor = merge::survivor(&state.database, id)
                    .await?
                    .ok_or(AppError::NotFound)?;
                // Whoever may not see that one learns nothing of it.
                engine::desk::patient(&state.database, &caller, survivor, now).await?;
                crate::ui::redirect(&format!("/admin/patients/{survivor}"));
                return Ok(Page::new(texts.text("patient-open"), ()));
            }
            about => about?,
        };
        if must_be_admin(&caller).is_err() {
            let waits = section_of_patient(&caller, id, texts).await?;
            return Ok(of_desk(about, waits, texts));
        }
        let known = acquaintance::of_patient(&state.database, id, now).await?;
        let choices = appointment::choices(&state.database, &caller).await?;
        let others: Vec<(i64, String)> = choices
            .doctors
            .into_iter()
            .filter(|(id, _)| {
                !known
                    .iter()
                    .any(|doctor| doctor.doctor_id == *id && doctor.until.is_none())
            })
            .collect();
        let before: Option<i64> = query("before").and_then(|id| id.parse().ok());
        let limit = i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX);
        let mut read = reads::of_patient(&state.database, id, before, limit).await?;
        let is_more = read.len() > PER_PAGE;
        read.truncate(PER_PAGE);
        let older = read
            .last()
            .filter(|_| is_more)
            .map(|last| format!("/admin/patients/{id}?before={}", last.id));
        let messages = board::of_patient(&state.database, id, TOLD).await?;
        let (confirmed, is_open) = number::confirmed(&state.database, id).await?;
        let merges = merge::merges_of(&state.database, id, now).await?;
        let waits = section_of_patient(&caller, id, texts).await?;
        let Sections {
            name,
            said,
            facts,
            appointments,
            changes,
        } = about;
        Ok(Page::new(
            name.clone(),
            view! {
                {said}
                {merge_said(texts)}
                <div class="stack">
                    <a class="back" href="/admin">{icon("arrow-left")}{texts.text("board-title")}</a>
                    <div class="page-head">
                        <div><h1><bdi>{name}</bdi></h1></div>
                    </div>
                </div>
                {facts}
                {number_section(id, confirmed.as_ref(), is_open, texts)}
                {appointments}
                {waits}
                {changes}
                <section class="stack" aria-labelledby="given-title">
                    <h2 id="given-title">{texts.text("patient-given-title")}</h2>
                    <p class="soft">{texts.text("patient-given-text")}</p>
                    {given(id, &known, texts)}
                    {give(id, &others, texts)}
                </section>
                <section class="stack" aria-labelledby="told-title">
                    <h2 id="told-title">{texts.text("told-title")}</h2>
                    {told(&messages, ("UTC", &TimeZone::UTC), texts)}
                    <p><a href=format!("/admin/messages?patient={id}")>{texts.text("messages-of-patient")}</a></p>
                </section>
                {merge_section(id, &merges, texts)}
                <p><a class="btn" href=format!("/admin/patients/{id}/data")>{texts.text("privacy-patient-title")}</a></p>
                <section class="stack" aria-labelledby="reads-title">
                    <h2 id="reads-title">{texts.text("reads-title")}</h2>
                    {readers(&read, texts)}
                    {older.map(|path| view! {
                        <p><a class="btn" href=path>{texts.text("pages-older")}{icon("arrow-right")}</a></p>
                    })}
                </section>
            },
        )
        .shows_problem())
    })
}

/// When the clinic made sure last that the number is the patient's, and the button to do it now.
fn number_section(
    id: i64,
    confirmed: Option<&Confirmed>,
    is_open: bool,
    texts: Texts,
) -> impl IntoView + use<> {
    let last = match confirmed {
        Some(last) => texts.with(
            "number-confirmed-by",
            &[
                ("name", last.by.clone().into()),
                (
                    "when",
                    format!("{} (UTC)", time::moment(last.at, &TimeZone::UTC, texts)).into(),
                ),
            ],
        ),
        None => texts.text("number-confirmed-never"),
    };
    let lapsed = (!is_open).then(|| view! { <p><b>{texts.text("number-lapsed")}</b></p> });
    view! {
        <section class="stack-s narrow" aria-labelledby="number-title">
            <h2 id="number-title">{texts.text("number-title")}</h2>
            <p class="soft">{last}</p>
            {lapsed}
            <p class="hint">{texts.text("number-confirm-text")}</p>
            <form method="post" action=ConfirmNumber::url() class="actions">
                <Hidden name="patient" value=id.to_string() />
                <button class="btn">{icon("phone")}{texts.text("number-confirm")}</button>
            </form>
        </section>
    }
}

/// What the desk knows of a patient, for reception, which gives nobody to anybody and does not look into what was read.
fn of_desk(about: Sections, waits: AnyView, texts: Texts) -> Page {
    let name = about.name;
    Page::new(
        name.clone(),
        view! {
            {about.said}
            <div class="stack">
                <a class="back" href="/admin">{icon("arrow-left")}{texts.text("board-title")}</a>
                <div class="page-head">
                    <div><h1><bdi>{name}</bdi></h1></div>
                </div>
            </div>
            {about.facts}
            {about.appointments}
            {waits}
            {about.changes}
        },
    )
    .shows_problem()
}

/// The doctors whom the patient was given to, or who typed the phone, each with the way to end it.
fn given(id: i64, known: &[Acquainted], texts: Texts) -> impl IntoView + use<> {
    let rows = known
        .iter()
        .map(|doctor| {
            let since = time::moment(doctor.since, &TimeZone::UTC, texts);
            let how = match &doctor.given_by {
                Some(admin) => texts.with(
                    "patient-given-by",
                    &[("name", admin.clone().into()), ("since", since.into())],
                ),
                None => texts.with("patient-phone-typed", &[("since", since.into())]),
            };
            let action = format!("{}: {}", texts.text("patient-take-back"), doctor.name);
            view! {
                <li class="card stack-s">
                    <h3><bdi>{doctor.name.clone()}</bdi></h3>
                    <p>{how}</p>
                    <form method="post" action=TakePatientBack::url()>
                        <Hidden name="patient" value=id.to_string() />
                        <Hidden name="doctor_id" value=doctor.doctor_id.to_string() />
                        <button class="btn" aria-label=action>{texts.text("patient-take-back")}</button>
                    </form>
                </li>
            }
        })
        .collect_view();
    match known.is_empty() {
        true => view! { <p>{texts.text("patient-given-to-nobody")}</p> }.into_any(),
        false => view! { <ul class="stack">{rows}</ul> }.into_any(),
    }
}

/// The form that gives the patient to one more doctor.
fn give(id: i64, others: &[(i64, String)], texts: Texts) -> Option<impl IntoView + use<>> {
    let options = others
        .iter()
        .map(|(id, name)| view! { <option value=id.to_string()>{name.clone()}</option> })
        .collect_view();
    (!others.is_empty()).then(|| {
        view! {
            <form method="post" action=GivePatient::url() class="fields">
                <Hidden name="patient" value=id.to_string() />
                <div class="field">
                    <label for="doctor_id">{texts.text("patient-give-to")}</label>
                    <select id="doctor_id" name="doctor_id" required>
                        <option value="">{texts.text("desk-offer-choose")}</option>
                        {options}
                    </select>
                </div>
                <button class="btn primary">{texts.text("patient-give")}</button>
            </form>
        }
    })
}

/// Who of the staff has read data of the patient, the latest first.
fn readers(read: &[Read], texts: Texts) -> impl IntoView + use<> {
    let rows = read
        .iter()
        .map(|read| {
            let what = texts.text(&format!("read-{}", read.what));
            view! {
                <li>
                    <p><b>{read.staff_name.clone()}</b> " " {what}</p>
                    <time datetime=read.read_at.to_string()>{time::moment(read.read_at, &TimeZone::UTC, texts)}</time>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{rows}</ol> }
}
