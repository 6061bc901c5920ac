//! The day of a clinic and the week of a doctor, as a table: what is booked, who is here, and what is free.

mod grid;
mod table;
mod waiting;

use jiff::{Timestamp, ToSpan, civil};
use leptos::{prelude::*, server_fn::ServerFn};

use self::table::table;
use crate::{
    account::guard,
    appointment::page::news,
    desk::{date_of, forms::ShowSheet, page::links as desk_links},
    server::AppState,
    ui::{
        Hidden, Page, icon,
        island::{DragToMove, LivePart},
        isolate, page, query, texts,
    },
};
use engine::{
    account::{Caller, Role},
    appointment::places,
    desk::sheet::{Sheet, Wanted, sheet},
    error::AppError,
    i18n::Texts,
    time,
};

/// The request that all parts of a sheet share.
#[derive(Clone)]
struct SheetPage {
    role: Role,
    now: Timestamp,
    texts: Texts,
    is_week: bool,
    /// The doctor of the week.
    doctor_id: Option<i64>,
}

impl SheetPage {
    fn base(&self) -> &'static str {
        match self.role {
            Role::Admin | Role::Reception => "/admin",
            _ => "/doctor",
        }
    }

    /// The path of a day at the clinic of this sheet.
    fn day(&self, sheet: &Sheet, date: civil::Date) -> String {
        format!("/admin/day?clinic={}&date={date}", sheet.clinic.id)
    }

    /// The path of a week at the clinic of this sheet.
    fn week(&self, sheet: &Sheet, doctor_id: i64, date: civil::Date) -> String {
        let doctor = match self.role {
            Role::Admin | Role::Reception => format!("&doctor={doctor_id}"),
            _ => String::new(),
        };
        format!(
            "{}/week?clinic={}{doctor}&date={date}",
            self.base(),
            sheet.clinic.id
        )
    }

    /// The path of this sheet on another date.
    fn same(&self, sheet: &Sheet, date: civil::Date) -> String {
        match self.doctor_id.filter(|_| self.is_week) {
            Some(doctor_id) => self.week(sheet, doctor_id, date),
            None => self.day(sheet, date),
        }
    }
}

/// The day of a clinic: a column for each doctor.
#[component]
pub fn DayPage() -> impl IntoView {
    page(async { sheet_page(guard::desk().await?, false, None).await })
}

/// The week of a doctor: a column for each day.
#[component]
pub fn WeekPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let doctor_id = query("doctor").and_then(|id| id.parse().ok());
        sheet_page(caller, true, doctor_id).await
    })
}

/// The week of the doctor who looks at it.
#[component]
pub fn OwnWeekPage() -> impl IntoView {
    page(async {
        let (caller, doctor_id) = guard::doctor().await?;
        sheet_page(caller, true, Some(doctor_id)).await
    })
}

/// The clinic that the URL names, or else the one that this browser looked at last, or where the doctor works most.
async fn chosen_clinic(state: &AppState, caller: &Caller) -> Result<Option<i64>, AppError> {
    if let Some(id) = query("clinic").and_then(|id| id.parse().ok()) {
        return Ok(Some(id));
    }
    let last = guard::session().clinic().await?;
    match caller {
        Caller::Doctor { doctor_id, .. } if last.is_none() => {
            let places = places(&state.database, *doctor_id).await?;
            Ok(places.first().map(|place| place.clinic_id))
        }
        _ => Ok(last),
    }
}

async fn sheet_page(caller: Caller, is_week: bool, doctor_id: Option<i64>) -> Result<Page, AppError> {
    let (texts, now) = (texts(), crate::server::now());
    let state = expect_context::<AppState>();
    let news = news(&caller, texts).await?;
    let date = query("date").as_deref().and_then(date_of);
    let wanted = match &caller {
        Caller::Doctor { doctor_id, .. } => Wanted::OwnWeek {
            doctor_id: *doctor_id,
        },
        _ if is_week => Wanted::Week { doctor_id },
        _ => Wanted::Day,
    };
    let clinic_id = chosen_clinic(&state, &caller).await?;
    let shown = sheet(&state.database, &caller, clinic_id, date, wanted, now).await?;
    let heading = match is_week {
        true => "sheet-week",
        false => "sheet-day",
    };
    let Some(shown) = shown else {
        return Ok(empty(texts.text(heading), texts));
    };
    let page = SheetPage {
        role: caller.role(),
        now,
        texts,
        is_week,
        doctor_id: match &caller {
            Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
            _ => shown.columns.first().map(|column| column.doctor_id),
        },
    };
    let title = title(&page, &shown, caller.name());
    let waiting = (!is_week && shown.first == shown.today).then(|| waiting::list(&shown, now, texts));
    let live = (!shown.columns.is_empty()).then(|| live(&shown, texts));
    Ok(Page::new(
        title.clone(),
        view! {
            {news}
            <div class="page-head">
                <div>
                    <h1>{isolate(title)}</h1>
                    <p>{zone(&shown, texts)}</p>
                </div>
                {turn(&page, &shown)}
            </div>
            {desk_links(&caller, Some(shown.first), texts)}
            {filters(&page, &shown)}
            <div id="sheet" class="stack">
                {waiting}
                {table(&page, &shown)}
            </div>
            <DragToMove hint=texts.text("sheet-drag") />
            {live}
            {carry(&page, &shown)}
        },
    )
    .shows_problem())
}

fn empty(title: String, texts: Texts) -> Page {
    Page::new(
        title.clone(),
        view! {
            <h1>{title}</h1>
            <div class="empty">{icon("calendar")}<h2>{texts.text("sheet-nothing")}</h2></div>
        },
    )
}

