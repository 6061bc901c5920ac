//! The list of times: days with their free times, one button each.

use crate::availability::island::LiveTimes;
use crate::{
    idempotency::page::KeyField,
    ui::{Cookies, Hidden, icon},
};
use engine::{
    availability::{self, Day, Offering, Slot},
    i18n::Texts,
    time,
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
pub struct TimesForm {
    pub action: &'static str,
    pub hidden: Vec<(&'static str, String)>,
    /// The page itself, with a query, for paging.
    pub base: String,
    /// The reference of the appointment that is moved: its own time is not taken.
    pub moving: Option<String>,
}

/// Days with their free times, one real button per time; alive where there is JavaScript.
pub fn days(times: availability::Page, form: TimesForm, texts: Texts) -> impl IntoView {
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
        {list_of_days(times, form, texts)}
        {live}
    }
}

/// Days with their free times, as they were when the page was made.
pub(super) fn list_of_days(times: availability::Page, form: TimesForm, texts: Texts) -> impl IntoView {
    let offering = &times.offering;
    let link = |date: civil::Date| format!("{}&from={date}#times", form.base);
    let earlier = times.earlier.map(link);
    let later = times.later.map(link);
    let empty = times.days.is_empty();
    view! {
        <p class="zone">{icon("clock")}<span>{zone_note(&times, texts)}</span></p>
        {empty.then(|| view! {
            <div class="empty">
                {icon("calendar")}
                <h2>{texts.text("no-times-title")}</h2>
                <p>{texts.text("no-times-text")}</p>
            </div>
        })}
        <form method="post" action=form.action class="days" id=TIMES_FORM>
            <Cookies />
            <KeyField />
            {form.hidden.into_iter().map(|(name, value)| view! { <Hidden name=name value=value /> }).collect_view()}
            {times.days.iter().map(|day| one_day(day, offering, texts)).collect_view()}
        </form>
        <nav aria-label=texts.text("days")>
            <ul class="pager">
                {earlier.map(|href| view! { <li><a class="btn" href=href>{icon("arrow-left")}{texts.text("earlier-days")}</a></li> })}
                {later.map(|href| view! { <li><a class="btn" href=href>{texts.text("later-days")}{icon("arrow-right")}</a></li> })}
            </ul>
        </nav>
    }
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

/// A day as text: with views, its buttons and what stands around them took more than half of the page's time. There is
/// nothing in it to escape: numbers, dates, and our own texts.
fn one_day(day: &Day, offering: &Offering, texts: Texts) -> impl IntoView + use<> {
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
    let mut html = String::with_capacity(600 + free * 160);
    // Writing to a string does not fail.
    let _ = write!(
        html,
        r#"<header><h3 id="{id}"><time datetime="{date}">{name}</time></h3><p>{left}</p></header>"#
    );
    let is_morning = |slot: &&Slot| slot.starts_at.to_zoned(offering.zone.clone()).hour() < 12;
    let (morning, afternoon): (Vec<&Slot>, Vec<&Slot>) =
        day.slots.iter().filter(|slot| slot.free).partition(is_morning);
    write_part(&mut html, ("sunrise", "morning"), &morning, offering, texts);
    write_part(&mut html, ("sun", "afternoon"), &afternoon, offering, texts);
    view! { <section class="day" aria-labelledby=id inner_html=html></section> }
}

/// Writes the free times of a part of a day, one real button each.
fn write_part(
    html: &mut String,
    (image, key): (&str, &str),
    slots: &[&Slot],
    offering: &Offering,
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
        let _ = write!(
            html,
            r#"<li><button class="time" name="starts_at" value="{value}" data-from="{from}" data-until="{until}"><time datetime="{starts_at}">{clock}</time></button></li>"#
        );
    }
    html.push_str("</ul>");
}
