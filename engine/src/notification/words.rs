//! The words of messages. None of them says what somebody has, whom they see or what for.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    about::{About, Day},
    kind::{Channel, Kind},
};
use crate::{
    account::Role,
    i18n::Texts,
    time::{clock, local_date, long_date, offset_name, short_date},
};

/// The words of a message.
#[derive(Clone, Debug)]
pub struct Said {
    pub subject: String,
    pub paragraphs: Vec<String>,
    /// When, where, and the reference: what a template is filled in with.
    pub values: Vec<String>,
}

/// A time with the name of its zone, as people there call it: `Tue 24 Nov, 09:20 WIB`.
fn moment(at: Timestamp, zone: &TimeZone, channel: Channel, texts: Texts) -> String {
    let date = local_date(at, zone);
    let date = match channel {
        Channel::Sms => short_date(date, texts),
        Channel::Email => long_date(date, texts),
    };
    format!(
        "{date}, {} {}",
        clock(at, zone, texts.locale()),
        zone_word(at, zone)
    )
}

/// `WIB`, `CET`; where people have no word for it, `UTC+3`.
fn zone_word(at: Timestamp, zone: &TimeZone) -> String {
    let word = at.to_zoned(zone.clone()).strftime("%Z").to_string();
    match word.chars().all(|letter| letter.is_ascii_alphabetic()) && !word.is_empty() {
        true => word,
        false => offset_name(zone, at),
    }
}

/// Says something about an appointment.
pub fn about_appointment(kind: Kind, channel: Channel, about: &About, texts: Texts) -> Said {
    let when = moment(about.starts_at, &about.zone, channel, texts);
    let place = match about.is_at_clinic {
        true => about.address.clone(),
        false => texts.text(about.mode),
    };
    let fill = |key: &str| {
        texts.with(
            key,
            &[
                ("when", when.clone().into()),
                ("place", place.clone().into()),
                ("reference", about.reference.clone().into()),
            ],
        )
    };
    let (said, next) = keys(kind, about);
    let mut paragraphs = vec![fill(said)];
    if channel == Channel::Email {
        let next = texts.with(next, &[("phone", about.clinic_phone.clone().into())]);
        paragraphs.push(next);
        if kind == Kind::Cancelled && about.has_reason && about.by.is_staff() {
            paragraphs.push(texts.text("message-reason"));
        }
    }
    Said {
        subject: match channel {
            Channel::Sms => String::new(),
            Channel::Email => fill(subject(kind)),
        },
        paragraphs,
        values: vec![when, place, about.reference.clone()],
    }
}

/// The text keys of what is said, and of what can be done now.
fn keys(kind: Kind, about: &About) -> (&'static str, &'static str) {
    match kind {
        Kind::Requested => ("message-requested", "message-requested-next"),
        Kind::Confirmed => ("message-confirmed", "message-coming-next"),
        Kind::Moved if !about.is_promised() => ("message-request-moved", "message-requested-next"),
        Kind::Moved => ("message-moved", "message-coming-next"),
        Kind::Declined => ("message-declined", "message-again-next"),
        Kind::Cancelled => match about.by {
            Role::Patient | Role::Visitor => ("message-cancelled-by-patient", "message-again-next"),
            _ => ("message-cancelled-by-clinic", "message-again-next"),
        },
        Kind::Expired => ("message-expired", "message-again-next"),
        Kind::ReminderWeek | Kind::ReminderDay => ("message-reminder", "message-coming-next"),
        Kind::PrescriptionReady => ("message-prescription", "message-page-next"),
        Kind::RatingAsked => ("message-rating", "message-page-next"),
        Kind::DoctorWrote | Kind::PatientWrote => ("message-written", "message-page-next"),
        Kind::Code
        | Kind::Account
        | Kind::ConfirmEmail
        | Kind::Test
        | Kind::DayCancelled
        | Kind::DoctorsDay => ("message-test", "message-page-next"),
    }
}

fn subject(kind: Kind) -> &'static str {
    match kind {
        Kind::Requested => "message-requested-subject",
        Kind::Confirmed => "message-confirmed-subject",
        Kind::Moved => "message-moved-subject",
        Kind::Declined => "message-declined-subject",
        Kind::Cancelled => "message-cancelled-subject",
        Kind::Expired => "message-expired-subject",
        Kind::ReminderWeek | Kind::ReminderDay => "message-reminder-subject",
        Kind::PrescriptionReady => "message-prescription-subject",
        Kind::RatingAsked => "message-rating-subject",
        Kind::DoctorWrote | Kind::PatientWrote => "message-written-subject",
        Kind::Code
        | Kind::Account
        | Kind::ConfirmEmail
        | Kind::Test
        | Kind::DayCancelled
        | Kind::DoctorsDay => "message-test-subject",
    }
}

/// Says what a doctor has to do on a day.
pub fn about_day(day: &Day, texts: Texts) -> Said {
    let date = long_date(day.date, texts);
    let (first, last) = (
        clock(day.first, &day.zone, texts.locale()),
        clock(day.last, &day.zone, texts.locale()),
    );
    let mut paragraphs = vec![texts.with(
        "message-day",
        &[
            ("date", date.clone().into()),
            ("count", day.appointments.into()),
            ("first", first.into()),
            (
                "last",
                format!("{last} {}", zone_word(day.last, &day.zone)).into(),
            ),
        ],
    )];
    if day.requests > 0 {
        paragraphs.push(texts.with("message-day-requests", &[("count", day.requests.into())]));
    }
    Said {
        subject: texts.with("message-day-subject", &[("date", date.clone().into())]),
        paragraphs,
        values: vec![date],
    }
}
