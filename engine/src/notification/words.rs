//! The words of messages. None of them says what somebody has, whom they see or what for.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    about::{About, Day},
    kind::{Channel, Kind},
    offer::Offered,
    payment::PaidFor,
    stay::ToldStay,
    visit::Part,
    wording::{Wording, Words, fill, filled},
};
use crate::{
    account::Role,
    i18n::Texts,
    money::Price,
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

/// A point in time at a place.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    pub at: Timestamp,
    pub zone: &'a TimeZone,
}

/// A time with the name of its zone, as people there call it: `Tue 24 Nov, 09:20 WIB`.
pub(super) fn moment(Moment { at, zone }: Moment<'_>, channel: Channel, texts: Texts) -> String {
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
pub(super) fn zone_word(at: Timestamp, zone: &TimeZone) -> String {
    let word = at.to_zoned(zone.clone()).strftime("%Z").to_string();
    match word.chars().all(|letter| letter.is_ascii_alphabetic()) && !word.is_empty() {
        true => word,
        false => offset_name(zone, at),
    }
}

/// The text that says something about an appointment; none where a kind is about something else.
pub fn wording_of(kind: Kind, about: &About) -> Option<Wording> {
    Some(match kind {
        Kind::Requested => Wording::Requested,
        Kind::Confirmed => Wording::Confirmed,
        Kind::Moved if !about.is_promised() => Wording::RequestMoved,
        Kind::Moved => Wording::Moved,
        Kind::Declined => Wording::Declined,
        Kind::Cancelled => match about.by {
            Role::Patient | Role::Visitor => Wording::CancelledByPatient,
            _ => Wording::CancelledByClinic,
        },
        Kind::Expired => Wording::Expired,
        Kind::ReminderWeek => Wording::ReminderWeek,
        Kind::ReminderDay => Wording::ReminderDay,
        Kind::PrescriptionReady => Wording::PrescriptionReady,
        Kind::RatingAsked => Wording::RatingAsked,
        Kind::DoctorWrote => Wording::DoctorWrote,
        Kind::Code
        | Kind::Account
        | Kind::ConfirmEmail
        | Kind::Test
        | Kind::DayCancelled
        | Kind::PatientWrote
        | Kind::DoctorsDay
        | Kind::CalendarPaused
        | Kind::CalendarAsks
        | Kind::TimeKept
        | Kind::TimeFree
        | Kind::TimeOverlaps
        | Kind::SessionMoved
        | Kind::SessionCancelled
        | Kind::StayBooked
        | Kind::StayChanged
        | Kind::StayCancelled
        | Kind::StayReminder
        | Kind::Paid
        | Kind::PaymentLate
        | Kind::PaidBack => return None,
    })
}

/// Says something about an appointment in these words.
pub fn about_appointment(words: &Words, kind: Kind, channel: Channel, about: &About, texts: Texts) -> Said {
    let (at, zone) = (about.starts_at, &about.zone);
    let when = moment(Moment { at, zone }, channel, texts);
    let place = match about.is_at_clinic {
        true => about.address.clone(),
        false => texts.text(about.mode),
    };
    let values = [
        ("when", when.clone()),
        ("place", place.clone()),
        ("reference", about.reference.clone()),
        ("phone", about.clinic_phone.clone()),
    ];
    let mut said = say(words, channel, &values);
    if channel == Channel::Email && kind == Kind::Cancelled && about.has_reason && about.by.is_staff() {
        said.paragraphs.push(texts.text("message-reason"));
    }
    Said {
        values: vec![when, place, about.reference.clone()],
        ..said
    }
}

/// Says in these words what somebody on the waitlist is told: that a time is kept for them, or free, or what became of a session.
pub(super) fn about_offer(words: &Words, channel: Channel, offer: &Offered, texts: Texts) -> Said {
    let (at, zone) = (offer.starts_at, &offer.zone);
    let when = moment(Moment { at, zone }, channel, texts);
    let place = match offer.is_at_clinic {
        true => offer.address.clone(),
        false => texts.text(offer.mode),
    };
    let until = (offer.kept_until).map_or_else(String::new, |until| clock(until, zone, texts.locale()));
    let values = [
        ("when", when.clone()),
        ("place", place.clone()),
        ("until", until.clone()),
        ("phone", offer.clinic_phone.clone()),
    ];
    Said {
        values: vec![when, place, until],
        ..say(words, channel, &values)
    }
}

/// The text that says something about a stay; none where a kind is about something else.
pub(super) fn wording_of_stay(kind: Kind, by: Role) -> Option<Wording> {
    Some(match (kind, by) {
        (Kind::StayBooked, _) => Wording::StayBooked,
        (Kind::StayChanged, _) => Wording::StayChanged,
        (Kind::StayCancelled, Role::Patient | Role::Visitor) => Wording::StayCancelledByPatient,
        (Kind::StayCancelled, _) => Wording::StayCancelledByClinic,
        (Kind::StayReminder, _) => Wording::StayReminder,
        _ => return None,
    })
}

/// Says something about a stay in these words.
pub(super) fn about_stay(words: &Words, channel: Channel, stay: &ToldStay, texts: Texts) -> Said {
    let day = |date| match channel {
        Channel::Sms => short_date(date, texts),
        Channel::Email => long_date(date, texts),
    };
    let (arrival, departure) = (day(stay.arrival), day(stay.departure));
    let values = [
        ("arrival", arrival.clone()),
        ("departure", departure.clone()),
        ("place", stay.address.clone()),
        ("reference", stay.reference.clone()),
        ("phone", stay.clinic_phone.clone()),
    ];
    Said {
        values: vec![arrival, departure, stay.reference.clone()],
        ..say(words, channel, &values)
    }
}

/// An amount with a usual space: with the one that does not break, a text to phones would need twice the room.
pub(super) fn amount_text(amount: &Price, texts: Texts) -> String {
    amount.text(texts.locale()).replace('\u{a0}', " ")
}

/// Says something about a payment in these words.
pub(super) fn about_payment(words: &Words, channel: Channel, paid: &PaidFor, texts: Texts) -> Said {
    let amount = amount_text(&paid.amount, texts);
    let values = [
        ("amount", amount.clone()),
        ("receipt", paid.receipts.clone()),
        ("reference", paid.references.clone()),
        ("phone", paid.clinic_phone.clone()),
    ];
    Said {
        values: vec![amount, paid.references.clone()],
        ..say(words, channel, &values)
    }
}

/// Says something about the appointments of a visit in these words.
pub(super) fn about_visit(
    words: &Words,
    kind: Kind,
    channel: Channel,
    (about, parts): (&About, &[Part]),
    texts: Texts,
) -> Said {
    let mut named: Vec<String> = Vec::new();
    let (mut dates, mut places) = (Vec::new(), Vec::new());
    for part in parts {
        let (at, zone) = (part.starts_at, &part.zone);
        let date = local_date(at, zone);
        // The day and the place are said where they are others than those of the one before.
        let when = match dates.last() == Some(&date) {
            true => format!("{} {}", clock(at, zone, texts.locale()), zone_word(at, zone)),
            false => moment(Moment { at, zone }, channel, texts),
        };
        let place = match part.is_at_clinic {
            true => part.address.clone(),
            false => texts.text(part.mode),
        };
        named.push(match places.last() == Some(&place) {
            true => format!("{when}, {}", part.reference),
            false => format!("{when}, {place}, {}", part.reference),
        });
        dates.push(date);
        places.push(place);
    }
    let when = parts.first().map_or_else(String::new, |part| {
        let (at, zone) = (part.starts_at, &part.zone);
        moment(Moment { at, zone }, channel, texts)
    });
    places.dedup();
    let references: Vec<&str> = parts.iter().map(|part| part.reference.as_str()).collect();
    let values = [
        ("parts", named.join("; ")),
        ("when", when.clone()),
        ("phone", about.clinic_phone.clone()),
    ];
    let mut said = say(words, channel, &values);
    if channel == Channel::Email && kind == Kind::Cancelled && about.has_reason && about.by.is_staff() {
        said.paragraphs.push(texts.text("message-reason"));
    }
    Said {
        values: vec![when, places.join("; "), references.join(", ")],
        ..said
    }
}

/// Fills words in for this way.
pub fn say(words: &Words, channel: Channel, values: &[(&str, String)]) -> Said {
    let (subject, paragraphs) = match channel {
        Channel::Sms => (String::new(), vec![fill(&words.sms, values)]),
        Channel::Email => (fill(&words.subject, values), filled(&words.mail, values)),
    };
    Said {
        subject,
        paragraphs,
        values: Vec::new(),
    }
}

/// Says what a doctor has to do on a day, in the clinic's own words where it has some.
pub fn about_day(own: Option<&Words>, day: &Day, texts: Texts) -> Said {
    let date = long_date(day.date, texts);
    let (first, last) = (
        clock(day.first, &day.zone, texts.locale()),
        clock(day.last, &day.zone, texts.locale()),
    );
    let last = format!("{last} {}", zone_word(day.last, &day.zone));
    let mut said = match own {
        Some(words) => {
            let count = day.appointments.to_string();
            let values = [
                ("date", date.clone()),
                ("count", count),
                ("first", first),
                ("last", last),
            ];
            say(words, Channel::Email, &values)
        }
        None => Said {
            subject: texts.with("message-day-subject", &[("date", date.clone().into())]),
            paragraphs: vec![texts.with(
                "message-day",
                &[
                    ("date", date.clone().into()),
                    ("count", day.appointments.into()),
                    ("first", first.into()),
                    ("last", last.into()),
                ],
            )],
            values: Vec::new(),
        },
    };
    if day.requests > 0 {
        let requests = texts.with("message-day-requests", &[("count", day.requests.into())]);
        said.paragraphs.push(requests);
    }
    Said {
        values: vec![date],
        ..said
    }
}
