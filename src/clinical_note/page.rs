//! What doctors note: with an appointment, and of all appointments of a patient.

use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{FORM, WriteClinicalNote};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Tone, error_text, field_error, icon, in_textarea, isolate, notice, query, request_error},
};
use engine::{
    account::Caller,
    appointment::Item,
    clinical_note::{self, Note, Noted, Version},
    error::{AppError, Field},
    i18n::Texts,
    time,
};

/// The note of an appointment, for its doctor: what holds, to be written anew, and what held before.
///
/// # Errors
/// Those of the database.
pub async fn section(
    caller: &Caller,
    item: &Item,
    now: Timestamp,
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    let state = expect_context::<AppState>();
    let which = item.reference.as_str().into();
    let note = match clinical_note::read(&state.database, caller.clone(), which, now).await {
        Err(AppError::NotFound) => return Ok(None),
        note => note?,
    };
    let typed: String = guard::session().typed(FORM, &item.reference).await?;
    let error = request_error();
    let is_stale = error == Some(AppError::StaleText);
    // What was typed and not written stands in the form until it is.
    let text = match typed.is_empty() {
        true => note.text().to_owned(),
        false => typed,
    };
    let meanwhile = note
        .versions
        .first()
        .filter(|_| is_stale)
        .map(|latest| meanwhile(latest, item, texts));
    let saved = (query("noted").is_some() && error.is_none())
        .then(|| notice(Tone::Good, texts.text("clinical-note-saved"), ()));
    Ok(Some(
        view! {
            <section class="card stack no-print" aria-labelledby="clinical-note">
                <h2 id="clinical-note">{texts.text("clinical-note")}</h2>
                <p class="hint" id="clinical_note-hint">{texts.text("clinical-note-hint")}</p>
                {saved}
                {meanwhile}
                {form(item, &note, &text, error, texts)}
                {older(&note, item, texts)}
            </section>
        }
        .into_any(),
    ))
}

/// What somebody has written since this page was opened: it holds, until what was typed takes its place.
fn meanwhile(latest: &Version, item: &Item, texts: Texts) -> impl IntoView + use<> {
    view! {
        <p>
            <b>{texts.with("clinical-note-meanwhile", &[("who", latest.written_by.clone().into())])}</b>
            " "
            {time::moment(latest.written_at, &item.zone, texts)}
        </p>
        <blockquote class="said" dir="auto">{latest.text.clone()}</blockquote>
        <p>{texts.text("clinical-note-yours")}</p>
    }
}

fn form(
    item: &Item,
    note: &Note,
    text: &str,
    error: Option<AppError>,
    texts: Texts,
) -> impl IntoView + use<> {
    let name = Field::ClinicalNote.name();
    let wrong = error.and_then(|error| field_error(error, Field::ClinicalNote, texts));
    let invalid = wrong.is_some().then_some("true");
    let described_by = match invalid {
        Some(_) => "clinical_note-hint clinical_note-error",
        None => "clinical_note-hint",
    };
    view! {
        <form method="post" action=WriteClinicalNote::url() class="stack">
            <KeyField />
            <Hidden name="reference" value=item.reference.clone() />
            <Hidden name="version" value=note.version().to_string() />
            <div class="field">
                <label for=name>{texts.text("clinical-note-label")}</label>
                {wrong.map(|text| error_text("clinical_note-error".to_owned(), text))}
                <textarea id=name name=name rows="6" dir="auto" aria-describedby=described_by aria-invalid=invalid>
                    {in_textarea(text)}
                </textarea>
            </div>
            <div class="actions">
                <button class="btn">{icon("check")}{texts.text("clinical-note-save")}</button>
            </div>
        </form>
    }
}

/// Every version, newest first.
fn older(note: &Note, item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    if note.versions.is_empty() {
        return None;
    }
    let versions = note
        .versions
        .iter()
        .map(|version| {
            let said = match version.text.is_empty() {
                true => view! { <p class="soft">{texts.text("clinical-note-taken-out")}</p> }.into_any(),
                false => view! { <blockquote class="said" dir="auto">{version.text.clone()}</blockquote> }
                    .into_any(),
            };
            view! {
                <li>
                    <p><b>{isolate(version.written_by.clone())}</b></p>
                    <time datetime=version.written_at.to_string()>
                        {time::moment(version.written_at, &item.zone, texts)}
                    </time>
                    {said}
                </li>
            }
        })
        .collect_view();
    let count = i64::try_from(note.versions.len()).unwrap_or(i64::MAX);
    Some(view! {
        <details>
            <summary>{texts.with("clinical-note-versions", &[("count", count.into())])}</summary>
            <ol class="timeline">{versions}</ol>
        </details>
    })
}

/// What holds of the notes of all appointments of a patient, of whatever doctor, for a doctor who has to do with the patient.
///
/// # Errors
/// Those of the database.
pub async fn of_patient(
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    let state = expect_context::<AppState>();
    let noted = match clinical_note::of_patient(&state.database, caller.clone(), patient_id, now).await {
        // Who only asked for an appointment once has no business with the notes.
        Err(AppError::NotFound) => return Ok(None),
        noted => noted?,
    };
    if noted.is_empty() {
        return Ok(None);
    }
    let list = noted.into_iter().map(|noted| one(noted, texts)).collect_view();
    Ok(Some(
        view! {
            <section class="stack" aria-labelledby="clinical-notes">
                <h2 id="clinical-notes">{texts.text("clinical-notes")}</h2>
                <p class="soft">{texts.text("clinical-note-hint")}</p>
                <ol class="timeline">{list}</ol>
            </section>
        }
        .into_any(),
    ))
}

fn one(noted: Noted, texts: Texts) -> impl IntoView {
    view! {
        <li>
            <p><b>{isolate(noted.doctor_name)}</b></p>
            <time datetime=noted.starts_at.to_string()>{time::moment(noted.starts_at, &noted.zone, texts)}</time>
            <blockquote class="said" dir="auto">{noted.note.text}</blockquote>
        </li>
    }
}
