//! The pages of consultations: the thread, the way to a video room, and the ways to both from the pages of appointments.

mod thread;
mod video;

use std::collections::HashMap;

use jiff::Timestamp;
use leptos::prelude::*;

pub use self::{
    thread::{ConsultationPage, DoctorConsultationPage, Shown},
    video::{DoctorVideoPage, VideoPage},
};
use crate::{
    appointment::page::waited,
    server::AppState,
    ui::{icon, isolate},
};
use engine::{
    account::{
        Caller, Role,
        reads::{self, What},
    },
    appointment::{Item, Status, path_of},
    consultation::{self, Phase, Waiting, is_door_open},
    error::AppError,
    i18n::Texts,
    nobody::is_nobody,
    time::{self, Range},
};

/// The number of messages that the caller has not read yet, of those of these appointments that are held by text.
///
/// # Errors
/// Those of the database.
pub async fn unread(
    state: &AppState,
    caller: &Caller,
    items: &[Item],
) -> Result<HashMap<i64, i64>, AppError> {
    let ids = items
        .iter()
        .filter(|item| item.mode == "text")
        .map(|item| item.id)
        .collect();
    consultation::unread(&state.database, caller, ids).await
}

/// Leads a doctor from a row of the day to the consultation, while it is open.
pub fn doctors_link(item: &Item, now: Timestamp, texts: Texts) -> Option<AnyView> {
    match item.mode.as_str() {
        "text" if !matches!(phase(item, now), Phase::Open { .. }) => None,
        _ => link(item, Role::Doctor, 0, now, texts),
    }
}

/// Leads to the consultation of an appointment, with how many messages are new; `None` where there is nothing to read and
/// nobody to meet now, as where there is no doctor.
pub fn link(item: &Item, role: Role, unread: i64, now: Timestamp, texts: Texts) -> Option<AnyView> {
    if is_nobody(item.doctor_id) {
        return None;
    }
    // A doctor's next step is another one.
    let usual = match role {
        Role::Doctor => "btn",
        _ => "btn primary",
    };
    let path = path_of(role, &item.reference);
    match item.mode.as_str() {
        "text" => {
            let (class, key) = match phase(item, now) {
                Phase::Open { .. } => (usual, "consultation-open"),
                Phase::Closed if has_been(item.status) || unread > 0 => ("btn", "consultation-read"),
                Phase::NotYet { .. } | Phase::Closed => return None,
            };
            let count = (unread > 0).then(|| count(unread, texts));
            Some(
                view! {
                    <a class=class href=format!("{path}/consultation")>
                        {icon("message")}
                        <span>{texts.text(key)}<span class="hide">": " {with_whom(item, role, texts)}</span></span>
                        {count}
                    </a>
                }
                .into_any(),
            )
        }
        "video" => {
            let state = expect_context::<AppState>();
            let is_there = state.config.rules.consultation.video.is_some()
                && is_door_open(item.status, Range::new(item.starts_at, item.ends_at), now);
            is_there.then(|| {
                view! {
                    <a class=usual href=format!("{path}/video") target="_blank" rel="noopener noreferrer">
                        {icon("video")}
                        <span>{texts.text("video-join")}<span class="hide">": " {with_whom(item, role, texts)}</span></span>
                    </a>
                }
                .into_any()
            })
        }
        _ => None,
    }
}

/// The consultation on the page of its appointment: the way to it, or when it opens. `None` where the appointment takes place
/// in another way, without a doctor, or not at all.
///
/// # Errors
/// Those of the database.
pub async fn section(
    caller: &Caller,
    item: &Item,
    now: Timestamp,
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    if is_nobody(item.doctor_id) {
        return Ok(None);
    }
    let role = caller.role();
    let state = expect_context::<AppState>();
    let unread = unread(&state, caller, std::slice::from_ref(item)).await?;
    let unread = unread.get(&item.id).copied().unwrap_or_default();
    let link = link(item, role, unread, now, texts);
    let title = match item.mode.as_str() {
        "text" => "consultation",
        "video" => "video-title",
        _ => return Ok(None),
    };
    let said = said(item, &state, now, texts);
    if link.is_none() && said.is_none() {
        return Ok(None);
    }
    Ok(Some(
        view! {
            <section class="card stack-s" aria-labelledby="consultation">
                <h2 id="consultation">{texts.text(title)}</h2>
                {said.map(|said| view! { <p>{said}</p> })}
                {link.map(|link| view! { <div class="actions">{link}</div> })}
            </section>
        }
        .into_any(),
    ))
}

