//! Taking hours out of one day at once: an absence by hours, in one short form.

use crate::{
    account::guard,
    idempotency::page::KeyField,
    schedule::forms::BlockTime,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, query, stale_notice, texts},
};
use jiff::{Timestamp, civil};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    Form,
    ask::{block_question, calls_link},
    dates::Input,
    last_change,
};
use engine::{
    account::{Caller, Role},
    appointment::{Appointment, choices, path_of as appointment_path},
    availability::Hours,
    error::{AppError, Field},
    i18n::Texts,
    schedule::{self, Schedule, clock, clock_text, week},
    time,
};

/// Blocking time of any doctor, for admins.
#[component]
pub fn AdminBlockPage() -> impl IntoView {
    page(async {
        let caller = guard::admin().await?;
        let doctor_id = query("doctor").and_then(|id| id.parse().ok());
        block_page(caller, doctor_id).await
    })
}

/// The page that blocks time of the doctor who is signed in.
#[component]
pub fn DoctorBlockPage() -> impl IntoView {
    page(async {
        let (caller, doctor_id) = guard::doctor().await?;
        block_page(caller, Some(doctor_id)).await
    })
}

async fn block_page(caller: Caller, doctor_id: Option<i64>) -> Result<Page, AppError> {
    let (texts, now) = (texts(), crate::server::now());
    let state = expect_context::<AppState>();
    let day = query("day").as_deref().and_then(|day| week::date(day).ok());
    let whose = match &caller {
        Caller::Admin { .. } => {
            let doctors = choices(&state.database, &caller).await?.doctors;
            Some(whose_form(&doctors, doctor_id, day, texts))
        }
        Caller::Doctor { .. } | Caller::Patient { .. } | Caller::Reception { .. } => None,
    };
    let (home, home_text) = match caller.role() {
        Role::Admin => ("/admin".to_owned(), texts.text("board-title")),
        _ => match day {
            Some(day) => (format!("/doctor?date={day}"), time::long_date(day, texts)),
            None => ("/doctor".to_owned(), texts.text("today")),
        },
    };
    let (said, question, form) = match doctor_id {
        Some(id) => {
            let schedule = schedule::schedule(&state.database, caller.clone(), id, now).await?;
            let form = Form::of(&id.to_string(), texts).await?;
            let said = said(&schedule, &form, caller.role());
            let about = (id, schedule.version);
            let question = block_question(&state, &caller, about, &form).await;
            (said, question, Some(block_form(&schedule, &form, day, now)))
        }
        None => (None, None, None),
    };
    let title = texts.text("block-title");
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="narrow stack">
                {said}
                <a class="back" href=home>{icon("arrow-left")}{home_text}</a>
                <div class="page-head">
                    <div><h1>{title}</h1><p>{texts.text("block-text")}</p></div>
                </div>
                {question}
                {whose}
                {form}
            </div>
        },
    )
    .shows_problem())
}

/// Asks for the doctor.
fn whose_form(
    doctors: &[(i64, String)],
    chosen: Option<i64>,
    day: Option<civil::Date>,
    texts: Texts,
) -> impl IntoView + use<> {
    let options = doctors
        .iter()
        .map(|(id, name)| view! { <option value=*id selected=chosen == Some(*id)>{name.clone()}</option> })
        .collect_view();
    view! {
        <form class="filters" method="get" action="/admin/block">
            {day.map(|day| view! { <Hidden name="day" value=day.to_string() /> })}
            <div class="fields">
                <div class="field">
                    <label for="doctor">{texts.text("doctor")}</label>
                    <select id="doctor" name="doctor">{options}</select>
                </div>
                <button class="btn">{texts.text("block-choose")}</button>
            </div>
        </form>
    }
}

fn block_form(
    schedule: &Schedule,
    form: &Form,
    day: Option<civil::Date>,
    now: Timestamp,
) -> impl IntoView + use<> {
    let texts = form.texts;
    let today = schedule
        .places
        .first()
        .map(|place| time::local_date(now, &place.zone));
    let day = Input {
        value: day.or(today).map(|day| day.to_string()),
        ..Input::date("block", "first_day", "plan-day")
    };
    let clock = |name: &'static str, label: &'static str| Input {
        optional: false,
        ..Input::clock("block", name, label)
    };
    let title = texts.with("block-of", &[("doctor", schedule.doctor.clone().into())]);
    view! {
        <section class="stack" id="block" aria-labelledby="block-of">
            <h2 id="block-of">{title}</h2>
            <form method="post" action=BlockTime::url() class="stack">
                <KeyField />
                <Hidden name="doctor_id" value=schedule.doctor_id.to_string() />
                <Hidden name="version" value=schedule.version.to_string() />
                <div class="fields">
                    {day.view(form)}
                    {clock("from", "block-from").view(form)}
                    {clock("until", "block-until").view(form)}
                    {Input::text("block", "note", "plan-note", Field::Note).view(form)}
                </div>
                <div class="actions">
                    <button class="btn primary big">{icon("calendar-x")}{texts.text("block-do")}</button>
                </div>
            </form>
        </section>
    }
}

/// Shows the outcome of the form that led here.
fn said(schedule: &Schedule, form: &Form, role: Role) -> Option<AnyView> {
    let texts = form.texts;
    if form.error == Some(AppError::StaleDoctor) {
        let by = schedule
            .places
            .first()
            .and_then(|place| last_change(schedule, &place.zone, texts));
        return Some(stale_notice(by, "plan-stale-title", "block-stale-text", texts));
    }
    form.problem().or_else(|| blocked(schedule, role, texts))
}

/// The hours that were blocked, with every appointment in them: it stays.
fn blocked(schedule: &Schedule, role: Role, texts: Texts) -> Option<AnyView> {
    query("saved").filter(|form| form == "block")?;
    let day = week::date(&query("day")?).ok()?;
    let minute = |name: &str| clock(&query(name)?).ok();
    let (from, until) = (minute("from")?, minute("until")?);
    let is_inside = |appointment: &&Appointment| {
        let hours = Hours {
            from_minute: from,
            until_minute: until,
        };
        let ranges = hours.each_on(day, &appointment.zone);
        ranges.iter().any(|range| range.overlaps(appointment.time))
    };
    let inside: Vec<_> = schedule.outside.iter().filter(is_inside).collect();
    let kept = (!inside.is_empty()).then(|| {
        let count = i64::try_from(inside.len()).unwrap_or(i64::MAX);
        let list = inside
            .iter()
            .map(|appointment| {
                let when = time::moment(appointment.time.start, &appointment.zone, texts);
                let path = appointment_path(role, &appointment.reference);
                view! { <li><a href=path>{when} ", " {appointment.reference.clone()}</a></li> }
            })
            .collect_view();
        view! {
            <p>{texts.with("block-kept", &[("count", count.into())])}</p>
            <ul class="plain">{list}</ul>
        }
    });
    let title = texts.with(
        "block-saved",
        &[
            ("day", time::long_date(day, texts).into()),
            ("from", time::clocks_in(&clock_text(from), texts.locale()).into()),
            (
                "until",
                time::clocks_in(&clock_text(until), texts.locale()).into(),
            ),
        ],
    );
    let more = view! { {kept} {calls_link(role)} };
    Some(notice(Tone::Good, title, more).into_any())
}
