//! The schedule of a doctor: how the coming days are, and everything that can be changed about them. Each change is
//! a plain form.

use jiff::{Timestamp, ToSpan, civil};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    MOST_NOTE, MOST_REASON,
    api::{
        CLOSURES, CloseClinic, FORM, PlanAbsence, PlanException, PlanWeek, RemoveAbsence, RemoveException,
        ReopenClinic, StopDay, Typed, path_of,
    },
    service::{self, Edit, Off, Place, Preview, Schedule},
    week::{self, Row, ranges_text},
};
use crate::{
    account::{Caller, Role, guard},
    appointment::{
        page::{path_of as appointment_path, titled},
        service::Appointment,
    },
    availability::{Day, Hours, Off as Kind, page::zone_name},
    error::{AppError, Field},
    i18n::Texts,
    idempotency::page::KeyField,
    schedule::Act,
    server::AppState,
    time::{self, Said},
    ui::{
        Hidden, Page, Tone, field_error, icon, message, notice, page, path_parameter, problem, query,
        request_error,
    },
};

/// How many days the overview has.
const DAYS: usize = 14;

/// How many empty rows the form of a week has at least.
const EMPTY_ROWS: usize = 3;

/// How many appointments are named before the rest is only counted.
const MOST_NAMED: usize = 20;

