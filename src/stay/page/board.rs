//! The desk's board: who comes and goes today, who is in which rooms, what is free tonight.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{
    conflict::conflict,
    one::presence,
    parts::{amount, badge},
};
use crate::{
    account::guard,
    server::AppState,
    stay::forms::{ARRIVED, LEFT, NOT_ARRIVED},
    ui::{Page, Tone, icon, isolate, notice, page, query, request_error, texts},
};
use engine::{
    account::{must_be_admin, reads},
    error::AppError,
    i18n::Texts,
    stay::{self, Board, Item, Tonight, room_types},
    text::isolated,
    time::{long_date, short_date},
};

/// The stays of a clinic today.
#[component]
pub fn StaysPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let now = state.now();
        let is_admin = must_be_admin(&caller).is_ok();
        let describe = is_admin.then(|| {
            view! { <a class="btn quiet" href="/admin/room-types">{icon("settings")}{texts.text("room-types-title")}</a> }
        });
        let mut clinics: Vec<(i64, String)> = room_types(&state.database)
            .await?
            .into_iter()
            .map(|one| (one.what.clinic_id, one.clinic_name))
            .filter(|(id, _)| !caller.is_kept_from(*id))
            .collect();
        clinics.sort_by(|one, other| one.1.cmp(&other.1));
        clinics.dedup();
        let asked: Option<i64> = query("clinic").and_then(|id| id.parse().ok());
        let shown = clinics
            .iter()
            .map(|(id, _)| *id)
            .find(|id| asked.is_none_or(|asked| asked == *id));
        let Some(clinic_id) = shown else {
            if asked.is_some() && !clinics.is_empty() {
                return Err(AppError::NotFound);
            }
            let empty = view! {
                <div class="empty">
                    {icon("building")}
                    <h2>{texts.text("rooms-empty-title")}</h2>
                    <p>{texts.text("rooms-empty-text")}</p>
                </div>
            };
            return Ok(Page::new(
                texts.text("stays-title"),
                view! {
                    <div class="page-head"><div><h1>{texts.text("stays-title")}</h1></div>{describe}</div>
                    {empty}
                },
            ));
        };
        let board = stay::board(&state.database, &caller, clinic_id, now).await?;
        let listed = [&board.arrivals, &board.departures, &board.here];
        let patients = listed.into_iter().flatten().map(|item| item.stay.patient_id);
        reads::record(&state.database, &caller, reads::What::List, patients, now).await;
        let said = match request_error() {
            Some(error) => Some(conflict(error, Some(&caller), |_| "/admin/rooms".to_owned()).await?),
            None => done(&board, texts),
        };
        let choose = (clinics.len() > 1).then(|| {
            let links = clinics
                .iter()
                .map(|(id, name)| {
                    let current = (*id == clinic_id).then_some("page");
                    let path = format!("/admin/stays?clinic={id}");
                    view! { <li><a class="btn quiet" href=path aria-current=current>{isolate(name.clone())}</a></li> }
                })
                .collect_view();
            view! { <nav aria-label=texts.text("stay-clinic")><ul class="pager">{links}</ul></nav> }
        });
        let today = long_date(board.today, texts);
        Ok(Page::new(
            texts.text("stays-title"),
            view! {
                {said}
                <div class="page-head">
                    <div><h1>{texts.text("stays-title")}</h1><p>{today}</p></div>
                    <a class="btn" href="/admin/rooms">{icon("plus")}{texts.text("rooms-book")}</a>
                    {describe}
                </div>
                {choose}
                {tonight(&board.tonight, texts)}
                {section("arrivals", "stays-arrivals", &board.arrivals, now, texts)}
                {section("departures", "stays-departures", &board.departures, now, texts)}
                {section("here", "stays-here", &board.here, now, texts)}
            },
        )
        .shows_problem())
    })
}

/// What became of the click that led here.
fn done(board: &Board, texts: Texts) -> Option<AnyView> {
    let key = match query("said")?.as_str() {
        ARRIVED => "stay-arrived-now",
        NOT_ARRIVED => "stay-not-arrived-now",
        LEFT => "stay-left-now",
        _ => return None,
    };
    let reference = query("stay")?;
    let mut items = board.arrivals.iter().chain(&board.departures).chain(&board.here);
    items.find(|item| item.stay.reference == reference)?;
    let title = texts.with(key, &[("reference", reference.into())]);
    Some(notice(Tone::Good, title, ()).into_any())
}

fn tonight(types: &[Tonight], texts: Texts) -> impl IntoView + use<> {
    let rows = types
        .iter()
        .map(|one| {
            let name = one.room_type.name(texts.locale()).to_owned();
            view! {
                <tr>
                    <th scope="row">{isolate(name)}</th>
                    <td data-label=texts.text("stays-free")><span>{one.free}</span></td>
                    <td data-label=texts.text("stays-taken")><span>{one.total - one.free}</span></td>
                    <td data-label=texts.text("stays-total")><span>{one.total}</span></td>
                </tr>
            }
        })
        .collect_view();
    let head = ["stay-room-type", "stays-free", "stays-taken", "stays-total"]
        .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="stack">
            <h2 id="tonight">{texts.text("stays-tonight")}</h2>
            <div class="table-wrap" role="region" aria-labelledby="tonight" tabindex="0">
                <table class="cards">
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
}

fn section(
    id: &'static str,
    key: &'static str,
    items: &[Item],
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    let none = items
        .is_empty()
        .then(|| view! { <p class="soft">{texts.text("stays-nobody")}</p> });
    let rows = items
        .iter()
        .map(|item| {
            let wanted = item.stay.wanted();
            let name = item
                .patient_name
                .clone()
                .unwrap_or_else(|| texts.text("no-patient-name"));
            let what = format!(
                "{} · {} · {} – {}",
                isolated(item.room_type(texts.locale())),
                amount(wanted, texts),
                short_date(wanted.arrival, texts),
                short_date(wanted.departure, texts)
            );
            let path = format!("/admin/stays/{}", item.stay.reference);
            let presence = presence(item, true, now, texts);
            view! {
                <li class="row whole">
                    <div>
                        <h3><a href=path>{isolate(name)}</a></h3>
                        <p>{what}</p>
                        {badge(item, now, texts)}
                    </div>
                    <div class="actions">{presence}</div>
                </li>
            }
        })
        .collect_view();
    let list = (!items.is_empty()).then(|| view! { <ul class="rows">{rows}</ul> });
    view! {
        <section class="stack" aria-labelledby=id>
            <h2 id=id>{texts.text(key)}</h2>
            {none}
            {list}
        </section>
    }
}
