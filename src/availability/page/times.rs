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
use jiff::{Timestamp, civil};
use leptos::prelude::*;

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
}

/// Days with their free times, one real button per time; alive where there is JavaScript.
pub fn days(times: availability::Page, form: TimesForm, texts: Texts) -> impl IntoView {
    let live = view! {
        <LiveTimes
            url=format!("/live/times/{}", times.offering.doctor_id)
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
        <p class="zone">{icon("clock")}<span>{zone_note(offering, texts)}</span></p>
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

/// "All times are clinic time: Jakarta (UTC+7)."
pub fn zone_note(offering: &Offering, texts: Texts) -> String {
    texts.with(
        "zone-note",
        &[(
            "zone",
            time::zone_name(&offering.zone_name, &offering.zone, Timestamp::now()).into(),
        )],
    )
}

fn one_day(day: &Day, offering: &Offering, texts: Texts) -> impl IntoView + use<> {
    let id = format!("day-{}", day.date);
    let labelled_by = id.clone();
    let (free, all) = (day.free(), day.slots.len());
    let left = texts.with(
        "times-left",
        &[
            ("free", i64::try_from(free).unwrap_or(i64::MAX).into()),
            ("all", i64::try_from(all).unwrap_or(i64::MAX).into()),
        ],
    );
    let is_morning = |slot: &&Slot| slot.starts_at.to_zoned(offering.zone.clone()).hour() < 12;
    let (morning, afternoon): (Vec<&Slot>, Vec<&Slot>) =
        day.slots.iter().filter(|slot| slot.free).partition(is_morning);
    view! {
        <section class="day" aria-labelledby=labelled_by>
            <header>
                <h3 id=id>
                    <time datetime=day.date.to_string()>{time::long_date(day.date, texts)}</time>
                </h3>
                <p>{left}</p>
            </header>
            {part_of_day("sunrise", "morning", &morning, offering, texts)}
            {part_of_day("sun", "afternoon", &afternoon, offering, texts)}
        </section>
    }
}

fn part_of_day(
    name: &'static str,
    key: &'static str,
    slots: &[&Slot],
    offering: &Offering,
    texts: Texts,
) -> Option<impl IntoView + use<>> {
    let buttons = slots
        .iter()
        .map(|slot| time_button(slot.starts_at, offering, texts))
        .collect_view();
    (!slots.is_empty()).then(|| {
        view! {
            <h4>{icon(name)}{texts.text(key)}</h4>
            <ul class="times">{buttons}</ul>
        }
    })
}

fn time_button(starts_at: Timestamp, offering: &Offering, texts: Texts) -> impl IntoView + use<> {
    let blocked = offering.rules.blocked(starts_at);
    view! {
        <li>
            <button
                class="time"
                name="starts_at"
                value=starts_at.as_second().to_string()
                data-from=blocked.start.as_second().to_string()
                data-until=blocked.end.as_second().to_string()
            >
                <time datetime=starts_at.to_string()>{time::clock(starts_at, &offering.zone, texts.locale())}</time>
            </button>
        </li>
    }
}
