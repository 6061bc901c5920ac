//! Appointments in the words of RFC 5545.

#[cfg(test)]
mod tests;
mod title;

use icalendar::{Calendar, Class, Component, EventLike, EventStatus, Property};
use jiff::Timestamp;

use self::title::title;
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