/// When the consultation is open, in a sentence.
fn said(item: &Item, state: &AppState, now: Timestamp, texts: Texts) -> Option<String> {
    let at = |key: &str, at| texts.with(key, &[("when", time::moment(at, &item.zone, texts).into())]);
    let is_requested = item.status_at(now) == Status::Pending;
    let is_coming = matches!(
        item.status_at(now),
        Status::Pending | Status::Confirmed | Status::InProgress
    );
    if item.mode == "text" {
        return match phase(item, now) {
            Phase::NotYet { .. } if is_requested => Some(texts.text("consultation-opens-confirmed")),
            Phase::NotYet { opens_at } => is_coming.then(|| at("consultation-opens", opens_at)),
            Phase::Open { closes_at } => Some(at("consultation-is-open", closes_at)),
            Phase::Closed if item.status == Status::NoShow => None,
            Phase::Closed => has_been(item.status).then(|| texts.text("consultation-closed")),
        };
    }
    if !is_coming {
        return None;
    }
    if state.config.rules.consultation.video.is_none() {
        let phone = item.clinic_phone.clone();
        return Some(texts.with("video-not-configured", &[("phone", phone.into())]));
    }
    match is_requested {
        true => Some(texts.text("video-opens-confirmed")),
        false => (item.ends_at > now).then(|| texts.text("video-note")),
    }
}

/// Whether it took place, or should have: what was written may be read.
fn has_been(status: Status) -> bool {
    matches!(status, Status::Confirmed | Status::Completed | Status::NoShow)
}

fn phase(item: &Item, now: Timestamp) -> Phase {
    let state = expect_context::<AppState>();
    let time = Range::new(item.starts_at, item.ends_at);
    Phase::of(item.status, time, &state.config.rules.consultation, now)
}

/// The one at the other end.
fn with_whom(item: &Item, role: Role, texts: Texts) -> impl IntoView + use<> {
    isolate(match role {
        Role::Doctor => crate::appointment::page::patient_name(item, texts),
        _ => item.doctor_name.clone(),
    })
}

/// How many messages are new: a number to see, a sentence to hear.
fn count(unread: i64, texts: Texts) -> impl IntoView {
    view! {
        <span class="count" aria-hidden="true">{unread}</span>
        <span class="hide">{texts.with("consultation-unread", &[("count", unread.into())])}</span>
    }
}

/// What waits for a doctor in text consultations, of whatever day.
///
/// # Errors
/// Those of the database.
pub async fn waiting(
    caller: &Caller,
    doctor_id: i64,
    now: Timestamp,
    texts: Texts,
) -> Result<Option<impl IntoView + use<>>, AppError> {
    let state = expect_context::<AppState>();
    let waiting = consultation::waiting_for_doctor(&state.database, doctor_id).await?;
    let patients = waiting.iter().filter_map(|thread| thread.patient_id);
    reads::record(&state.database, caller, What::List, patients, now).await;
    let rows = |waiting: Vec<Waiting>| {
        waiting
            .into_iter()
            .map(|thread| row(thread, now, texts))
            .collect_view()
    };
    Ok((!waiting.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="new-messages">
                <h2 id="new-messages">{icon("message")} " " {texts.text("consultation-waiting")}</h2>
                <ol class="rows waiting">{rows(waiting)}</ol>
            </section>
        }
    }))
}

/// Who wrote, since when they wait, and the way to answer.
fn row(thread: Waiting, now: Timestamp, texts: Texts) -> impl IntoView {
    let path = format!("{}/consultation", path_of(Role::Doctor, &thread.reference));
    let name = thread
        .patient_name
        .unwrap_or_else(|| texts.text("no-patient-name"));
    let label = texts.with("consultation-answer-whom", &[("name", name.clone().into())]);
    view! {
        <li class="row wide">
            <div>
                <h3>{isolate(name)}</h3>
                <p>{count(thread.count, texts)} " " {waited(thread.since, now, texts)}</p>
            </div>
            <div class="actions">
                <a class="btn primary" href=path aria-label=label>{icon("message")}{texts.text("consultation-answer")}</a>
            </div>
        </li>
    }
}
