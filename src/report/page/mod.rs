//! The page of reports: figures with their definitions, the parts of the report, weekdays and hours, and how long one waits now.

mod groups;
mod heat;
mod lines;
mod number;
mod waits;

use engine::{
    account::Caller,
    error::AppError,
    i18n::Texts,
    monitoring::numbers::Numbers,
    report::{self, By, Choices, MAX_DAYS, Name, Period},
    time,
};
use leptos::prelude::*;

use super::asked::Wanted;
use crate::{
    account::guard,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, query, texts},
};

/// The report of managers: admins, each of their clinics.
#[component]
pub fn AdminReportPage() -> impl IntoView {
    page(async { shown(&guard::planner().await?, "/admin/report").await })
}

/// A doctor's report about their own work.
#[component]
pub fn DoctorReportPage() -> impl IntoView {
    page(async { shown(&guard::doctor().await?.0, "/doctor/report").await })
}

async fn shown(caller: &Caller, path: &'static str) -> Result<Page, AppError> {
    let (texts, state) = (texts(), expect_context::<AppState>());
    let now = state.now();
    let wanted = Wanted::read(query, now);
    let asked = wanted.asked;
    let database = &state.database;
    let choices = report::choices(database, caller, asked.period).await?;
    let report = report::report(database, caller, asked, now).await?;
    let waits = report::third_next(database, caller, asked.filter, now).await?;
    let conflicts: f64 = Numbers::parse(&database.statistics().render())
        .conflicts
        .values()
        .sum();
    let wrong = wanted.is_wrong.then(|| {
        let text = texts.with("report-days-wrong", &[("count", MAX_DAYS.into())]);
        notice(Tone::Bad, text, ())
    });
    let title = texts.text("report-title");
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="stack">
                <div class="page-head">
                    <div><h1>{title}</h1><p>{texts.text("report-intro")}</p></div>
                </div>
                {wrong}
                {form(path, &wanted, &choices, texts)}
                {lines::section(&report, asked.period, conflicts, texts)}
                {groups::section(&report.groups, asked.by, texts)}
                {heat::section(&report.hours, texts)}
                {waits::section(&waits, texts)}
                {files(&wanted, texts)}
            </div>
        },
    ))
}

/// The days from and until, in words.
fn days_of(period: Period, texts: Texts) -> String {
    let day = |day| time::long_date(day, texts);
    texts.with(
        "report-days-of",
        &[
            ("first", day(period.first).into()),
            ("last", day(period.last).into()),
        ],
    )
}

/// What is known as a part of the report by this word: its heading.
fn by_text(by: By, texts: Texts) -> String {
    texts.text(&format!("report-by-{}", by.as_str()))
}

fn form(path: &'static str, wanted: &Wanted, choices: &Choices, texts: Texts) -> impl IntoView + use<> {
    let filter = wanted.asked.filter;
    let parts = By::ALL
        .map(|by| {
            let is_chosen = by == wanted.asked.by;
            view! { <option value=by.as_str() selected=is_chosen>{by_text(by, texts)}</option> }
        })
        .collect_view();
    let doctors =
        (!choices.doctors.is_empty()).then(|| choice("doctor", &choices.doctors, filter.doctor_id, texts));
    view! {
        <form class="filters" method="get" action=path role="search" aria-label=texts.text("report-choose")>
            <div class="fields">
                <div class="field">
                    <label for="from">{texts.text("report-from")}</label>
                    <input id="from" name="from" type="date" value=wanted.from.clone() />
                </div>
                <div class="field">
                    <label for="until">{texts.text("report-until")}</label>
                    <input id="until" name="until" type="date" value=wanted.until.clone() />
                </div>
                <div class="field">
                    <label for="by">{texts.text("report-by")}</label>
                    <select id="by" name="by">{parts}</select>
                </div>
                {choice("clinic", &choices.clinics, filter.clinic_id, texts)}
                {doctors}
                {choice("service", &choices.services, filter.service_id, texts)}
                <button class="btn">{icon("filter")}{texts.text("report-show")}</button>
            </div>
        </form>
    }
}

/// A choice of one or all.
fn choice(name: &'static str, names: &[Name], chosen: Option<i64>, texts: Texts) -> impl IntoView + use<> {
    let options = names
        .iter()
        .map(|one| {
            let is_chosen = chosen == Some(one.id);
            view! { <option value=one.id.to_string() selected=is_chosen>{one.name.clone()}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{texts.text(&format!("report-by-{name}"))}</label>
            <select id=name name=name><option value="">{texts.text("report-all")}</option>{options}</select>
        </div>
    }
}

/// The form by which the report is taken along.
fn files(wanted: &Wanted, texts: Texts) -> impl IntoView + use<> {
    let values = wanted
        .values()
        .into_iter()
        .map(|(name, value)| view! { <Hidden name=name value=value /> })
        .collect_view();
    view! {
        <section class="stack-s no-print">
            <h2 id="report-files">{texts.text("report-files")}</h2>
            <p>{texts.text("report-files-text")}</p>
            <form class="filters" method="get" action="/staff/report.csv" aria-labelledby="report-files">
                {values}
                <div class="fields">
                    <div class="field">
                        <label for="rows">{texts.text("report-rows")}</label>
                        <select id="rows" name="rows">
                            <option value="figures">{texts.text("report-rows-figures")}</option>
                            <option value="appointments">{texts.text("report-rows-appointments")}</option>
                        </select>
                    </div>
                    <div class="field">
                        <label for="separator">{texts.text("report-separator")}</label>
                        <select id="separator" name="separator">
                            <option value="comma">{texts.text("report-separator-comma")}</option>
                            <option value="semicolon">{texts.text("report-separator-semicolon")}</option>
                        </select>
                    </div>
                    <label class="check">
                        <input type="checkbox" name="mark" value="1" />
                        <span>{texts.text("report-mark")}</span>
                    </label>
                    <button class="btn">{icon("download")}{texts.text("list-csv")}</button>
                </div>
            </form>
        </section>
    }
}
