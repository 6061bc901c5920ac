//! Appointments in the words of RFC 5545.

use icalendar::{Calendar, Class, Component, EventLike, EventStatus, Property};
use jiff::Timestamp;

use super::Event;
use crate::{
    account::Role,
    appointment::{Status, path_of},
    i18n::Texts,
    text::isolated,
};

/// The interval at which a program polls the feed.
const LOOK_AGAIN: &str = "PT1H";

/// The length of a line in bytes, without its end (RFC 5545, 3.1).
const MAX_IN_LINE: usize = 75;

/// To whom events are told, and how.
#[derive(Clone, Debug)]
pub struct Telling {
    pub role: Role,
    /// Whether names are said.
    pub details: bool,
    pub texts: Texts,
    /// The public address of the pages, if it is known.
    pub origin: Option<String>,
    /// The id of this installation.
    pub installation: String,
}

/// One appointment, as a file to put into a calendar.
pub fn file(event: &Event, telling: &Telling, now: Timestamp) -> String {
    let mut calendar = empty();
    calendar.push(told(event, telling, now));
    written(&calendar)
}

/// One appointment, as it is written to a calendar elsewhere: without organizer and attendees, so that its server sends nothing
/// to anybody, and with the version by which it is known again.
pub fn entry(event: &Event, telling: &Telling, now: Timestamp) -> String {
    let mut told = told(event, telling, now);
    told.add_property(WRITTEN_AS, &event.reference)
        .add_property(WRITTEN_VERSION, event.version.to_string());
    let mut calendar = empty();
    calendar.push(told.done());
    written(&calendar)
}

/// The properties by which an entry of ours is known again: the reference of its appointment, and the version of that.
pub const WRITTEN_AS: &str = "X-JANJI-APPOINTMENT";
pub const WRITTEN_VERSION: &str = "X-JANJI-VERSION";

/// What a calendar program is to do with an entry that comes by mail (RFC 5546).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Put it in, or change it.
    Request,
    /// Take it out.
    Cancel,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// One appointment, as a program takes it from a mail: from the address that the mail comes from, to the one it goes to.
pub fn invitation(
    event: &Event,
    telling: &Telling,
    method: Method,
    (organizer, attendee): (&str, &str),
    now: Timestamp,
) -> String {
    let mut told = told(event, telling, now);
    if method == Method::Cancel {
        told.status(EventStatus::Cancelled);
    }
    told.append_property(Property::new("ORGANIZER", format!("mailto:{organizer}")))
        .append_property(
            Property::new("ATTENDEE", format!("mailto:{attendee}"))
                .add_parameter("ROLE", "REQ-PARTICIPANT")
                .add_parameter("PARTSTAT", "ACCEPTED")
                .add_parameter("RSVP", "FALSE")
                .done(),
        );
    let mut calendar = empty();
    calendar.append_property(("METHOD", method.as_str()));
    calendar.push(told.done());
    written(&calendar)
}

/// All of somebody's appointments, to be fetched again and again.
pub fn feed(events: &[Event], telling: &Telling, now: Timestamp) -> String {
    let mut calendar = empty();
    let name = telling.texts.text("calendar-name");
    calendar
        .append_property(Property::new("NAME", &name).add_parameter("VALUE", "TEXT").done())
        .append_property(Property::new("X-WR-CALNAME", &name))
        .append_property(
            Property::new("REFRESH-INTERVAL", LOOK_AGAIN)
                .add_parameter("VALUE", "DURATION")
                .done(),
        )
        .append_property(("X-PUBLISHED-TTL", LOOK_AGAIN));
    calendar.extend(events.iter().map(|event| told(event, telling, now)));
    let text = written(&calendar);
    match events.is_empty() {
        // A calendar has at least one component (RFC 5545, 3.6).
        true => text.replace(END, &format!("{UTC_ZONE}{END}")),
        false => text,
    }
}

const END: &str = "END:VCALENDAR\r\n";

/// The zone that all times are in.
const UTC_ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
    TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

