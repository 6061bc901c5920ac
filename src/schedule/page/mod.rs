//! The schedule of a doctor: how the coming days are, and everything that can be changed about them. Each change is
//! a plain form.

mod ask;
mod block;
mod calls;
mod dates;
mod day;
pub mod elsewhere;
mod plans;
mod stop;
mod weekly;

use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{
        Hidden, Page, Tone, changed_by, error_summary, icon, message, notice, page, path_parameter, problem,
        query, request_error, stale_notice, texts,
    },
};
use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use leptos::prelude::*;

pub use self::{
    ask::reach_text,
    block::{AdminBlockPage, DoctorBlockPage},
    calls::{
        CallListsPage, CallsPage, DoctorCallListsPage, DoctorCallsPage, DoctorMoveCallsPage, MoveCallsPage,
    },
    dates::ClosuresPage,
    plans::PlansPage,
    stop::StopPage,
};
use self::{
    ask::{calls_link, plan_question},
    dates::{absences, exceptions},
    day::{day_form, stopped_days, why, why_form},
    weekly::{preview, week_form},
};
use super::forms::{DAY_CANCELLED, DAY_OPENED, DAY_STOPPED, FORM, Typed, path_of};
use engine::{
    account::{Caller, Role},
    appointment::{Appointment, path_of as appointment_path},
    availability::{Hours, Off as Kind},
    error::AppError,
    i18n::Texts,
    schedule::{self, Place, Schedule, week::ranges_text},
    time,
};

/// How many days the overview has.
const DAYS: usize = 14;

/// How many appointments are named before the rest is only counted.
const MAX_NAMED: usize = 20;

/// The schedule of a doctor, for admins; for those of named clinics, what of it is of these.
#[component]
pub fn AdminPlanPage() -> impl IntoView {
    page(async {
        let caller = guard::planner().await?;
        plan_page(caller, path_parameter("doctor")?).await
    })
}

/// The schedule of the doctor who is signed in.
#[component]
pub fn DoctorPlanPage() -> impl IntoView {
    page(async {
        let (caller, doctor_id) = guard::doctor().await?;
        plan_page(caller, doctor_id).await
    })
}

/// The request that all parts of the page share.
struct PlanPage {
    caller: Caller,
    schedule: Schedule,
    /// The clinic that is shown.
    place: Place,
    form: Form,
    texts: Texts,
    now: Timestamp,
}

/// The form that could not be done, where one could not.
struct Form {
    typed: Typed,
    error: Option<AppError>,
    texts: Texts,
}

impl Form {
    /// # Errors
    /// Those of the session.
    async fn of(whose: &str, texts: Texts) -> Result<Self, AppError> {
        let error = request_error();
        // Who comes anew sees what is, and not what was once typed.
        let goes_on = error.is_some()
            || query("preview").is_some()
            || query("rows").is_some()
            || query("ask").is_some();
        let typed = match goes_on {
            true => guard::session().typed(FORM, whose).await?,
            false => Typed::default(),
        };
        Ok(Self { typed, error, texts })
    }

    /// The value that was typed into a field of the form.
    fn value(&self, form: &str, name: &str) -> String {
        match self.typed.form.starts_with(form) {
            true => self.typed.fields.get(name).cloned().unwrap_or_default(),
            false => String::new(),
        }
    }

    /// Shows the error of the form at the top of the page.
    fn problem(&self) -> Option<AnyView> {
        let texts = self.texts;
        match self.error? {
            AppError::InvalidDateRange => {
                Some(notice(Tone::Bad, texts.text("plan-bad-dates"), ()).into_any())
            }
            error @ AppError::ValidationFailed { .. } => {
                let section = match self.typed.form.split('-').next() {
                    Some(form @ ("week" | "exception" | "absence" | "block" | "day" | "closure")) => {
                        form.to_owned()
                    }
                    _ => "main".to_owned(),
                };
                Some(error_summary([(section, message(error, texts))], texts))
            }
            error => Some(problem(error, texts)),
        }
    }
}

impl PlanPage {
    fn path(&self) -> String {
        path_of(&self.caller, self.schedule.doctor_id)
    }

    fn today(&self) -> civil::Date {
        time::local_date(self.now, &self.place.zone)
    }

    fn path_to(&self, appointment: &Appointment) -> String {
        appointment_path(self.caller.role(), &appointment.reference)
    }
}

