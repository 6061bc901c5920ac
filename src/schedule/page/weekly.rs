//! The week: its rows, and what would come of them.

use jiff::civil;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{PlanPage, named, of};
use crate::{
    schedule::forms::PlanWeek,
    server::AppState,
    ui::{Hidden, error_text, icon, message, query},
};
use engine::{
    availability::Day,
    i18n::Texts,
    schedule::{
        self, Act, Edit, Preview,
        week::{self, Row},
    },
    time,
};

/// How many empty rows the form of a week has at least.
const EMPTY_ROWS: usize = 3;

/// Shows a dry run of the week that was typed.
pub(super) async fn preview(state: &AppState, desk: &PlanPage) -> Option<AnyView> {
    query("preview")?;
    let is_here = desk.form.typed.form == "week" && desk.form.typed.clinic_id == Some(desk.place.clinic_id);
    if !is_here {
        return None;
    }
    let texts = desk.texts;
    let result = match week::read(&desk.form.typed.week) {
        Ok(week) => {
            let command = Edit {
                caller: desk.caller.clone(),
                doctor_id: desk.schedule.doctor_id,
                version: desk.schedule.version,
                act: Act::Week {
                    clinic_id: desk.place.clinic_id,
                    week,
                },
                key: None,
            };
            schedule::preview(&state.database, command, desk.now).await
        }
        Err(error) => Err(error),
    };
    let body = match result {
        Ok(preview) => view! {
            {would(desk, &preview)}
            {times(&preview, texts)}
        }
        .into_any(),
        Err(error) => {
            view! { <p class="error">{icon("alert-triangle")}<span>{message(error, texts)}</span></p> }
                .into_any()
        }
    };
    Some(
        view! {
            <section class="card stack" id="preview" aria-labelledby="preview-title">
                <h2 id="preview-title">{texts.text("plan-preview-title")}</h2>
                <p class="soft">{texts.text("plan-preview-text")}</p>
                {body}
            </section>
        }
        .into_any(),
    )
}

fn would(desk: &PlanPage, preview: &Preview) -> impl IntoView + use<> {
    let texts = desk.texts;
    let count = i64::try_from(preview.no_longer_held.len()).unwrap_or(i64::MAX);
    view! {
        <p>{texts.with("plan-would", &[("count", count.into())])}</p>
        {named(desk, &preview.no_longer_held)}
    }
}

fn times(preview: &Preview, texts: Texts) -> impl IntoView + use<> {
    preview
        .days
        .iter()
        .map(|(offering, days)| {
            let count: usize = days.iter().map(Day::free).sum();
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let values = [
                ("service", offering.service(texts.locale()).to_owned().into()),
                ("count", count.into()),
            ];
            let list = days
                .iter()
                .map(|day| {
                    let clocks: Vec<String> = day
                        .slots
                        .iter()
                        .filter(|slot| slot.free)
                        .map(|slot| time::clock(slot.starts_at, &offering.zone, texts.locale()))
                        .collect();
                    view! { <li>{time::short_date(day.date, texts)} ": " {clocks.join(" ")}</li> }
                })
                .collect_view();
            view! {
                <details>
                    <summary>{texts.with("plan-times", &values)}</summary>
                    <ul class="plain">{list}</ul>
                </details>
            }
        })
        .collect_view()
}

/// The week, one row for the same hours on several days.
pub(super) fn week_form(desk: &PlanPage) -> impl IntoView + use<> {
    let texts = desk.texts;
    let is_typed = desk.form.typed.form == "week" && desk.form.typed.clinic_id == Some(desk.place.clinic_id);
    let filled = match is_typed {
        true => desk.form.typed.week.clone(),
        false => week::rows(&desk.place.plan.weekly),
    };
    let least = if is_typed { desk.form.typed.rows } else { 0 };
    let count = least
        .max(filled.len() + if is_typed { 0 } else { EMPTY_ROWS })
        .min(100);
    let says_errors = is_typed && (desk.form.error.is_some() || query("preview").is_some());
    let rows = (0..count)
        .map(|index| {
            week_row(
                index,
                filled.get(index).cloned().unwrap_or_default(),
                says_errors,
                texts,
            )
        })
        .collect_view();
    view! {
        <section class="stack" id="week" aria-labelledby="week-title">
            <h2 id="week-title">{texts.text("plan-week")}</h2>
            <p class="soft">{texts.text("plan-week-text")}</p>
            <form method="post" action=PlanWeek::url() class="stack">
                {of(desk, true)}
                <Hidden name="rows" value=count.to_string() />
                {rows}
                // The first button of a form is the one that the Enter key presses.
                <div class="actions">
                    <button class="btn" name="doing" value="preview">
                        {icon("search")}
                        {texts.text("plan-preview")}
                    </button>
                    <button class="btn primary" name="doing" value="save">
                        {icon("check")}
                        {texts.text("plan-save-week")}
                    </button>
                    <button class="btn quiet" name="doing" value="more">
                        {icon("plus")}
                        {texts.text("plan-more-rows")}
                    </button>
                </div>
            </form>
        </section>
    }
}

fn week_row(index: usize, row: Row, says_errors: bool, texts: Texts) -> impl IntoView {
    let error = (says_errors && !row.is_empty())
        .then(|| row.read().err())
        .flatten();
    let error_id = format!("week-{index}-error");
    let described_by = error.map(|_| error_id.clone());
    let days = (1..=7i8)
        .filter_map(|day| civil::Weekday::from_monday_one_offset(day).ok())
        .map(|weekday| {
            let day = weekday.to_monday_one_offset().to_string();
            let checked = row.days.contains(&day);
            let name: String = texts.text(time::weekday_key(weekday));
            view! {
                <label class="check">
                    <input type="checkbox" name=format!("week[{index}][days][{day}]") value=day checked=checked />
                    <span>{name}</span>
                </label>
            }
        })
        .collect_view();
    let text = |name: &'static str, label: &'static str, value: &str, kind: &'static str| {
        let id = format!("week-{index}-{name}");
        // A keypad with a separator; `0900` needs none.
        let inputmode = (kind == "text").then_some("decimal");
        view! {
            <div class="field">
                <label for=id.clone()>{texts.text(label)}</label>
                <input
                    id=id
                    name=format!("week[{index}][{name}]")
                    type=kind
                    value=value.to_owned()
                    inputmode=inputmode
                    autocomplete="off"
                    aria-describedby=described_by.clone()
                    aria-invalid=described_by.as_ref().map(|_| "true")
                />
            </div>
        }
    };
    let kind_id = format!("week-{index}-kind");
    let number = i64::try_from(index + 1).unwrap_or(i64::MAX);
    view! {
        <fieldset class="fields">
            <legend>{texts.with("plan-row", &[("number", number.into())])}</legend>
            {error.map(|error| error_text(error_id, message(error, texts)))}
            <div class="checks">{days}</div>
            {text("from", "plan-from", &row.from, "text")}
            {text("until", "plan-until", &row.until, "text")}
            <div class="field">
                <label for=kind_id.clone()>{texts.text("plan-kind")}</label>
                <select id=kind_id name=format!("week[{index}][kind]")>
                    <option value="work" selected=!row.is_break()>{texts.text("plan-work")}</option>
                    <option value="break" selected=row.is_break()>{texts.text("plan-break")}</option>
                </select>
            </div>
            {text("valid_from", "plan-valid-from", &row.valid_from, "date")}
            {text("valid_until", "plan-valid-until", &row.valid_until, "date")}
        </fieldset>
    }
}