fn empty() -> Calendar {
    let mut calendar = Calendar::empty();
    for property in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Janji//Janji//EN"),
        ("CALSCALE", "GREGORIAN"),
    ] {
        calendar.append_property(property);
    }
    calendar
}

fn told(event: &Event, telling: &Telling, now: Timestamp) -> icalendar::Event {
    let event = event.at(now);
    let has_its_time = event.status.occupies();
    let status = match event.status {
        _ if !has_its_time => EventStatus::Cancelled,
        Status::Held | Status::Pending => EventStatus::Tentative,
        _ => EventStatus::Confirmed,
    };
    let changed_at = utc(event.modified_at());
    let mut told = icalendar::Event::new();
    told.uid(&format!("{}@{}", event.reference, telling.installation))
        .add_property("SEQUENCE", event.sequence().to_string())
        .add_property("DTSTAMP", &changed_at)
        .add_property("LAST-MODIFIED", &changed_at)
        .add_property("DTSTART", utc(event.starts_at))
        .add_property("DTEND", utc(event.ends_at))
        .add_property("TRANSP", if has_its_time { "OPAQUE" } else { "TRANSPARENT" })
        .class(Class::Private)
        .status(status)
        .summary(&plain(&title(&event, telling)));
    if event.session.is_none() {
        let reference = [("reference", event.reference.clone().into())];
        told.description(&plain(&telling.texts.with("calendar-reference", &reference)));
    }
    if event.is_at_clinic {
        told.location(&plain(&match telling.details {
            true => format!("{}, {}", isolated(&event.clinic), isolated(&event.address)),
            false => isolated(&event.address).into_owned(),
        }));
    }
    if let Some(origin) = &telling.origin {
        let path = match &event.session {
            Some(session) => format!("/doctor/groups/{}", session.id),
            None => path_of(telling.role, &event.reference),
        };
        told.url(&format!("{origin}{path}"));
    }
    told.done()
}

/// Returns the title of an event, also for calendars that do not show its status.
fn title(event: &Event, telling: &Telling) -> String {
    let texts = telling.texts;
    let is_staffs = telling.role.is_staff();
    let service = event.service_names.or(&event.service, texts.locale());
    let what = match (telling.details, is_staffs) {
        _ if event.session.is_some() => session_title(event, telling),
        (true, false) if event.doctor.is_empty() => isolated(service).into_owned(),
        (true, false) => format!("{}, {}", isolated(service), isolated(&event.doctor)),
        (true, true) => {
            let patient = event.patient.clone();
            let patient = patient.unwrap_or_else(|| texts.text("no-patient-name"));
            format!("{}, {}", isolated(&patient), isolated(service))
        }
        (false, false) => texts.text("calendar-event"),
        // Doctors have many, and find this one by it.
        (false, true) => format!("{} {}", texts.text("calendar-event"), event.reference),
    };
    let key = match event.status {
        Status::Held | Status::Pending => "calendar-requested",
        status if !status.occupies() => "calendar-cancelled",
        _ => return what,
    };
    texts.with(key, &[("what", what.into())])
}

/// Returns the title of a group session. What it is about is told where names are.
fn session_title(event: &Event, telling: &Telling) -> String {
    let texts = telling.texts;
    let Some(session) = &event.session else {
        return String::new();
    };
    let what = match telling.details {
        true => isolated(&session.title).into_owned(),
        false => texts.text("group-session"),
    };
    let (taken, capacity) = (session.taken.into(), session.capacity.into());
    let taken = texts.with("group-taken", &[("taken", taken), ("capacity", capacity)]);
    format!("{what}, {taken}")
}

/// `20261124T030000Z`.
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text that ends no line where it should not.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let is_kept = |c: char| !c.is_control() || c == '\n';
    text.chars().map(|c| if is_kept(c) { c } else { ' ' }).collect()
}

