//! The pages of the waitlist: of patients, of the staff, and where the link of an offer leads.

mod join;
mod link;
mod mine;
mod passed;
mod staff;

use engine::{
    booking::Wanted,
    error::AppError,
    i18n::Texts,
    nobody::is_nobody,
    text::isolated,
    time,
    waitlist::{DayParts, EntryState, OfferView, View, Weekdays},
};
use jiff::{Timestamp, civil::Weekday};
use leptos::prelude::*;

pub use self::{
    join::{AdminJoinPage, DoctorJoinPage, JoinPage},
    link::OfferPage,
    mine::WaitlistPage,
    passed::{AdminPassedOverPage, DoctorPassedOverPage},
    staff::{AdminWaitlistPage, DoctorWaitlistPage, section_of_patient},
};
use crate::{
    booking::page::conflict::conflict,
    ui::{Tone, notice, problem, query},
};

/// The days of a week, with the names of their fields.
const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// The parts of a day, with the names of their fields.
const PARTS: [(&str, DayParts); 3] = [
    ("morning", DayParts::MORNING),
    ("afternoon", DayParts::AFTERNOON),
    ("evening", DayParts::EVENING),
];

/// What was done on this page just now.
fn done(texts: Texts) -> Option<impl IntoView + use<>> {
    let key = match query("done")?.as_str() {
        "join" => "waitlist-done-join",
        "leave" => "waitlist-done-leave",
        "decline" => "waitlist-done-decline",
        "accept" => "waitlist-done-accept",
        "offer" => "waitlist-done-offer",
        "decline-seats" => "waitlist-done-decline-seats",
        "accept-for" => "waitlist-done-accept-for",
        "decline-for" => "waitlist-done-decline-for",
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(key), ()))
}

/// Why an answer to an offer was refused, with other times where it was of a time. Whoever waits for seats of a session is not
/// helped by other times.
async fn refused(
    error: Option<AppError>,
    entries: &[View],
    texts: Texts,
) -> Result<Option<AnyView>, AppError> {
    let is_of_seats = match &error {
        Some(AppError::BookingFailed { wanted, .. }) => {
            is_nobody(wanted.doctor_id) || entries.iter().any(|entry| is_in_session_at(entry, *wanted))
        }
        _ => false,
    };
    match is_of_seats {
        true => Ok(error.map(|error| problem(error, texts))),
        false => conflict(error, None).await,
    }
}

/// Whether somebody waits for seats of the session that is at this time.
fn is_in_session_at(entry: &View, wanted: Wanted) -> bool {
    let place = (entry.doctor_id, entry.clinic_id, entry.service_id);
    let session = entry.session.as_ref();
    place == (Some(wanted.doctor_id), Some(wanted.clinic_id), wanted.service_id)
        && session.is_some_and(|session| session.starts_at.as_second() == wanted.starts_at)
}

/// What somebody waits for, in rows: the key of a text and its value.
fn wishes(view: &View, texts: Texts) -> Vec<(&'static str, String)> {
    if let Some(session) = &view.session {
        return vec![
            ("group-session", session.title.clone()),
            ("service", view.service(texts.locale()).to_owned()),
            ("doctor", view.doctor(texts)),
            ("where", view.clinic_name.clone().unwrap_or_default()),
            ("when", time::moment(session.starts_at, &session.zone, texts)),
            ("group-seats", seats_text(session.seats, texts)),
            ("waitlist-notice", notice_text(view.notice_minutes, texts)),
        ];
    }
    let any = |name: &Option<String>, key: &str| match name {
        Some(name) => name.clone(),
        None => texts.text(key),
    };
    let dates = texts.with(
        "waitlist-dates",
        &[
            ("first", time::long_date(view.first_day, texts).into()),
            ("last", time::long_date(view.last_day, texts).into()),
        ],
    );
    let mut rows = vec![
        ("service", view.service(texts.locale()).to_owned()),
        ("doctor", view.doctor(texts)),
        ("where", any(&view.clinic_name, "waitlist-any-clinic")),
        ("waitlist-when", dates),
    ];
    if !view.weekdays.is_whole() {
        rows.push(("waitlist-days", days(view.weekdays, texts)));
    }
    if !view.day_parts.is_whole() {
        let parts = PARTS.iter().filter(|(_, part)| view.day_parts.has(*part));
        let parts: Vec<String> = parts
            .map(|(name, _)| texts.text(&format!("waitlist-{name}")))
            .collect();
        rows.push(("waitlist-parts", parts.join(", ")));
    }
    rows.push(("waitlist-notice", notice_text(view.notice_minutes, texts)));
    if let Some(own) = &view.instead_of {
        let own = texts.with(
            "waitlist-moves",
            &[
                ("reference", own.reference.clone().into()),
                ("when", time::moment(own.starts_at, &own.zone, texts).into()),
            ],
        );
        rows.push(("waitlist-instead", own));
    }
    rows
}