async fn plan_page(caller: Caller, doctor_id: i64) -> Result<Page, AppError> {
    let (texts, now) = (texts(), crate::server::now());
    let state = expect_context::<AppState>();
    let schedule = schedule::schedule(&state.database, caller.clone(), doctor_id, now).await?;
    let title = texts.with("plan-title", &[("doctor", schedule.doctor.clone().into())]);
    let clinic: Option<i64> = query("clinic").and_then(|id| id.parse().ok());
    let chosen = schedule
        .places
        .iter()
        .find(|place| Some(place.clinic_id) == clinic)
        .or(schedule.places.first())
        .cloned();
    let Some(place) = chosen else {
        let body = view! {
            <div class="empty">
                {icon("calendar-x")}
                <h1>{texts.with("plan-title", &[("doctor", schedule.doctor.into())])}</h1>
                <p>{texts.text("plan-nowhere")}</p>
            </div>
        };
        return Ok(Page::new(title, body));
    };
    let form = Form::of(&doctor_id.to_string(), texts).await?;
    let desk = PlanPage {
        caller,
        schedule,
        place,
        form,
        texts,
        now,
    };
    let preview = preview(&state, &desk).await;
    let question = plan_question(&state, &desk).await?;
    let answer = why(&state, &desk).await?;
    let whose = (doctor_id, desk.place.clinic_id);
    let stopped = schedule::stopped(&state.database, &desk.caller, whose, now).await?;
    let stopped = stopped_days(&stopped, || of(&desk, true), texts);
    Ok(Page::new(
        title,
        view! {
            {news(&desk)}
            {head(&desk)}
            {question}
            {attention(&desk)}
            {busy_elsewhere(&desk)}
            {coming(&desk)}
            {preview}
            {week_form(&desk)}
            {exceptions(&desk)}
            {absences(&desk)}
            {stopped}
            {day_form(&desk.form, of(&desk, true))}
            {why_form(&desk, answer)}
        },
    )
    .shows_problem())
}