/// The schedule of a doctor, for admins.
#[component]
pub fn AdminPlanPage() -> impl IntoView {
    page(async {
        let caller = guard::admin().await?;
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

/// What all parts of the page are about.
struct Desk {
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
        let goes_on = error.is_some() || query("preview").is_some() || query("rows").is_some();
        let typed = match goes_on {
            true => guard::session().typed(FORM, whose).await?,
            false => Typed::default(),
        };
        Ok(Self { typed, error, texts })
    }

    /// What was typed into this field of it.
    fn value(&self, form: &str, name: &str) -> String {
        match self.typed.form.starts_with(form) {
            true => self.typed.fields.get(name).cloned().unwrap_or_default(),
            false => String::new(),
        }
    }

    /// What was wrong with it, at the top of the page.
    fn problem(&self) -> Option<AnyView> {
        let texts = self.texts;
        match self.error? {
            AppError::InvalidDateRange => {
                Some(notice(Tone::Bad, texts.text("plan-bad-dates"), ()).into_any())
            }
            error @ AppError::ValidationFailed { .. } => {
                let section = match self.typed.form.split('-').next() {
                    Some(form @ ("week" | "exception" | "absence" | "day" | "closure")) => form.to_owned(),
                    _ => "main".to_owned(),
                };
                let summary = view! {
                    <div class="error-summary" role="alert" tabindex="-1" id="errors">
                        {icon("alert-triangle")}
                        <h2>{texts.text("there-is-a-problem")}</h2>
                        <ul><li><a href=format!("#{section}")>{message(error, texts)}</a></li></ul>
                    </div>
                };
                Some(summary.into_any())
            }
            error => Some(problem(error, texts)),
        }
    }
}

impl Desk {
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
    let (texts, now) = (Texts::of_request(), Timestamp::now());
    let state = expect_context::<AppState>();
    let schedule = service::schedule(&state.database, caller.clone(), doctor_id, now).await?;
    let title = titled(
        texts.with("plan-title", &[("doctor", schedule.doctor.clone().into())]),
        texts,
    );
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
    let desk = Desk {
        caller,
        schedule,
        place,
        form,
        texts,
        now,
    };
    let preview = preview(&state, &desk).await;
    let answer = why(&state, &desk).await?;
    Ok(Page::new(
        title,
        view! {
            {news(&desk)}
            {head(&desk)}
            {attention(&desk)}
            {coming(&desk)}
            {preview}
            {week_form(&desk)}
            {exceptions(&desk)}
            {absences(&desk)}
            {day_form(&desk)}
            {why_form(&desk, answer)}
        },
    )
    .shows_problem())
}

/// What came of the form that led here.
fn news(desk: &Desk) -> Option<AnyView> {
    let texts = desk.texts;
    match desk.form.error {
        Some(AppError::StaleDoctor) => Some(stale(desk)),
        Some(_) => desk.form.problem(),
        None => {
            const FORMS: [&str; 7] = [
                "week",
                "exception",
                "exception-removed",
                "absence",
                "absence-removed",
                "day-stopped",
                "day-cancelled",
            ];
            let saved = query("saved").filter(|form| FORMS.contains(&form.as_str()))?;
            let number = |name: &str| query(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            let (count, cancelled, told) = (number("attention"), number("cancelled"), number("told"));
            let more = if saved == "day-cancelled" {
                let values = [("count", cancelled.into()), ("told", told.into())];
                Some(view! { <p>{texts.with("plan-day-told", &values)}</p> }.into_any())
            } else if count > 0 {
                let text = texts.with("plan-kept", &[("count", count.into())]);
                Some(view! { <p><a href="#attention">{text}</a></p> }.into_any())
            } else {
                None
            };
            Some(notice(Tone::Good, texts.text(&format!("plan-saved-{saved}")), more).into_any())
        }
    }
}

/// Somebody changed the schedule meanwhile: who, and that nothing typed is lost.
fn stale(desk: &Desk) -> AnyView {
    let texts = desk.texts;
    let last = desk
        .schedule
        .last_change
        .as_ref()
        .filter(|last| last.version == desk.schedule.version)
        .map(|last| {
            let what = texts.text(&format!("plan-changed-{}", last.what.replace('_', "-")));
            let when = time::moment(last.at, &desk.place.zone, texts);
            let values = [
                ("who", last.by.clone().into()),
                ("what", what.into()),
                ("when", when.into()),
            ];
            view! { <p>{texts.with("plan-stale-by", &values)}</p> }
        });
    let body = view! {
        {last}
        <p>{texts.text("plan-stale-text")}</p>
    };
    notice(Tone::Warn, texts.text("plan-stale-title"), body).into_any()
}

fn head(desk: &Desk) -> impl IntoView + use<> {
    let texts = desk.texts;
    let (back, back_text) = match desk.caller.role() {
        Role::Admin => ("/admin/doctors", "doctors-title"),
        _ => ("/doctor", "today"),
    };
    let zone = zone_name(&desk.place.zone_name, &desk.place.zone, desk.now);
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

/// What is booked and not held by the plan.
fn attention(desk: &Desk) -> Option<impl IntoView + use<>> {
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

/// The first of these appointments, each with the way to it.
fn named(desk: &Desk, appointments: &[Appointment]) -> impl IntoView + use<> {
    let texts = desk.texts;
    let list = appointments
        .iter()
        .take(MOST_NAMED)
        .map(|appointment| {
            let when = time::moment(appointment.visit.start, &appointment.zone, texts);
            view! {
                <li>
                    <a href=desk.path_to(appointment)>{when} ", " {appointment.reference.clone()}</a>
                </li>
            }
        })
        .collect_view();
    let more = i64::try_from(appointments.len().saturating_sub(MOST_NAMED)).unwrap_or(0);
    let more = (more > 0).then(|| view! { <li>{texts.with("plan-more", &[("count", more.into())])}</li> });
    view! { <ul class="plain">{list} {more}</ul> }
}

/// The coming days, as they result from everything.
fn coming(desk: &Desk) -> impl IntoView + use<> {
    let texts = desk.texts;
    let rows = desk
        .today()
        .series(1.day())
        .take(DAYS)
        .map(|date| {
            let day = desk.place.plan.of(date);
            let hours = match day.hours.is_empty() {
                true => texts.text("plan-no-hours"),
                false => ranges_text(&day.hours),
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

/// What is out of the ordinary on a date, or taken out of it.
fn except(desk: &Desk, date: civil::Date, breaks: &[Hours]) -> String {
    let texts = desk.texts;
    let mut parts = Vec::new();
    if let Some(note) = desk.place.notes.get(&date) {
        parts.push(match note.as_str() {
            "" => texts.text("plan-exception"),
            note => format!("{}: {note}", texts.text("plan-exception")),
        });
    }
    if !breaks.is_empty() {
        parts.push(format!("{} {}", texts.text("plan-break"), ranges_text(breaks)));
    }
    for off in desk.place.plan.time_off.iter().filter(|off| off.covers(date)) {
        let what = texts.text(match off.kind {
            Kind::Absence => "plan-away",
            Kind::Closure => "plan-closed",
        });
        parts.push(match off.hours {
            Some(hours) => format!("{what} {}", ranges_text(&[hours])),
            None => what,
        });
    }
    if parts.is_empty() {
        return "–".to_owned();
    }
    parts.join("; ")
}

/// What would come of the week that was typed.
async fn preview(state: &AppState, desk: &Desk) -> Option<AnyView> {
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
            service::preview(&state.database, command, desk.now).await
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

fn would(desk: &Desk, preview: &Preview) -> impl IntoView + use<> {
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
                ("service", offering.service_name.clone().into()),
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

/// What every form says: whose schedule, as it was seen.
fn of(desk: &Desk, with_clinic: bool) -> impl IntoView + use<> {
    let clinic =
        with_clinic.then(|| view! { <Hidden name="clinic_id" value=desk.place.clinic_id.to_string() /> });
    view! {
        <KeyField />
        <Hidden name="doctor_id" value=desk.schedule.doctor_id.to_string() />
        <Hidden name="version" value=desk.schedule.version.to_string() />
        {clinic}
    }
}

/// The week, one row for the same hours on several days.
fn week_form(desk: &Desk) -> impl IntoView + use<> {
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
        let inputmode = (kind == "text").then_some("numeric");
        view! {
            <div class="field">
                <label for=id.clone()>{texts.text(label)}</label>
                <input
                    id=id
                    name=format!("week[{index}][{name}]")
                    type=kind
                    value=value.to_owned()
                    inputmode=inputmode
                    maxlength="10"
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
            {error
                .map(|error| {
                    view! {
                        <p class="error" id=error_id>
                            {icon("alert-triangle")}
                            <span>{message(error, texts)}</span>
                        </p>
                    }
                })}
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

/// A field of one of the small forms.
struct Input {
    form: &'static str,
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    /// What an error about it is about.
    field: Field,
    optional: bool,
    hint: Option<&'static str>,
    most: usize,
}

impl Input {
    fn date(form: &'static str, name: &'static str, label: &'static str) -> Self {
        Self {
            form,
            name,
            label,
            kind: "date",
            field: Field::Day,
            optional: false,
            hint: None,
            most: 10,
        }
    }

    fn text(form: &'static str, name: &'static str, label: &'static str, field: Field) -> Self {
        Self {
            kind: "text",
            field,
            optional: true,
            most: MOST_NOTE,
            ..Self::date(form, name, label)
        }
    }

    fn view(self, sent: &Form) -> impl IntoView + use<> {
        let texts = sent.texts;
        let id = format!("{}-{}", self.form, self.name);
        let error = sent
            .error
            .filter(|_| sent.typed.form.starts_with(self.form))
            .and_then(|error| field_error(error, self.field, texts));
        let described: Vec<String> = [
            self.hint.map(|_| format!("{id}-hint")),
            error.as_ref().map(|_| format!("{id}-error")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let described_by = (!described.is_empty()).then(|| described.join(" "));
        let optional = self
            .optional
            .then(|| view! { " " <span class="optional">{texts.text("optional")}</span> });
        let invalid = error.is_some().then_some("true");
        let name = match self.form {
            "absence" | "closure" => format!("dates[{}]", self.name),
            "exception" => format!("exception[{}]", self.name),
            _ => self.name.to_owned(),
        };
        let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
        view! {
            <div class="field">
                <label for=id.clone()>{texts.text(self.label)} {optional}</label>
                {self.hint.map(|hint| view! { <p class="hint" id=hint_id>{texts.text(hint)}</p> })}
                {error
                    .map(|error| {
                        view! { <p class="error" id=error_id>{icon("alert-triangle")}<span>{error}</span></p> }
                    })}
                <input
                    id=id
                    name=name
                    type=self.kind
                    value=sent.value(self.form, self.name)
                    maxlength=self.most
                    autocomplete="off"
                    aria-describedby=described_by
                    aria-invalid=invalid
                />
            </div>
        }
    }
}

/// Dates that do not follow the week.
fn exceptions(desk: &Desk) -> impl IntoView + use<> {
    let texts = desk.texts;
    let list = desk
        .place
        .plan
        .exceptions
        .iter()
        .map(|(date, day)| {
            let hours = match day.hours.is_empty() {
                true => texts.text("plan-no-hours"),
                false => ranges_text(&day.hours),
            };
            let note = desk.place.notes.get(date).cloned().unwrap_or_default();
            let name = time::short_date(*date, texts);
            view! {
                <li class="actions">
                    <span>{name.clone()} ": " {hours} " " <span class="soft">{note}</span></span>
                    <form method="post" action=RemoveException::url()>
                        {of(desk, true)}
                        <Hidden name="day" value=date.to_string() />
                        {remove_button(name, texts)}
                    </form>
                </li>
            }
        })
        .collect_view();
    let hours = Input {
        hint: Some("plan-exception-hours-hint"),
        ..Input::text("exception", "hours", "plan-hours", Field::Hours)
    };
    view! {
        <section class="stack" id="exception" aria-labelledby="exception-title">
            <h2 id="exception-title">{texts.text("plan-exceptions")}</h2>
            <p class="soft">{texts.text("plan-exceptions-text")}</p>
            <ul class="plain">{list}</ul>
            <form method="post" action=PlanException::url() class="stack">
                {of(desk, true)}
                <div class="fields">
                    {Input::date("exception", "day", "plan-day").view(&desk.form)}
                    {hours.view(&desk.form)}
                    {Input::text("exception", "breaks", "plan-breaks", Field::Hours).view(&desk.form)}
                    {Input::text("exception", "note", "plan-note", Field::Note).view(&desk.form)}
                </div>
                <div class="actions">
                    <button class="btn">{icon("calendar-plus")}{texts.text("plan-add-exception")}</button>
                </div>
            </form>
        </section>
    }
}

/// When the doctor is away, and when the clinics are closed.
fn absences(desk: &Desk) -> impl IntoView + use<> {
    let texts = desk.texts;
    let list = desk
        .schedule
        .time_off
        .iter()
        .map(|off| off_row(desk, off))
        .collect_view();
    let places: Vec<(i64, String)> = desk
        .schedule
        .places
        .iter()
        .map(|place| (place.clinic_id, place.clinic.clone()))
        .collect();
    view! {
        <section class="stack" id="absence" aria-labelledby="absence-title">
            <h2 id="absence-title">{texts.text("plan-absences")}</h2>
            <p class="soft">{texts.text("plan-absences-text")}</p>
            <ul class="plain">{list}</ul>
            <form method="post" action=PlanAbsence::url() class="stack">
                {of(desk, false)}
                {date_fields("absence", "plan-away-from", &places, &desk.form)}
                <div class="actions">
                    <button class="btn">{icon("calendar-x")}{texts.text("plan-add-absence")}</button>
                </div>
            </form>
        </section>
    }
}

/// The fields of an absence or a closure.
fn date_fields(
    form: &'static str,
    where_label: &'static str,
    places: &[(i64, String)],
    sent: &Form,
) -> impl IntoView + use<> {
    let texts = sent.texts;
    let chosen = sent.value(form, "place");
    let places = places
        .iter()
        .map(|(id, name)| {
            let id = id.to_string();
            let selected = id == chosen;
            view! { <option value=id selected=selected>{name.clone()}</option> }
        })
        .collect_view();
    let yearly = sent.value(form, "yearly") == "true";
    let last = Input {
        optional: true,
        ..Input::date(form, "last_day", "plan-last-day")
    };
    let clock = |name: &'static str, label: &'static str| Input {
        most: 5,
        ..Input::text(form, name, label, Field::Hours)
    };
    let where_id = format!("{form}-where");
    view! {
        <div class="fields">
            {Input::date(form, "first_day", "plan-first-day").view(sent)}
            {last.view(sent)}
            {clock("from", "plan-from").view(sent)}
            {clock("until", "plan-until").view(sent)}
            <div class="field">
                <label for=where_id.clone()>{texts.text(where_label)}</label>
                <select id=where_id name="dates[place]">
                    <option value="">{texts.text("plan-everywhere")}</option>
                    {places}
                </select>
            </div>
            {Input::text(form, "note", "plan-note", Field::Note).view(sent)}
        </div>
        <label class="check">
            <input type="checkbox" name="dates[yearly]" value="true" checked=yearly />
            <span>{texts.text("plan-yearly")}</span>
        </label>
    }
}

fn off_row(desk: &Desk, off: &Off) -> impl IntoView + use<> {
    let texts = desk.texts;
    let name = off_name(off, texts);
    let remove = off.doctor_id.map(|_| {
        view! {
            <form method="post" action=RemoveAbsence::url()>
                {of(desk, false)}
                <Hidden name="id" value=off.id.to_string() />
                {remove_button(name.clone(), texts)}
            </form>
        }
    });
    view! { <li class="actions">{off_text(off, name, texts)} {remove}</li> }
}

/// `Tue 1 Dec 2026 – Thu 3 Dec 2026, 09:00–11:00, every year`.
fn off_name(off: &Off, texts: Texts) -> String {
    let dates = &off.dates;
    let day = |date: civil::Date| format!("{} {}", time::short_date(date, texts), date.year());
    let mut name = match dates.first_day == dates.last_day {
        true => day(dates.first_day),
        false => format!("{} – {}", day(dates.first_day), day(dates.last_day)),
    };
    if let Some(hours) = dates.hours {
        name = format!("{name}, {}", ranges_text(&[hours]));
    }
    if dates.yearly {
        name = format!("{name}, {}", texts.text("plan-yearly-short"));
    }
    name
}

fn off_text(off: &Off, name: String, texts: Texts) -> impl IntoView + use<> {
    let place = off
        .clinic
        .clone()
        .unwrap_or_else(|| texts.text("plan-everywhere"));
    let what = texts.text(match off.doctor_id {
        Some(_) => "plan-away",
        None => "plan-closed",
    });
    let note = off.dates.note.clone();
    view! { <span>{name} ": " {what} ", " {place} " " <span class="soft">{note}</span></span> }
}

fn remove_button(name: String, texts: Texts) -> impl IntoView {
    view! {
        <button class="btn quiet">
            {icon("trash")}
            {texts.text("plan-remove")}
            <span class="hide">": " {name}</span>
        </button>
    }
}

/// When clinics are closed, or all of them are.
#[component]
pub fn ClosuresPage() -> impl IntoView {
    page(async {
        let caller = guard::admin().await?;
        let (texts, now) = (Texts::of_request(), Timestamp::now());
        let state = expect_context::<AppState>();
        let (closures, clinics) = service::closures(&state.database, &caller, now).await?;
        let form = Form::of(CLOSURES, texts).await?;
        let list = closures
            .iter()
            .map(|off| {
                let name = off_name(off, texts);
                view! {
                    <li class="actions">
                        {off_text(off, name.clone(), texts)}
                        <form method="post" action=ReopenClinic::url()>
                            <Hidden name="id" value=off.id.to_string() />
                            {remove_button(name, texts)}
                        </form>
                    </li>
                }
            })
            .collect_view();
        let said = form.problem().or_else(|| closure_news(texts));
        Ok(Page::new(
            titled(texts.text("closures-title"), texts),
            view! {
                {said}
                <div class="page-head">
                    <div>
                        <h1>{texts.text("closures-title")}</h1>
                        <p>{texts.text("closures-text")}</p>
                    </div>
                </div>
                <section class="stack" id="closure" aria-label=texts.text("closures-title")>
                    <ul class="plain">{list}</ul>
                    <form method="post" action=CloseClinic::url() class="stack">
                        <KeyField />
                        {date_fields("closure", "closures-where", &clinics, &form)}
                        <div class="actions">
                            <button class="btn">{icon("ban")}{texts.text("closures-add")}</button>
                        </div>
                    </form>
                </section>
            },
        )
        .shows_problem())
    })
}

fn closure_news(texts: Texts) -> Option<AnyView> {
    let key = match query("saved")?.as_str() {
        "closure" => "closures-saved",
        "closure-removed" => "closures-removed",
        _ => return None,
    };
    let count: i64 = query("attention").and_then(|text| text.parse().ok()).unwrap_or(0);
    let kept = (count > 0).then(|| view! { <p>{texts.with("plan-kept", &[("count", count.into())])}</p> });
    Some(notice(Tone::Good, texts.text(key), kept).into_any())
}

/// Two acts that are not the same: to take no more bookings on a date, and to cancel what is there, too.
fn day_form(desk: &Desk) -> impl IntoView + use<> {
    let texts = desk.texts;
    let reason = Input {
        hint: Some("plan-reason-hint"),
        most: MOST_REASON,
        ..Input::text("day", "reason", "change-reason", Field::Reason)
    };
    view! {
        <section class="card stack" id="day" aria-labelledby="day-title">
            <h2 id="day-title">{texts.text("plan-stop-title")}</h2>
            <p class="soft">{texts.text("plan-stop-text")}</p>
            <form method="post" action=StopDay::url() class="stack">
                {of(desk, true)}
                <div class="fields">
                    {Input::date("day", "day", "plan-day").view(&desk.form)}
                    {reason.view(&desk.form)}
                </div>
                <div class="actions">
                    <button class="btn" name="doing" value="stop">{icon("ban")}{texts.text("plan-stop")}</button>
                    <button class="btn danger" name="doing" value="cancel">
                        {icon("circle-x")}
                        {texts.text("plan-cancel-day")}
                    </button>
                </div>
            </form>
        </section>
    }
}

/// The answer to "why is this time not offered?", where that was asked.
async fn why(state: &AppState, desk: &Desk) -> Result<Option<String>, AppError> {
    let texts = desk.texts;
    let (Some(day), Some(clock)) = (query("ask_day"), query("ask_time")) else {
        return Ok(None);
    };
    let service_id = query("service").and_then(|id| id.parse().ok()).unwrap_or(0);
    let Some(at) = Said::parse(&format!("{day} {}", clock.replace('.', ":"))) else {
        return Ok(Some(texts.text("plan-why-unreadable")));
    };
    let why = service::why_not(
        &state.database,
        desk.caller.clone(),
        desk.schedule.doctor_id,
        (desk.place.clinic_id, service_id),
        at,
        desk.now,
    )
    .await?;
    Ok(Some(match why {
        None => texts.text("why-offered"),
        Some(why) => texts.text(&format!("why-{}", why.name())),
    }))
}

fn why_form(desk: &Desk, answer: Option<String>) -> impl IntoView + use<> {
    let texts = desk.texts;
    let asked = query("service");
    let services = desk
        .schedule
        .offerings
        .iter()
        .filter(|offering| offering.clinic_id == desk.place.clinic_id)
        .map(|offering| {
            let id = offering.service_id.to_string();
            let selected = asked.as_ref() == Some(&id);
            view! { <option value=id selected=selected>{offering.service_name.clone()}</option> }
        })
        .collect_view();
    let answer = answer.map(|text| {
        view! { <p role="status">{icon("info")} " " <strong>{text}</strong></p> }
    });
    view! {
        <section class="stack" id="why" aria-labelledby="why-title">
            <h2 id="why-title">{texts.text("plan-why")}</h2>
            {answer}
            <form method="get" action=format!("{}#why", desk.path()) class="stack">
                <Hidden name="clinic" value=desk.place.clinic_id.to_string() />
                <div class="fields">
                    <div class="field">
                        <label for="why-day">{texts.text("plan-day")}</label>
                        <input
                            id="why-day"
                            name="ask_day"
                            type="date"
                            value=query("ask_day").unwrap_or_default()
                            required
                        />
                    </div>
                    <div class="field">
                        <label for="why-time">{texts.text("plan-time")}</label>
                        <input
                            id="why-time"
                            name="ask_time"
                            value=query("ask_time").unwrap_or_default()
                            maxlength="5"
                            autocomplete="off"
                            required
                        />
                    </div>
                    <div class="field">
                        <label for="why-service">{texts.text("plan-service")}</label>
                        <select id="why-service" name="service">{services}</select>
                    </div>
                </div>
                <div class="actions">
                    <button class="btn">{icon("search")}{texts.text("plan-ask")}</button>
                </div>
            </form>
        </section>
    }
}
