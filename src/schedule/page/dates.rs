//! Exceptions, absences and closures.

use crate::{
    account::guard,
    idempotency::page::KeyField,
    schedule::forms::{
        CLOSURES, CloseClinic, PlanAbsence, PlanException, RemoveAbsence, RemoveException, ReopenClinic,
    },
    server::AppState,
    ui::{Hidden, Notes, Page, Tone, field_error, icon, isolate, notice, page, query, texts},
};
use jiff::civil;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    Form, PlanPage,
    ask::{calls_link, closure_question},
    of,
};
use engine::{
    account::{Caller, Role},
    error::Field,
    i18n::Texts,
    schedule::{self, Off, week::ranges_text},
    time,
};

/// A field of one of the small forms.
pub(super) struct Input {
    pub(super) form: &'static str,
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: &'static str,
    /// The field of the errors that belong to this input.
    pub(super) field: Field,
    pub(super) optional: bool,
    pub(super) hint: Option<&'static str>,
    pub(super) inputmode: Option<&'static str>,
    /// The first value, before anything is typed.
    pub(super) value: Option<String>,
}

impl Input {
    pub(super) fn date(form: &'static str, name: &'static str, label: &'static str) -> Self {
        Self {
            form,
            name,
            label,
            kind: "date",
            field: Field::Day,
            optional: false,
            hint: None,
            inputmode: None,
            value: None,
        }
    }

    pub(super) fn text(form: &'static str, name: &'static str, label: &'static str, field: Field) -> Self {
        Self {
            kind: "text",
            field,
            optional: true,
            ..Self::date(form, name, label)
        }
    }

    /// A time of the day. The keypad of a phone has a separator; `0900` needs none.
    pub(super) fn clock(form: &'static str, name: &'static str, label: &'static str) -> Self {
        Self {
            inputmode: Some("decimal"),
            ..Self::text(form, name, label, Field::Hours)
        }
    }

    pub(super) fn view(self, sent: &Form) -> impl IntoView + use<> {
        let texts = sent.texts;
        let id = format!("{}-{}", self.form, self.name);
        let error = sent
            .error
            .filter(|_| sent.typed.form.starts_with(self.form))
            .and_then(|error| field_error(error, self.field, texts));
        let notes = Notes {
            hint: self.hint.map(|hint| texts.text(hint)),
            now: None,
            error,
        };
        let (described_by, invalid) = (notes.described_by(&id), notes.invalid());
        let optional = self
            .optional
            .then(|| view! { " " <span class="optional">{texts.text("optional")}</span> });
        let name = match self.form {
            "absence" | "block" | "closure" => format!("dates[{}]", self.name),
            "exception" => format!("exception[{}]", self.name),
            _ => self.name.to_owned(),
        };
        let typed = sent.value(self.form, self.name);
        let value = self.value.filter(|_| typed.is_empty()).unwrap_or(typed);
        let notes = notes.view(&id);
        view! {
            <div class="field">
                <label for=id.clone()>{texts.text(self.label)} {optional}</label>
                {notes}
                <input
                    id=id
                    name=name
                    type=self.kind
                    value=value
                    inputmode=self.inputmode
                    autocomplete="off"
                    aria-describedby=described_by
                    aria-invalid=invalid
                />
            </div>
        }
    }
}

/// Dates that do not follow the week.
pub(super) fn exceptions(desk: &PlanPage) -> impl IntoView + use<> {
    let texts = desk.texts;
    let list = desk
        .place
        .plan
        .exceptions
        .iter()
        .map(|(date, day)| {
            let hours = match day.hours.is_empty() {
                true => texts.text("plan-no-hours"),
                false => time::clocks_in(&ranges_text(&day.hours), texts.locale()),
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
pub(super) fn absences(desk: &PlanPage) -> impl IntoView + use<> {
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
                {date_fields("absence", "plan-away-from", &places, &desk.caller, &desk.form)}
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
    caller: &Caller,
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
    // All clinics are those of whoever has all of them.
    let everywhere = caller
        .clinics()
        .is_none()
        .then(|| view! { <option value="">{texts.text("plan-everywhere")}</option> });
    let yearly = sent.value(form, "yearly") == "true";
    let last = Input {
        optional: true,
        ..Input::date(form, "last_day", "plan-last-day")
    };
    let clock = |name: &'static str, label: &'static str| Input::clock(form, name, label);
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
                    {everywhere}
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

fn off_row(desk: &PlanPage, off: &Off) -> impl IntoView + use<> {
    let texts = desk.texts;
    let name = off_name(off, texts);
    let is_absence = off.doctor_id.is_some();
    let remove = (is_absence && is_theirs(off, &desk.caller)).then(|| {
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

/// Whether somebody who sees it may take it away: what is of all clinics is not of named ones alone.
fn is_theirs(off: &Off, caller: &Caller) -> bool {
    off.clinic_id.is_some() || caller.clinics().is_none()
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
        name = format!(
            "{name}, {}",
            time::clocks_in(&ranges_text(&[hours]), texts.locale())
        );
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
    view! { <span>{name} ": " {what} ", " {isolate(place)} " " <span class="soft">{isolate(note)}</span></span> }
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
        let caller = guard::planner().await?;
        let (texts, now) = (texts(), crate::server::now());
        let state = expect_context::<AppState>();
        let (closures, clinics) = schedule::closures(&state.database, &caller, now).await?;
        let form = Form::of(CLOSURES, texts).await?;
        let list = closures
            .iter()
            .map(|off| {
                let name = off_name(off, texts);
                let remove = is_theirs(off, &caller).then(|| {
                    view! {
                        <form method="post" action=ReopenClinic::url()>
                            <Hidden name="id" value=off.id.to_string() />
                            {remove_button(name.clone(), texts)}
                        </form>
                    }
                });
                view! { <li class="actions">{off_text(off, name.clone(), texts)} {remove}</li> }
            })
            .collect_view();
        let question = closure_question(&state, &caller, &form).await;
        let said = form.problem().or_else(|| closure_news(caller.role(), texts));
        Ok(Page::new(
            texts.text("closures-title"),
            view! {
                {said}
                {question}
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
                        {date_fields("closure", "closures-where", &clinics, &caller, &form)}
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

fn closure_news(role: Role, texts: Texts) -> Option<AnyView> {
    let key = match query("saved")?.as_str() {
        "closure" => "closures-saved",
        "closure-removed" => "closures-removed",
        _ => return None,
    };
    let count: i64 = query("attention").and_then(|text| text.parse().ok()).unwrap_or(0);
    let kept = (count > 0).then(|| view! { <p>{texts.with("plan-kept", &[("count", count.into())])}</p> });
    let more = view! { {kept} {calls_link(role)} };
    Some(notice(Tone::Good, texts.text(key), more).into_any())
}