/// Shows the outcome of the form that led here.
fn news(desk: &PlanPage) -> Option<AnyView> {
    let texts = desk.texts;
    match desk.form.error {
        Some(AppError::StaleDoctor) => Some(stale(desk)),
        Some(_) => desk.form.problem(),
        None => {
            const FORMS: [&str; 8] = [
                "week",
                "exception",
                "exception-removed",
                "absence",
                "absence-removed",
                DAY_STOPPED,
                DAY_CANCELLED,
                DAY_OPENED,
            ];
            let saved = query("saved").filter(|form| FORMS.contains(&form.as_str()))?;
            let number = |name: &str| query(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            let (count, cancelled, told) = (number("attention"), number("cancelled"), number("told"));
            let more = if saved == DAY_CANCELLED {
                let values = [("count", cancelled.into()), ("told", told.into())];
                Some(view! { <p>{texts.with("plan-day-told", &values)}</p> }.into_any())
            } else if count > 0 {
                let text = texts.with("plan-kept", &[("count", count.into())]);
                Some(view! { <p><a href="#attention">{text}</a></p> }.into_any())
            } else {
                None
            };
            let more = view! { {more} {calls_link(desk.caller.role())} };
            Some(notice(Tone::Good, texts.text(&format!("plan-saved-{saved}")), more).into_any())
        }
    }
}

/// Somebody changed the schedule meanwhile: who, and that nothing typed is lost.
fn stale(desk: &PlanPage) -> AnyView {
    stale_notice(
        last_change(&desk.schedule, &desk.place.zone, desk.texts),
        "plan-stale-title",
        "plan-stale-text",
        desk.texts,
    )
}

/// Names the last editor of the schedule, and the time.
fn last_change(schedule: &Schedule, zone: &TimeZone, texts: Texts) -> Option<String> {
    let last = schedule
        .last_change
        .as_ref()
        .filter(|last| last.version == schedule.version)?;
    Some(changed_by(last, time::moment(last.at, zone, texts), texts))
}

fn head(desk: &PlanPage) -> impl IntoView + use<> {
    let texts = desk.texts;
    let (back, back_text) = match desk.caller.role() {
        Role::Admin if desk.caller.clinics().is_some() => ("/admin/plans", "plans-title"),
        Role::Admin => ("/admin/doctors", "doctors-title"),
        _ => ("/doctor", "today"),
    };
    let zone = time::zone_name(&desk.place.zone_name, &desk.place.zone, desk.now);
    let places = (desk.schedule.places.len() > 1).then(|| {
        let links = desk
            .schedule
            .places
            .iter()
            .map(|place| {
                let current = (place.clinic_id == desk.place.clinic_id).then_some("page");
                let path = format!("{}?clinic={}", desk.path(), place.clinic_id);
                view! { <li><a class="btn" href=path aria-current=current>{place.clinic.clone()}</a></li> }
            })
            .collect_view();
        view! {
            <nav aria-label=texts.text("plan-places")>
                <ul class="pager">{links}</ul>
            </nav>
        }
    });
    view! {
        <div class="stack">
            <a class="back" href=back>
                {icon("arrow-left")}
                {texts.text(back_text)}
            </a>
            <div class="page-head">
                <div>
                    <h1>{texts.with("plan-title", &[("doctor", desk.schedule.doctor.clone().into())])}</h1>
                    <p>{desk.place.clinic.clone()}</p>
                    <p class="small">{texts.with("zone-note", &[("zone", zone.into())])}</p>
                </div>
            </div>
            {places}
        </div>
    }
}

/// Lists the appointments that stay booked outside of the plan.
fn attention(desk: &PlanPage) -> Option<impl IntoView + use<>> {
    let texts = desk.texts;
    let outside = &desk.schedule.outside;
    (!outside.is_empty()).then(|| {
        view! {
            <section class="card stack" id="attention" aria-labelledby="attention-title">
                <h2 id="attention-title">
                    {texts.text("plan-attention")} " " <span class="count">{outside.len()}</span>
                </h2>
                <p class="soft">{texts.text("plan-attention-text")}</p>
                {named(desk, outside)}
            </section>
        }
    })
}

/// Lists the appointments and sessions at times at which the doctor is busy by a calendar elsewhere.
fn busy_elsewhere(desk: &PlanPage) -> Option<AnyView> {
    elsewhere::section(&desk.schedule.busy_elsewhere, desk.caller.role(), desk.texts)
}

/// The first of these appointments, each with the way to it.
fn named(desk: &PlanPage, appointments: &[Appointment]) -> impl IntoView + use<> {
    let texts = desk.texts;
    let list = appointments
        .iter()
        .take(MAX_NAMED)
        .map(|appointment| {
            let when = time::moment(appointment.time.start, &appointment.zone, texts);
            view! {
                <li>
                    <a href=desk.path_to(appointment)>{when} ", " {appointment.reference.clone()}</a>
                </li>
            }
        })
        .collect_view();
    let more = i64::try_from(appointments.len().saturating_sub(MAX_NAMED)).unwrap_or(0);
    let more = (more > 0).then(|| view! { <li>{texts.with("plan-more", &[("count", more.into())])}</li> });
    view! { <ul class="plain">{list} {more}</ul> }
}

/// The coming days, as they result from everything.
fn coming(desk: &PlanPage) -> impl IntoView + use<> {
    let texts = desk.texts;
    let rows = desk
        .today()
        .series(1.day())
        .take(DAYS)
        .map(|date| {
            let day = desk.place.plan.of(date);
            let hours = match day.hours.is_empty() {
                true => texts.text("plan-no-hours"),
                false => time::clocks_in(&ranges_text(&day.hours), texts.locale()),
            };
            view! {
                <tr>
                    <th scope="row">{time::short_date(date, texts)}</th>
                    <td data-label=texts.text("plan-hours")><span>{hours}</span></td>
                    <td data-label=texts.text("plan-except")><span>{except(desk, date, &day.breaks)}</span></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="stack">
            <h2 id="coming">{texts.text("plan-coming")}</h2>
            <div class="table-wrap" role="region" aria-labelledby="coming" tabindex="0">
                <table class="cards">
                    <caption class="hide">{texts.text("plan-coming")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{texts.text("plan-day")}</th>
                            <th scope="col">{texts.text("plan-hours")}</th>
                            <th scope="col">{texts.text("plan-except")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
}

/// Names the exceptions, breaks and absences of a date.
fn except(desk: &PlanPage, date: civil::Date, breaks: &[Hours]) -> String {
    let texts = desk.texts;
    let mut parts = Vec::new();
    if let Some(note) = desk.place.notes.get(&date) {
        parts.push(match note.as_str() {
            "" => texts.text("plan-exception"),
            note => format!("{}: {note}", texts.text("plan-exception")),
        });
    }
    if !breaks.is_empty() {
        parts.push(format!(
            "{} {}",
            texts.text("plan-break"),
            time::clocks_in(&ranges_text(breaks), texts.locale())
        ));
    }
    for off in desk.place.plan.time_off.iter().filter(|off| off.covers(date)) {
        let what = texts.text(match off.kind {
            Kind::Absence => "plan-away",
            Kind::Closure => "plan-closed",
        });
        parts.push(match off.hours {
            Some(hours) => format!(
                "{what} {}",
                time::clocks_in(&ranges_text(&[hours]), texts.locale())
            ),
            None => what,
        });
    }
    if parts.is_empty() {
        return "–".to_owned();
    }
    parts.join("; ")
}

/// The hidden fields of every form: the doctor, and the version that was shown.
fn of(desk: &PlanPage, with_clinic: bool) -> impl IntoView + use<> {
    let clinic =
        with_clinic.then(|| view! { <Hidden name="clinic_id" value=desk.place.clinic_id.to_string() /> });
    view! {
        <KeyField />
        <Hidden name="doctor_id" value=desk.schedule.doctor_id.to_string() />
        <Hidden name="version" value=desk.schedule.version.to_string() />
        {clinic}
    }
}