/// A number of seats in words.
fn seats_text(seats: i32, texts: Texts) -> String {
    texts.with("group-own-seats", &[("count", i64::from(seats).into())])
}

fn days(weekdays: Weekdays, texts: Texts) -> String {
    let days = DAYS.iter().filter(|(_, day)| weekdays.has(*day));
    let days: Vec<String> = days
        .map(|(name, _)| texts.text(&format!("weekday-short-{name}")))
        .collect();
    days.join(", ")
}

/// A notice in words: in hours, or in days where they are whole.
fn notice_text(minutes: i32, texts: Texts) -> String {
    match (minutes, minutes % 1440) {
        (0, _) => texts.text("waitlist-notice-none"),
        (minutes, 0) => texts.with(
            "waitlist-notice-days",
            &[("count", i64::from(minutes / 1440).into())],
        ),
        (minutes, _) => texts.with(
            "waitlist-notice-hours",
            &[("count", i64::from((minutes + 59) / 60).into())],
        ),
    }
}

/// Rows of facts.
fn facts(rows: Vec<(&'static str, String)>, texts: Texts) -> impl IntoView {
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| {
                    let value = isolated(&value).into_owned();
                    view! { <div><dt>{texts.text(key)}</dt><dd class="said">{value}</dd></div> }
                })
                .collect_view()}
        </dl>
    }
}

/// The state of an entry in words.
fn state_text(view: &View, now: Timestamp, texts: Texts) -> String {
    match view.state {
        EntryState::Offered if view.open_offer().is_some_and(|offer| !offer.stands(now)) => {
            texts.text("waitlist-state-waiting")
        }
        EntryState::Ended => {
            let because = view.ended_because.map_or("left", |because| because.as_str());
            texts.text(&format!("waitlist-ended-{}", because.replace('_', "-")))
        }
        state => texts.text(&format!("waitlist-state-{}", state.as_str())),
    }
}

/// An offer in a sentence: when, and what became of it.
fn offer_text(offer: &OfferView, now: Timestamp, texts: Texts) -> String {
    let state = offer.state_at(now);
    let until = offer.kept_until.map_or_else(String::new, |until| {
        time::clock(until, &offer.zone, texts.locale())
    });
    let key = format!("waitlist-offer-{}", state.as_str().replace('_', "-"));
    let when = time::moment(offer.starts_at, &offer.zone, texts);
    let when = match offer.session {
        Some((_, seats)) => format!("{}, {when}", seats_text(seats, texts)),
        None => when,
    };
    let said = texts.with(&key, &[("when", when.into()), ("until", until.into())]);
    match &offer.answered_by {
        Some(name) => format!(
            "{said} {}",
            texts.with("waitlist-answered-by", &[("name", name.clone().into())])
        ),
        None => said,
    }
}

/// The texts of the buttons that take an offer and let it go.
fn answers(offer: &OfferView) -> (&'static str, &'static str) {
    match (offer.session, &offer.instead_of) {
        (Some(_), _) => ("waitlist-accept-seats", "waitlist-decline-seats"),
        (None, Some(_)) => ("waitlist-accept-move", "waitlist-decline"),
        (None, None) => ("waitlist-accept", "waitlist-decline"),
    }
}
