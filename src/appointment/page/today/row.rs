//! The row of an appointment on the doctor's day: who comes, what for, and the next step.

use leptos::prelude::*;

use super::{
    super::{
        arrival::{arrival_badge, arrive_form},
        badge::{badge, coming_badge, overbooked_badge},
        left::{Left, left, waited},
        parts::{is_grave, length, patient_name, step_form, step_icon, step_text},
    },
    DayPage, shortened, usual_step,
};
use crate::ui::{icon, isolate};
use engine::{
    account::Role,
    appointment::{Item, Status, needs_reason, path_of},
    i18n::Texts,
    text::isolated,
    time,
};

/// How much of the patient's words a row shows.
const LINE: usize = 80;

/// The form of the ticked requests: the boxes stand in their rows, which have forms of their own.
pub(super) const SEVERAL_FORM: &str = "several";

/// The box that chooses a request to be confirmed with others.
fn choose_box(item: &Item, place: usize, texts: Texts) -> impl IntoView + use<> {
    let label = texts.with("several-choose", &[("patient", patient_name(item, texts).into())]);
    let value = format!("{}:{}", item.reference, item.version);
    view! {
        <label class="check no-print">
            <input type="checkbox" form=SEVERAL_FORM name=format!("chosen[{place}]") value=value />
            <span class="hide">{label}</span>
        </label>
    }
}

/// In which list a row stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Day,
    Found,
}

pub(super) fn rows(desk: DayPage, items: &[Item], kind: Kind) -> impl IntoView + use<> {
    let is_one_of_several = kind == Kind::Request && items.len() > 1;
    items
        .iter()
        .enumerate()
        .map(|(place, item)| row(desk, item, kind, is_one_of_several.then_some(place)))
        .collect_view()
}

fn row(desk: DayPage, item: &Item, kind: Kind, chosen_as: Option<usize>) -> impl IntoView + use<> {
    let DayPage { texts, now, .. } = desk;
    let status = item.status_at(now);
    let class = match status {
        Status::InProgress => "row now",
        Status::Pending | Status::Confirmed => "row",
        _ => "row over",
    };
    let small = match kind {
        Kind::Day => length(item, texts),
        Kind::Request | Kind::Found => time::short_date(time::local_date(item.starts_at, &item.zone), texts),
    };
    let left = item.answer_until.filter(|_| kind == Kind::Request).map(|until| {
        let waited = waited(item.created_at, now, texts);
        view! { " · " {waited} " · " {left(Left::until(until, now), texts)} }
    });
    view! {
        <li class=class>
            <time datetime=item.starts_at.to_string()>
                {time::clock(item.starts_at, &item.zone, texts.locale())} <small>{small}</small>
            </time>
            <div>
                <h3><a href=path_of(Role::Doctor, &item.reference)>{isolate(patient_name(item, texts))}</a></h3>
                <p>{isolate(about(desk, item))}{left}</p>
                {overbooked_badge(item, texts)} {coming_badge(item, texts)} {arrival_badge(item, now, texts)}
            </div>
            {(kind != Kind::Request).then(|| badge(status, texts))}
            {chosen_as.map(|place| choose_box(item, place, texts))}
            {actions(desk, item)}
        </li>
    }
}

/// Names the service, where that is not clear, and the reason of the patient.
fn about(desk: DayPage, item: &Item) -> String {
    let place = desk.many_places.then(|| {
        format!(
            "{} ({})",
            isolated(&item.clinic_name),
            time::zone_name(&item.zone_name, &item.zone, item.starts_at)
        )
    });
    let reason = (!item.reason.is_empty()).then(|| isolated(&shortened(&item.reason, LINE)).into_owned());
    [
        Some(isolated(item.service(desk.texts.locale())).into_owned()),
        place,
        reason,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" · ")
}

/// One next step, and the rest behind it.
fn actions(desk: DayPage, item: &Item) -> impl IntoView + use<> {
    let DayPage {
        texts, now, today, ..
    } = desk;
    let steps = item.steps(Role::Doctor, now);
    let is_due = time::local_date(item.starts_at, &item.zone) <= today;
    let primary = usual_step(&steps).filter(|&to| to != Status::InProgress || is_due);
    let prescribes = crate::prescription::page::is_next(item);
    let (writing, step_class) = if prescribes {
        (
            crate::prescription::page::doctors_link(item, "btn primary", texts),
            "btn",
        )
    } else {
        (None, "btn primary")
    };
    let prescription = (!prescribes).then(|| crate::prescription::page::doctors_link(item, "", texts));
    let path = path_of(Role::Doctor, &item.reference);
    let rest = steps
        .into_iter()
        .filter(|&to| Some(to) != primary)
        .map(|to| {
            let class = if is_grave(to) { "danger" } else { "" };
            if needs_reason(Role::Doctor, to) {
                view! { <a class=class href=format!("{path}#change")>{icon(step_icon(to))}{step_text(to, texts)}</a> }
                    .into_any()
            } else {
                step_form(item, to, class, texts).into_any()
            }
        })
        .collect_view();
    let moving = item.may_be_moved_by_staff(now).then(|| {
        view! { <a href=format!("{path}/reschedule")>{icon("refresh")}{texts.text("staff-move")}</a> }
    });
    let history = format!("{path}#history");
    // How much of it is new stands above the day.
    let consultation = crate::consultation::page::doctors_link(item, now, texts);
    view! {
        <div class="actions">
            {consultation}
            {writing}
            {primary.map(|to| step_form(item, to, step_class, texts))}
            <details class="menu" name="menu">
                <summary class="btn quiet">
                    <span>{texts.text("more")}<span class="hide">": " {isolate(patient_name(item, texts))}</span></span>
                    {icon("chevron-down")}
                </summary>
                <div class="menu-body">
                    {arrive_form(item, Role::Doctor, "", now, texts)}
                    {moving}
                    {rest}
                    {prescription}
                    <a href=history>{icon("history")}{texts.text("history")}</a>
                </div>
            </details>
        </div>
    }
}
