//! The list of the board: a page of appointments, and the way to the next ones.

use jiff::{Timestamp, civil};
use leptos::prelude::*;

use super::{
    super::{
        arrival::arrival_badge,
        badge::{badge, coming_badge, overbooked_badge},
        parts::{here, patient_name},
    },
    filter::path_to,
};
use crate::ui::{encode, isolate, pager};
use engine::{
    account::Role,
    appointment::{Board, Count, Filter, Item, Turn, path_of},
    i18n::Texts,
    time,
};

pub(super) fn list(
    board: &Board,
    filter: &Filter,
    today: civil::Date,
    now: Timestamp,
    texts: Texts,
) -> impl IntoView + use<> {
    let caption = match board.count(filter.status) {
        Some(Count {
            number,
            is_more: false,
        }) => texts.with("board-caption", &[("count", number.into())]),
        Some(Count {
            number,
            is_more: true,
        }) => texts.with("board-caption-more", &[("count", number.into())]),
        None => texts.text("board-caption-many"),
    };
    let turn = |turn: Turn| {
        path_to(
            &Filter {
                turn,
                ..filter.clone()
            },
            today,
        )
    };
    let earlier = board.earlier.map(turn);
    let later = board.later.map(turn);
    let head = [
        "column-time",
        "column-patient",
        "column-doctor",
        "column-visit",
        "column-status",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    let rows = board
        .items
        .iter()
        .map(|item| row(item, now, texts))
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=texts.text("board-title") tabindex="0">
            <table class="cards">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        {head}
                        <th scope="col"><span class="hide">{texts.text("column-actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager((earlier, "pages-earlier"), (later, "pages-later"), texts)}
    }
}

fn row(item: &Item, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let clock = time::clock(item.starts_at, &item.zone, texts.locale());
    let date = time::short_date(time::local_date(item.starts_at, &item.zone), texts);
    let patient = patient_name(item, texts);
    let open = format!(": {patient}, {date}, {clock}");
    let moving = item.may_be_moved_by_staff(now).then(|| {
        let path = format!("{}/reschedule?next={}", path_of(Role::Admin, &item.reference), encode(&here()));
        let whose = open.clone();
        view! { <a class="btn quiet" href=path>{texts.text("staff-move")}<span class="hide">{whose}</span></a> }
    });
    view! {
        <tr>
            <th scope="row">
                <time datetime=item.starts_at.to_string()>{clock}</time>
                " "
                <small>{format!("{date}, {}", time::zone_name(&item.zone_name, &item.zone, item.starts_at))}</small>
            </th>
            <td data-label=texts.text("column-patient")>
                <span>{isolate(patient)} " " <small class="num">{item.patient_phone.clone()}</small></span>
            </td>
            <td data-label=texts.text("column-doctor")>
                <span>{isolate(item.doctor(texts))} " " <small>{isolate(item.clinic_name.clone())}</small></span>
            </td>
            <td data-label=texts.text("column-visit")><span>{isolate(item.service(texts.locale()).to_owned())}</span></td>
            <td data-label=texts.text("column-status")>{badge(item.status_at(now), texts)} " " {overbooked_badge(item, texts)} {coming_badge(item, texts)} {arrival_badge(item, now, texts)}</td>
            <td class="end">
                <div class="actions">
                    {moving}
                    <a class="btn" href=path_of(Role::Admin, &item.reference)>
                        {texts.text("open")}
                        <span class="hide">{open}</span>
                    </a>
                </div>
            </td>
        </tr>
    }
}
