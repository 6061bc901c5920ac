//! The table of a sheet. Thousands of cells are sent in one page: each says what nothing around it says, and no more.

use jiff::Timestamp;
use leptos::{either::Either, prelude::*};

use super::{
    SheetPage,
    grid::{Cell, Grid, Shown, minute_of},
};
use crate::appointment::page::{status_key, waiting};
use engine::{
    appointment::Status,
    desk::sheet::{Column, Out, Sheet, Visit},
    i18n::{Locale, Texts},
    text::isolated,
    time,
};

/// The words that cells have in common, looked up once.
struct Words {
    free: String,
    buffer: String,
    pause: String,
    absence: String,
    closure: String,
    late: String,
    held: String,
}

impl Words {
    fn of(texts: Texts) -> Self {
        Self {
            free: texts.text("sheet-free"),
            buffer: texts.text("sheet-buffer"),
            pause: texts.text("sheet-break"),
            absence: texts.text("sheet-absence"),
            closure: texts.text("sheet-closure"),
            late: texts.text("arrival-late"),
            held: texts.text("sheet-held"),
        }
    }
}

/// `09:20`, of a minute after midnight.
fn clock(minute: i32, locale: Locale) -> String {
    let separator = match locale {
        Locale::Id => '.',
        Locale::En | Locale::De => ':',
    };
    format!("{:02}{separator}{:02}", minute / 60, minute % 60)
}

