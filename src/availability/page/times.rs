//! The list of times: days with their free times, one button each.

use crate::availability::island::LiveTimes;
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Cookies, Hidden, icon},
    waitlist::way,
};
use engine::{
    appointment::of_patients,
    availability::{self, Day, Offering, Slot},
    error::AppError,
    i18n::Texts,
    time::{self, Range},
};
use jiff::civil;
use leptos::prelude::*;
use std::fmt::Write;

/// The icon of a way to meet.
pub fn mode_icon(mode: &str) -> &'static str {
    match mode {
        "video" => "video",
        "text" => "message",
        _ => "stethoscope",
    }
}

/// The id of the form with all times in it.
pub const TIMES_FORM: &str = "times-form";

/// The form that the buttons of a list of times send.
#[derive(Default)]
pub struct TimesForm {
    pub action: String,
    /// Whether it leads to a page about the chosen time, and does nothing yet.
    pub is_link: bool,
    pub hidden: Vec<(&'static str, String)>,
    /// The page itself, with a query, for paging.
    pub base: String,
    /// The reference of the appointment that is moved: its own time is not taken.
    pub moving: Option<String>,
    /// With whom the times are, as it is said with each of them.
    pub with: String,
    /// When the patient is somewhere else.
    pub busy: Vec<Range>,
}

/// The id of the words that say with whom the times are.
const WITH: &str = "times-with";

/// Days with their free times, one real button per time; alive where there is JavaScript.
pub fn days(times: &availability::Page, form: TimesForm, texts: Texts) -> impl IntoView + use<> {
    let written = write_days(times, &form.busy, texts);
    written_days(times, written, form, texts)
}

/// The same, of days that are written already.
pub(super) fn written_days(
    times: &availability::Page,
    written: String,
    form: TimesForm,
    texts: Texts,
) -> impl IntoView + use<> {
    let moving = form.moving.as_ref();
    let moving = moving.map_or_else(String::new, |reference| format!("?moving={reference}"));
    let live = view! {
        <LiveTimes
            url=format!("/live/times/{}{moving}", times.offering.doctor_id)
            just_taken=texts.text("just-taken")
            announcement=texts.with("just-taken-announcement", &[("time", "{time}".into())])
        />
    };
    view! {
        {list_of_days(times, written, form, texts)}
        {live}
    }
}

/// Days with their free times, as they were when the page was made.
pub(super) fn list_of_days(
    times: &availability::Page,
    written: String,
    form: TimesForm,
    texts: Texts,
) -> impl IntoView + use<> {
    let link = |date: civil::Date| format!("{}&from={date}#times", form.base);
    let earlier = times.earlier.map(link);
    let later = times.later.map(link);
    let empty = times.days.is_empty();
    // The lists in which a patient books have the service; whoever moves or is at the desk has another form.
    let hidden = |name: &str| -> Option<i64> {
        let value = form.hidden.iter().find(|(known, _)| *known == name);
        value.and_then(|(_, value)| value.parse().ok())
    };
    let waits = hidden("service_id")
        .map(|service_id| way::to_join(service_id, hidden("doctor_id"), hidden("clinic_id"), texts));
    let method = if form.is_link { "get" } else { "post" };
    let of_post = (!form.is_link).then(|| view! { <Cookies /><KeyField /> });
    view! {
        <p class="zone">{icon("clock")}<span>{zone_note(times, texts)}</span></p>
        {jump(times, &form.base, texts)}
        {empty.then(|| view! {
            <div class="empty">
                {icon("calendar")}
                <h2>{texts.text("no-times-title")}</h2>
                <p>{texts.text("no-times-text")}</p>
            </div>
        })}
        <form method=method action=form.action class="days" id=TIMES_FORM>
            {of_post}
            <span class="hide" id=WITH>{form.with}</span>
            {form.hidden.into_iter().map(|(name, value)| view! { <Hidden name=name value=value /> }).collect_view()}
            <div class="days" inner_html=written></div>
        </form>
        <nav aria-label=texts.text("days")>
            <ul class="pager">
                {earlier.map(|href| view! { <li><a class="btn" href=href>{icon("arrow-left")}{texts.text("earlier-days")}</a></li> })}
                {later.map(|href| view! { <li><a class="btn" href=href>{texts.text("later-days")}{icon("arrow-right")}</a></li> })}
            </ul>
        </nav>
        {waits.map(|waits| view! { <div class="actions">{waits}</div> })}
    }
}

/// Leads to a day: one of this page, or any other.
fn jump(times: &availability::Page, base: &str, texts: Texts) -> impl IntoView + use<> {
    let (path, query) = base.split_once('?').unwrap_or((base, ""));
    let kept = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| {
            let (name, value) = (name.to_owned(), value.to_owned());
            view! { <input type="hidden" name=name value=value /> }
        })
        .collect_view();
    let days = times
        .days
        .iter()
        .map(|day| {
            let (href, name) = (format!("#day-{}", day.date), time::short_date(day.date, texts));
            view! { <li><a href=href>{name}</a></li> }
        })
        .collect_view();
    let first = times.days.first().map(|day| day.date.to_string());
    view! {
        <details class="jump">
            <summary>{icon("calendar")}{texts.text("jump-to-day")}</summary>
            <ul>{days}</ul>
            <form method="get" action=format!("{path}#times")>
                {kept}
                <div class="field">
                    <label for="jump-from">{texts.text("jump-from")}</label>
                    <input id="jump-from" name="from" type="date" value=first />
                </div>
                <button class="btn">{texts.text("jump-do")}</button>
            </form>
        </details>
    }
}