/// The library leaves the last piece of a folded line a byte too long, where that is how it comes out: that one is folded
/// again (RFC 5545, 3.1).
fn written(calendar: &Calendar) -> String {
    let text = calendar.to_string();
    let mut written = String::with_capacity(text.len());
    for line in text.split_inclusive("\r\n") {
        let (mut line, end) = match line.strip_suffix("\r\n") {
            Some(line) => (line, "\r\n"),
            None => (line, ""),
        };
        while line.len() > MAX_IN_LINE {
            let (first, rest) = line.split_at(line.floor_char_boundary(MAX_IN_LINE));
            written.push_str(first);
            written.push_str("\r\n ");
            line = rest;
        }
        written.push_str(line);
        written.push_str(end);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{i18n::Locale, time::plus_minutes};

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn event(status: Status) -> Event {
        Event {
            reference: "K7QM-4D2P".to_owned(),
            status,
            starts_at: plus_minutes(START, 60),
            ends_at: plus_minutes(START, 80),
            version: 2,
            changed_at: START,
            shown_version: 0,
            shown_at: None,
            answer_until: (status == Status::Pending).then(|| plus_minutes(START, 30)),
            is_at_clinic: true,
            service: "Fertility, first visit; with \\ tests".to_owned(),
            service_names: crate::i18n::Names::default(),
            doctor: "Dr Sari".to_owned(),
            clinic: "Klinik Harapan".to_owned(),
            address: "Jl. Kenanga 12, Jakarta".to_owned(),
            patient: Some("Maya".to_owned()),
            session: None,
        }
    }

    fn telling(role: Role, details: bool) -> Telling {
        Telling {
            role,
            details,
            texts: Texts::of(Locale::En),
            origin: Some("https://clinic.example".to_owned()),
            installation: "7f".to_owned(),
        }
    }

    /// The lines of a file, as a program puts them together again.
    fn lines(text: &str) -> Vec<String> {
        assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        for line in text.split("\r\n") {
            assert!(line.len() <= MAX_IN_LINE, "{} bytes: {line}", line.len());
        }
        text.replace("\r\n ", "").lines().map(str::to_owned).collect()
    }

    fn has(text: &str, expected: &str) {
        let lines = lines(text);
        assert!(
            lines.iter().any(|line| line == expected),
            "no {expected} in {lines:#?}"
        );
    }

    #[test]
    fn a_file_contains_the_time_and_place_but_not_the_reason() {
        let text = file(&event(Status::Confirmed), &telling(Role::Patient, false), START);
        for line in [
            "UID:K7QM-4D2P@7f",
            "SEQUENCE:2",
            "DTSTAMP:19700101T000000Z",
            "DTSTART:19700101T010000Z",
            "DTEND:19700101T012000Z",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "CLASS:PRIVATE",
            "SUMMARY:Appointment",
            "LOCATION:Jl. Kenanga 12\\, Jakarta",
            "URL:https://clinic.example/appointments/K7QM-4D2P",
        ] {
            has(&text, line);
        }
        for secret in ["Fertility", "Sari", "Maya", "Harapan"] {
            assert!(!text.contains(secret), "{text}");
        }
    }

    #[test]
    fn details_contain_the_name_of_the_other_person() {
        let of = |role, details| file(&event(Status::Confirmed), &telling(role, details), START);
        let patients = of(Role::Patient, true);
        has(
            &patients,
            "SUMMARY:Fertility\\, first visit\\; with \\\\ tests\\, Dr Sari",
        );
        has(&patients, "LOCATION:Klinik Harapan\\, Jl. Kenanga 12\\, Jakarta");
        assert!(!patients.contains("Maya"));
        has(
            &of(Role::Doctor, true),
            "SUMMARY:Maya\\, Fertility\\, first visit\\; with \\\\ tests",
        );
        let doctors = of(Role::Doctor, false);
        has(&doctors, "SUMMARY:Appointment K7QM-4D2P");
        has(
            &doctors,
            "URL:https://clinic.example/doctor/appointments/K7QM-4D2P",
        );
        assert!(!doctors.contains("Maya"));
    }

    #[test]
    fn a_status_is_one_of_the_three_of_icalendar() {
        for (status, expected, title) in [
            (Status::Pending, "TENTATIVE", "Appointment (requested)"),
            (Status::Confirmed, "CONFIRMED", "Appointment"),
            (Status::InProgress, "CONFIRMED", "Appointment"),
            (Status::Completed, "CONFIRMED", "Appointment"),
            // Its time was kept.
            (Status::NoShow, "CONFIRMED", "Appointment"),
            (Status::Cancelled, "CANCELLED", "Appointment (cancelled)"),
            (Status::Rejected, "CANCELLED", "Appointment (cancelled)"),
            (Status::Expired, "CANCELLED", "Appointment (cancelled)"),
        ] {
            let text = file(&event(status), &telling(Role::Patient, false), START);
            has(&text, &format!("STATUS:{expected}"));
            has(&text, &format!("SUMMARY:{title}"));
        }
    }

    #[test]
    fn an_expired_request_reads_the_same_before_and_after_it_is_written() {
        let ran_out = plus_minutes(START, 30);
        let telling = telling(Role::Patient, false);
        let before = file(&event(Status::Pending), &telling, START);
        has(&before, "SEQUENCE:2");
        let text = file(&event(Status::Pending), &telling, ran_out);
        has(&text, "STATUS:CANCELLED");
        has(&text, "SEQUENCE:3");
        let mut written_down = event(Status::Expired);
        written_down.version = 3;
        // Some time later, as the worker comes by.
        written_down.changed_at = plus_minutes(ran_out, 5);
        written_down.answer_until = Some(ran_out);
        assert_eq!(file(&written_down, &telling, ran_out), text);
    }

    #[test]
    fn names_from_right_to_left_are_isolated() {
        let mut event = event(Status::Confirmed);
        event.patient = Some("سارة\u{202e}".to_owned());
        has(
            &file(&event, &telling(Role::Doctor, true), START),
            "SUMMARY:\u{2068}سارة\u{2069}\\, Fertility\\, first visit\\; with \\\\ tests",
        );
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        for length in 1..400 {
            for unit in ["a", "ü", "診", "🩺", "a ", "a,", "診 療"] {
                let mut event = event(Status::Confirmed);
                event.service = unit.repeat(length);
                event.doctor = "\r\nATTENDEE:mailto:a@b.example".to_owned();
                let text = file(&event, &telling(Role::Patient, true), START);
                let expected = format!("{}, \\nATTENDEE:mailto:a@b.example", event.service);
                let expected = expected.replace(",", "\\,");
                has(&text, &format!("SUMMARY:{expected}"));
            }
        }
    }

    #[test]
    fn a_feed_has_a_name_and_an_interval_of_refresh() {
        let events = [event(Status::Confirmed), event(Status::Cancelled)];
        let text = feed(&events, &telling(Role::Patient, false), START);
        for line in [
            "X-WR-CALNAME:Appointments",
            "NAME;VALUE=TEXT:Appointments",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
        ] {
            has(&text, line);
        }
        assert_eq!(text.matches("BEGIN:VEVENT\r\n").count(), 2);
        assert!(!text.contains("METHOD"));
    }

    #[test]
    fn whatever_is_shown_counts_as_a_change_of_the_entry() {
        let telling = telling(Role::Patient, true);
        let mut event = event(Status::Confirmed);
        event.shown_version = 3;
        event.shown_at = Some(plus_minutes(START, 7));
        let text = file(&event, &telling, START);
        has(&text, "SEQUENCE:5");
        has(&text, "LAST-MODIFIED:19700101T000700Z");
        has(&text, "DTSTAMP:19700101T000700Z");
        // A later change of the appointment itself.
        event.changed_at = plus_minutes(START, 9);
        event.version = 3;
        let text = file(&event, &telling, START);
        has(&text, "SEQUENCE:6");
        has(&text, "LAST-MODIFIED:19700101T000900Z");
    }

    #[test]
    fn an_empty_feed_has_a_component() {
        let telling = telling(Role::Patient, false);
        let text = feed(&[], &telling, START);
        assert_eq!(text.matches("BEGIN:VTIMEZONE\r\n").count(), 1, "{text}");
        assert!(
            text.ends_with("END:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n"),
            "{text}"
        );
        lines(&text);
        let full = feed(&[event(Status::Confirmed)], &telling, START);
        assert!(!full.contains("VTIMEZONE"), "{full}");
    }
}