/// `Klinik Harapan, Tuesday 24 November 2026`, or `Dr Sari, 23 Nov to 29 Nov, Klinik Harapan`.
fn title(page: &SheetPage, sheet: &Sheet, own_name: Option<&str>) -> String {
    let texts = page.texts;
    if !page.is_week {
        return format!("{}, {}", time::long_date(sheet.first, texts), sheet.clinic.name);
    }
    let last = sheet.columns.last().map_or(sheet.first, |column| column.date);
    let doctor = match (sheet.columns.first(), page.role) {
        (Some(column), _) => Some(column.doctor_name.clone()),
        // At this clinic the doctor has nothing.
        (None, Role::Doctor) => own_name.map(ToOwned::to_owned),
        (None, _) => None,
    };
    texts.with(
        "sheet-week-of",
        &[
            ("doctor", doctor.unwrap_or_default().into()),
            ("first", time::short_date(sheet.first, texts).into()),
            ("last", time::short_date(last, texts).into()),
            ("clinic", sheet.clinic.name.clone().into()),
        ],
    )
}

fn zone(sheet: &Sheet, texts: Texts) -> String {
    let last = sheet.columns.last().map_or(sheet.first, |column| column.date);
    let zone = time::zone_of_days(
        &sheet.clinic.zone_name,
        &sheet.clinic.zone,
        (sheet.first, last),
        texts,
    );
    texts.with("clinic-time", &[("zone", zone.into())])
}

/// The way to the day or week before and after, and to today.
fn turn(page: &SheetPage, sheet: &Sheet) -> impl IntoView + use<> {
    let texts = page.texts;
    let days = if page.is_week { 7 } else { 1 };
    let link = |date: civil::Date| (page.same(sheet, date), time::short_date(date, texts));
    let earlier = sheet.first.checked_sub(days.days()).ok().map(link);
    let later = sheet.first.checked_add(days.days()).ok().map(link);
    let is_today = sheet.columns.iter().any(|column| column.date == sheet.today);
    let today = (!is_today).then(|| page.same(sheet, sheet.today));
    let now = (is_today && !sheet.columns.is_empty()).then_some("#now");
    view! {
        <nav aria-label=texts.text("today-days")>
            <ul class="pager">
                {earlier.map(|(path, day)| view! { <li><a class="btn" href=path>{icon("arrow-left")}{day}</a></li> })}
                {today.map(|path| view! { <li><a class="btn" href=path>{texts.text("today")}</a></li> })}
                {now.map(|path| view! { <li><a class="btn" href=path>{texts.text("sheet-now")}</a></li> })}
                {later.map(|(path, day)| view! { <li><a class="btn" href=path>{day}{icon("arrow-right")}</a></li> })}
            </ul>
        </nav>
    }
}

/// Chooses another clinic, day or doctor. The clinic is remembered.
fn filters(page: &SheetPage, sheet: &Sheet) -> impl IntoView + use<> {
    let texts = page.texts;
    let options = |all: Vec<(i64, String)>, chosen: Option<i64>| {
        all.into_iter()
            .map(|(id, name)| view! { <option value=id selected=chosen == Some(id)>{name}</option> })
            .collect_view()
    };
    let clinics: Vec<(i64, String)> = sheet
        .clinics
        .iter()
        .map(|clinic| (clinic.id, clinic.name.clone()))
        .collect();
    let clinics = options(clinics, Some(sheet.clinic.id));
    let doctors = (page.is_week && page.role.is_at_desk()).then(|| {
        let doctors = options(sheet.doctors.clone(), page.doctor_id);
        view! {
            <div class="field">
                <label for="doctor">{texts.text("board-doctor")}</label>
                <select id="doctor" name="doctor">{doctors}</select>
            </div>
        }
    });
    let kind = if page.is_week { "week" } else { "day" };
    view! {
        <form class="filters" method="post" action=ShowSheet::url() role="search" aria-label=texts.text("sheet-filter")>
            <Hidden name="kind" value=kind />
            <div class="fields">
                <div class="field">
                    <label for="clinic">{texts.text("board-clinic")}</label>
                    <select id="clinic" name="clinic">{clinics}</select>
                </div>
                {doctors}
                <div class="field">
                    <label for="date">{texts.text("sheet-date")}</label>
                    <input id="date" name="date" type="date" value=sheet.first.to_string() />
                </div>
                <button class="btn">{icon("calendar")}{texts.text("sheet-show")}</button>
            </div>
        </form>
    }
}

/// Reads the sheet again when something changes in it.
fn live(sheet: &Sheet, texts: Texts) -> impl IntoView + use<> {
    let mut doctors: Vec<String> = sheet
        .columns
        .iter()
        .map(|column| column.doctor_id.to_string())
        .collect();
    doctors.dedup();
    view! {
        <LivePart
            url=format!("/live/sheet?doctors={}", doctors.join(","))
            part="sheet".to_owned()
            announcement=texts.text("sheet-changed")
        />
    }
}

/// Ways to carry the sheet: on paper, and the day as a table for other programs.
fn carry(page: &SheetPage, sheet: &Sheet) -> impl IntoView + use<> {
    let texts = page.texts;
    let (path, key) = match page.doctor_id.filter(|_| page.is_week) {
        Some(doctor_id) => {
            let path = page.week(sheet, doctor_id, sheet.first);
            (path.replacen("/week", "/week.csv", 1), "sheet-week-csv")
        }
        None => (
            page.day(sheet, sheet.first).replacen("/day", "/day.csv", 1),
            "sheet-csv",
        ),
    };
    let file = view! { <a class="btn quiet" href=path rel="external" download>{icon("download")}{texts.text(key)}</a> };
    view! {
        <div class="actions">
            {file}
            <p class="soft">{icon("printer")} " " {texts.text("sheet-print")}</p>
        </div>
    }
}