/// When the patient who has signed in is at an appointment; nothing where several share the phone, since it is not said yet
/// for whom the next one is.
///
/// # Errors
/// Those of the database.
pub(super) async fn busy_times() -> Result<Vec<Range>, AppError> {
    let Some(caller) = guard::caller().await? else {
        return Ok(Vec::new());
    };
    let [patient_id] = caller.patient_ids()[..] else {
        return Ok(Vec::new());
    };
    let state = expect_context::<AppState>();
    let now = state.now();
    let items = of_patients(&state.database, vec![patient_id], None).await?;
    Ok(items
        .into_iter()
        .filter(|item| item.status_at(now).occupies() && item.ends_at > now)
        .map(|item| Range::new(item.starts_at, item.ends_at))
        .collect())
}

/// "All times are clinic time: Jakarta (UTC+7)", with the offset of the days that are shown.
fn zone_note(times: &availability::Page, texts: Texts) -> String {
    let Offering { zone_name, zone, .. } = &times.offering;
    let zone = match (times.days.first(), times.days.last()) {
        (Some(first), Some(last)) => time::zone_of_days(zone_name, zone, (first.date, last.date), texts),
        _ => time::zone_name(zone_name, zone, crate::server::now()),
    };
    texts.with("zone-note", &[("zone", zone.into())])
}

/// The days as text: with views, their buttons and what stands around them took more than half of the page's time. There is
/// nothing in them to escape: numbers, dates, and our own texts.
pub(super) fn write_days(times: &availability::Page, busy: &[Range], texts: Texts) -> String {
    let free: usize = times.days.iter().map(Day::free).sum();
    let mut html = String::with_capacity(600 * times.days.len() + 260 * free);
    for day in &times.days {
        write_day(&mut html, day, (&times.offering, busy), texts);
    }
    html
}

fn write_day(html: &mut String, day: &Day, (offering, busy): (&Offering, &[Range]), texts: Texts) {
    let id = format!("day-{}", day.date);
    let (free, all) = (day.free(), day.slots.len());
    let left = texts.with(
        "times-left",
        &[
            ("free", i64::try_from(free).unwrap_or(i64::MAX).into()),
            ("all", i64::try_from(all).unwrap_or(i64::MAX).into()),
        ],
    );
    let (date, name) = (day.date, time::long_date(day.date, texts));
    // Writing to a string does not fail.
    let _ = write!(
        html,
        r#"<section class="day" aria-labelledby="{id}"><header><h3 id="{id}" tabindex="-1"><time datetime="{date}">{name}</time></h3><p>{left}</p></header>"#
    );
    let is_morning = |slot: &&Slot| slot.starts_at.to_zoned(offering.zone.clone()).hour() < 12;
    let (morning, afternoon): (Vec<&Slot>, Vec<&Slot>) =
        day.slots.iter().filter(|slot| slot.free).partition(is_morning);
    write_part(
        html,
        ("sunrise", "morning"),
        &morning,
        (day, offering, busy),
        texts,
    );
    write_part(
        html,
        ("sun", "afternoon"),
        &afternoon,
        (day, offering, busy),
        texts,
    );
    html.push_str("</section>");
}

/// Writes the free times of a part of a day, one real button each.
fn write_part(
    html: &mut String,
    (image, key): (&str, &str),
    slots: &[&Slot],
    (day, offering, busy): (&Day, &Offering, &[Range]),
    texts: Texts,
) {
    if slots.is_empty() {
        return;
    }
    let _ = write!(
        html,
        r#"<h4><svg class="icon" aria-hidden="true"><use href="/icons.svg#{image}"></use></svg>{}</h4><ul class="times">"#,
        texts.text(key)
    );
    for slot in slots {
        let starts_at = slot.starts_at;
        let blocked = offering.rules.blocked(starts_at);
        let (value, from, until) = (
            starts_at.as_second(),
            blocked.start.as_second(),
            blocked.end.as_second(),
        );
        let clock = time::clock(starts_at, &offering.zone, texts.locale());
        let visit = offering.rules.time(starts_at);
        let busy = match busy.iter().any(|range| range.overlaps(visit)) {
            true => format!("<span class=\"own\">{}</span>", texts.text("busy-then")),
            false => String::new(),
        };
        let date = day.date;
        // The name of a button says its date, and with whom it is; its own words come first, with what becomes of it.
        let _ = write!(
            html,
            r#"<li><button class="time" name="starts_at" value="{value}" data-from="{from}" data-until="{until}" id="t{value}" aria-labelledby="t{value} day-{date} {WITH}"><time datetime="{starts_at}">{clock}</time>{busy}</button></li>"#
        );
    }
    html.push_str("</ul>");
}