/// The table, or that there is nothing to show.
pub(super) fn table(page: &SheetPage, sheet: &Sheet) -> AnyView {
    let texts = page.texts;
    let grid = Grid::of(&sheet.columns, &sheet.clinic.zone);
    if grid.minutes.is_empty() {
        return view! { <div class="empty"><h2>{texts.text("sheet-nothing")}</h2></div> }.into_any();
    }
    let today = sheet.columns.iter().find(|column| column.date == sheet.today);
    let now = today.and_then(|column| grid.row_of(minute_of(page.now, column.date, &sheet.clinic.zone)));
    let heads = sheet
        .columns
        .iter()
        .map(|column| head(page, sheet, column))
        .collect_view();
    let words = Words::of(texts);
    let rows = grid
        .minutes
        .iter()
        .enumerate()
        .map(|(row, minute)| {
            let is_now = now == Some(row);
            let cells = grid
                .row(row)
                .map(|(index, cell)| self::cell(page, sheet, &sheet.columns[index], cell, &words))
                .collect_view();
            let hour = (minute % 60 == 0).then_some("h");
            let line = is_now.then(|| view! { <b>{texts.text("sheet-now")}</b> });
            view! {
                <tr class=if is_now { Some("now") } else { hour } id=is_now.then_some("now")>
                    <th scope="row">{clock(*minute, texts.locale())}{line}</th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    let caption = texts.text("sheet-caption");
    let name = texts.text(if page.is_week { "sheet-week" } else { "sheet-day" });
    view! {
        <div class="table-wrap" role="region" aria-label=name tabindex="0">
            <table class="sheet" data-keys>
                <caption class="hide">{caption}</caption>
                <thead><tr><th scope="col">{texts.text("column-time")}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The head of a column, which leads to the week of the doctor or to the day.
fn head(page: &SheetPage, sheet: &Sheet, column: &Column) -> impl IntoView + use<> {
    let (path, name) = match page.is_week {
        true => (
            page.day(sheet, column.date),
            time::short_date(column.date, page.texts),
        ),
        false => (
            page.week(sheet, column.doctor_id, column.date),
            isolated(&column.doctor_name).into_owned(),
        ),
    };
    let is_today = (page.is_week && column.date == sheet.today).then_some("date");
    // The day of the clinic is for the desk.
    let name = match page.is_week && page.base() == "/doctor" {
        true => Either::Left(name),
        false => Either::Right(view! { <a href=path>{name}</a> }),
    };
    view! { <th scope="col" aria-current=is_today>{name}</th> }
}

/// A cell; what only accompanies it says to whom it belongs, for those who do not see the columns.
fn cell(page: &SheetPage, sheet: &Sheet, column: &Column, cell: &Cell, words: &Words) -> AnyView {
    let rows = (cell.rows > 1).then_some(cell.rows);
    let whose = || match page.is_week {
        true => time::short_date(column.date, page.texts),
        false => isolated(&column.doctor_name).into_owned(),
    };
    let plain = |class: &'static str, text: Option<&String>| {
        let text = text.cloned();
        view! { <td rowspan=rows class=class>{text}</td> }.into_any()
    };
    match &cell.shown {
        Shown::Closed => plain("x", None),
        Shown::Open => plain("o", None),
        Shown::Buffer => plain("u", Some(&words.buffer)),
        Shown::Out(Out::Break) => plain("x", Some(&words.pause)),
        Shown::Out(Out::Absence) => plain("x", Some(&words.absence)),
        Shown::Out(Out::Closure) => plain("x", Some(&words.closure)),
        Shown::Free(at) => {
            let clock = time::clock(*at, &sheet.clinic.zone, page.texts.locale());
            let Some(offer) = column.offer else {
                return plain("o", None);
            };
            let path = format!("{}/book?offer={offer}&at={}", page.base(), at.as_second());
            let whose = whose();
            view! {
                <td rowspan=rows class="f"><a href=path>{clock}<b>{format!(" {}", words.free)}</b><i>{format!(" {whose}")}</i></a></td>
            }
            .into_any()
        }
        Shown::Visits(visits) => {
            let visits: Vec<&Visit> = visits
                .iter()
                .filter_map(|visit| column.visits.get(*visit))
                .collect();
            let shown = |visit: &Visit| self::visit(page, sheet, visit, whose(), words);
            match visits.as_slice() {
                [one] => {
                    // Without a class there is no attribute either: a day has a thousand cells.
                    match class_of(one, page.now) {
                        Some(class) => view! { <td rowspan=rows class=class>{shown(one)}</td> }.into_any(),
                        None => view! { <td rowspan=rows>{shown(one)}</td> }.into_any(),
                    }
                }
                several => {
                    let all = several.iter().map(|visit| shown(visit)).collect_view();
                    view! { <td rowspan=rows>{all}</td> }.into_any()
                }
            }
        }
    }
}

/// The class of a visit: its status, or that its patient is here, or late. What is confirmed, as nearly all is, has none.
fn class_of(visit: &Visit, now: Timestamp) -> Option<&'static str> {
    if visit.group.is_some() {
        None
    } else if visit.waiting_minutes(now).is_some() {
        Some("here")
    } else if visit.is_late(now) {
        Some("late")
    } else {
        Some(visit.status.as_str()).filter(|_| visit.status != Status::Confirmed)
    }
}

fn visit(
    page: &SheetPage,
    sheet: &Sheet,
    visit: &Visit,
    whose: String,
    words: &Words,
) -> impl IntoView + use<> {
    let texts = page.texts;
    let clock = time::clock(visit.time.start, &sheet.clinic.zone, texts.locale());
    if let Some(group) = visit.group.as_ref().filter(|_| visit.is_open()) {
        let taken = texts.with(
            "group-taken",
            &[("taken", group.taken.into()), ("capacity", group.capacity.into())],
        );
        let title = isolated(&group.title).into_owned();
        let words = view! { {format!("{clock} {title} ")}<b>{taken}</b><i>{format!(" {whose}")}</i> };
        return Either::Left(view! { <a href=format!("groups/{}", group.id)>{words}</a> }.into_any());
    }
    let name = match &visit.patient_name {
        Some(name) => isolated(name).into_owned(),
        // Nobody has said yet for whom it is.
        None => String::new(),
    };
    let mut said = match visit.waiting_minutes(page.now) {
        Some(minutes) => waiting(minutes, texts),
        None if visit.is_late(page.now) => words.late.clone(),
        None if !visit.is_open() => texts.text("sheet-elsewhere"),
        None if visit.patient_id.is_none() => words.held.clone(),
        None => texts.text(status_key(visit.status)),
    };
    if visit.overbooked {
        said = format!("{said}, {}", texts.text("overbooked"));
    }
    if visit.is_open() && visit.clinic_id != sheet.clinic.id {
        let elsewhere = sheet.clinics.iter().find(|clinic| clinic.id == visit.clinic_id);
        let elsewhere = elsewhere.map(|clinic| isolated(&clinic.name).into_owned());
        said = format!("{said}, {}", elsewhere.unwrap_or_default());
    }
    let words = view! { {format!("{clock} {name} ")}<b>{said}</b><i>{format!(" {whose}")}</i> };
    // A doctor has no page of a hold, and nobody one of what is another clinic's.
    let is_page = visit.is_open() && (page.base() == "/admin" || visit.status != Status::Held);
    match is_page {
        true => {
            // Below the same path as this page.
            let path = format!("appointments/{}", visit.reference);
            Either::Left(view! { <a href=path>{words}</a> }.into_any())
        }
        false => Either::Right(view! { <span>{words}</span> }),
    }
}
