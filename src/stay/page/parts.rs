//! What the pages of stays have in common, and the sections about stays on the pages of others.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    server::AppState,
    ui::{icon, isolate, texts},
};
use engine::{
    account::{Caller, reads},
    error::AppError,
    i18n::Texts,
    stay::{self, Item, Status, WantedRooms},
    text::isolated,
    time::{long_date, short_date},
};

/// "From Friday 4 December 2026 to Monday 7 December 2026".
pub fn range(wanted: WantedRooms, texts: Texts) -> String {
    texts.with(
        "stay-range",
        &[
            ("arrival", long_date(wanted.arrival, texts).into()),
            ("departure", long_date(wanted.departure, texts).into()),
        ],
    )
}

/// "3 nights, 2 rooms".
pub fn amount(wanted: WantedRooms, texts: Texts) -> String {
    let nights = texts.with("stay-nights", &[("count", wanted.nights().into())]);
    let rooms = texts.with("stay-rooms", &[("count", wanted.rooms.into())]);
    format!("{nights}, {rooms}")
}

/// The status of a stay, with an icon. A hold that has run out is none any more.
pub fn badge(item: &Item, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let status = match item.stay.has_run_out(now) {
        true => Status::Lapsed,
        false => item.stay.status,
    };
    let name = match status {
        Status::Held => "hourglass",
        Status::Booked => "circle-check",
        Status::Arrived => "user",
        Status::Left => "check-check",
        Status::Cancelled | Status::Lapsed => "ban",
    };
    view! { <span class="tag">{icon(name)} " " {texts.text(status_key(status))}</span> }
}

/// The key of the text of a status.
pub fn status_key(status: Status) -> &'static str {
    match status {
        Status::Held => "stay-status-held",
        Status::Booked => "stay-status-booked",
        Status::Arrived => "stay-status-arrived",
        Status::Left => "stay-status-left",
        Status::Cancelled => "stay-status-cancelled",
        Status::Lapsed => "stay-status-lapsed",
    }
}

/// The facts of a stay in rows.
pub fn summary(item: &Item, texts: Texts) -> impl IntoView + use<> {
    let wanted = item.stay.wanted();
    let rows = [
        ("stay-room-type", item.room_type(texts.locale()).to_owned()),
        ("stay-clinic", item.clinic_name.clone()),
        ("stay-arrival", long_date(wanted.arrival, texts)),
        ("stay-departure", long_date(wanted.departure, texts)),
        ("stay-amount", amount(wanted, texts)),
        ("stay-total", item.stay.total().text(texts.locale())),
        ("whose-label", item.patient_name.clone().unwrap_or_default()),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd class="said">{isolate(value)}</dd></div> })
                .collect_view()}
        </dl>
    }
}

/// The stays of a patient and of who shares the phone, for the page of their appointments; nothing where there are none.
///
/// # Errors
/// Those of the database.
pub async fn mine(caller: &Caller) -> Result<Option<AnyView>, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let ids = caller.patient_ids();
    let is_family = ids.len() > 1;
    let items = stay::of_patients(&state.database, caller, ids).await?;
    if items.is_empty() {
        return Ok(None);
    }
    let now = state.now();
    let list = list(items, "/stays", is_family, now, texts);
    Ok(Some(
        view! {
            <section class="stack" aria-labelledby="stays">
                <h2 id="stays">{texts.text("stays-mine")}</h2>
                {list}
                <p><a class="btn quiet" href="/rooms">{icon("plus")}{texts.text("rooms-link")}</a></p>
            </section>
        }
        .into_any(),
    ))
}

/// The stays of a patient for the desk, with the way to book one.
///
/// # Errors
/// Those of the database.
pub async fn of_patient(caller: &Caller, patient_id: i64) -> Result<Option<AnyView>, AppError> {
    if !caller.role().is_at_desk() {
        return Ok(None);
    }
    let (texts, state) = (texts(), expect_context::<AppState>());
    let items = stay::of_patients(&state.database, caller, vec![patient_id]).await?;
    let has_rooms = stay::room_types(&state.database)
        .await?
        .iter()
        .any(|one| one.what.active && !caller.is_kept_from(one.what.clinic_id));
    if items.is_empty() && !has_rooms {
        return Ok(None);
    }
    let now = state.now();
    reads::record(&state.database, caller, reads::What::History, [patient_id], now).await;
    let none = items
        .is_empty()
        .then(|| view! { <p class="soft">{texts.text("stays-none")}</p> });
    let list = list(items, "/admin/stays", false, now, texts);
    let book = has_rooms.then(|| {
        let path = format!("/admin/rooms?patient={patient_id}");
        view! { <p><a class="btn" href=path>{icon("plus")}{texts.text("rooms-book")}</a></p> }
    });
    Ok(Some(
        view! {
            <section class="stack" aria-labelledby="stays">
                <h2 id="stays">{texts.text("stays-title")}</h2>
                {none}
                {list}
                {book}
            </section>
        }
        .into_any(),
    ))
}

/// A list of stays: those ahead first, the next one on top.
fn list(
    mut items: Vec<Item>,
    base: &'static str,
    is_family: bool,
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    items.sort_by_key(|item| item.stay.arrival);
    let (ahead, mut past): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.is_ahead(now));
    past.reverse();
    let rows = ahead
        .into_iter()
        .chain(past)
        .map(|item| {
            let wanted = item.stay.wanted();
            let href = format!("{base}/{}", item.stay.reference);
            let dates = format!(
                "{} – {}",
                short_date(wanted.arrival, texts),
                short_date(wanted.departure, texts)
            );
            let what = format!(
                "{} · {} · {}",
                isolated(item.room_type(texts.locale())),
                isolated(&item.clinic_name),
                amount(wanted, texts)
            );
            let whose = item.patient_name.clone().filter(|_| is_family);
            let whose = whose
                .map(|name| view! { <p class="soft">{texts.text("whose-label")} ": " <bdi>{name}</bdi></p> });
            view! {
                <li class="row whole">
                    <div>
                        <h3><a href=href>{dates}</a></h3>
                        <p>{what}</p>
                        {whose}
                        {badge(&item, now, texts)}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }
}
