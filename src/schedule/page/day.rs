//! The two verbs about a day, and why a time is not offered.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Form, PlanPage, dates::Input};
use crate::{
    schedule::forms::{OpenDay, StopDay},
    server::AppState,
    ui::{Hidden, icon, isolate, query},
};
use engine::{
    error::{AppError, Field},
    i18n::Texts,
    schedule::{self, Stopped},
    text::isolated,
    time::{self, GivenTime},
};
use jiff::civil;

/// Two acts that are not the same: to take no more bookings on a date, and to cancel what is there, too.
pub(super) fn day_form<V: IntoView>(form: &Form, of: V) -> impl IntoView + use<V> {
    let texts = form.texts;
    let reason = Input {
        hint: Some("plan-reason-hint"),
        ..Input::text("day", "reason", "change-reason", Field::Reason)
    };
    view! {
        <section class="card stack" id="day" aria-labelledby="day-title">
            <h2 id="day-title">{texts.text("plan-stop-title")}</h2>
            <p class="soft">{texts.text("plan-stop-text")}</p>
            <form method="post" action=StopDay::url() class="stack">
                {of}
                <div class="fields">
                    {Input::date("day", "day", "plan-day").view(form)}
                    {reason.view(form)}
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

/// The days on which bookings are stopped, each with the button that opens it again. `of` are the hidden fields.
pub(super) fn stopped_days<V: IntoView + 'static>(
    days: &[Stopped],
    of: impl Fn() -> V,
    texts: Texts,
) -> Option<AnyView> {
    if days.is_empty() {
        return None;
    }
    let list = days
        .iter()
        .map(|stopped| {
            let name = time::long_date(stopped.day, texts);
            let stays = (stopped.cancelled > 0).then(|| {
                let text = texts.with("plan-stopped-cancelled", &[("count", stopped.cancelled.into())]);
                view! { <span class="small soft">{text}</span> }
            });
            view! {
                <li class="actions">
                    <span>{name.clone()} " " <span class="soft">{isolate(stopped.note.clone())}</span></span>
                    {stays}
                    <form method="post" action=OpenDay::url()>
                        {of()}
                        <Hidden name="day" value=stopped.day.to_string() />
                        <button class="btn">
                            {icon("calendar-plus")}
                            {texts.text("plan-open-day")}
                            <span class="hide">": " {name}</span>
                        </button>
                    </form>
                </li>
            }
        })
        .collect_view();
    let section = view! {
        <section class="card stack" id="stopped" aria-labelledby="stopped-title">
            <h2 id="stopped-title">{texts.text("plan-stopped")}</h2>
            <p class="soft">{texts.text("plan-stopped-text")}</p>
            <ul class="plain">{list}</ul>
        </section>
    };
    Some(section.into_any())
}

/// The answer to "why is this time not offered?", where that was asked.
pub(super) async fn why(state: &AppState, desk: &PlanPage) -> Result<Option<String>, AppError> {
    let texts = desk.texts;
    let (Some(day), Some(clock)) = (query("ask_day"), query("ask_time")) else {
        return Ok(None);
    };
    let service_id = query("service").and_then(|id| id.parse().ok()).unwrap_or(0);
    let Some(at) = wall_time(&day, &clock) else {
        return Ok(Some(texts.text("plan-why-unreadable")));
    };
    let why = schedule::why_not(
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
        Some(reason) => reason.sentence(texts),
    }))
}

/// Reads a date and a time of the day as they are typed.
fn wall_time(day: &str, clock: &str) -> Option<GivenTime> {
    let minutes = schedule::clock(clock).ok()?;
    let midnight = time::date(day)?.to_datetime(civil::Time::midnight());
    let at = midnight.checked_add(jiff::Span::new().try_minutes(minutes).ok()?);
    at.ok().map(GivenTime::Local)
}

pub(super) fn why_form(desk: &PlanPage, answer: Option<String>) -> impl IntoView + use<> {
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
            view! { <option value=id selected=selected>{isolated(offering.service(texts.locale())).into_owned()}</option> }
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
                            inputmode="decimal"
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
