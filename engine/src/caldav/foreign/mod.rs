//! Events of others, as servers of calendars give them (RFC 5545): when they take place, and nothing else of them.
//!
//! What is read here may be anything. Its size, depth and number are limited before anything is made of it; what cannot be
//! understood has a word for the doctor, [`Unread`].

mod event;
mod face;
mod lines;
mod moment;
mod windows;
mod written;
mod zone;

pub use self::{
    event::{Event, Length},
    moment::Moment,
    written::written,
};
pub(in crate::caldav) use self::{
    face::local,
    moment::{instant, later},
};
use self::{lines::Component, zone::Zones};

/// The size of a calendar object, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The number of events, as changed instances of a series are ones.
const MAX_EVENTS: usize = 2000;

/// Why a calendar object could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    TooLarge,
    Malformed,
    /// A time zone that nobody knows.
    UnknownZone,
    /// A rule of recurrence that is none, or one of a kind that no calendar makes.
    UnknownRule,
}

/// The person whose calendar it is, as far as events speak of them.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    /// The name under which they sign in there: an address, or what stands before its @.
    pub username: String,
    /// The end of the UID of each event that was written by us.
    pub our_uids: String,
}

/// A calendar object, as far as it takes time.
#[derive(Clone, Debug)]
pub enum Object {
    /// An appointment of ours.
    Own,
    Foreign(Vec<Event>),
}

/// Reads a calendar object.
///
/// # Errors
/// Why it could not be understood: one event that cannot be makes the whole of it so.
pub fn read(body: &str, owner: &Owner) -> Result<Object, Unread> {
    if body.len() > MAX_BYTES {
        return Err(Unread::TooLarge);
    }
    let calendars = lines::read(body)?;
    let parts = || calendars.iter().flat_map(|calendar| &calendar.parts);
    let zones = Zones::of(parts().filter(|part| part.name == "VTIMEZONE"));
    let events: Vec<&Component> = parts().filter(|part| part.name == "VEVENT").collect();
    if events.len() > MAX_EVENTS {
        return Err(Unread::TooLarge);
    }
    let is_ours = |event: &&Component| {
        let uid = event.value("UID").unwrap_or_default();
        !owner.our_uids.is_empty() && uid.trim().ends_with(&owner.our_uids)
    };
    if events.iter().any(is_ours) {
        return Ok(Object::Own);
    }
    let events = events.into_iter().map(|event| Event::of(event, &zones, owner));
    Ok(Object::Foreign(events.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_events(lines: &str) -> Result<Vec<Event>, Unread> {
        let body = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n");
        let owner = Owner {
            username: "Ayu@clinic.example".to_owned(),
            our_uids: "@7f".to_owned(),
        };
        match read(&body, &owner)? {
            Object::Foreign(events) => Ok(events),
            Object::Own => Ok(Vec::new()),
        }
    }

    #[test]
    fn what_takes_no_time_is_free() {
        for (lines, is_free) in [
            ("", false),
            ("TRANSP:OPAQUE", false),
            ("TRANSP:transparent", true),
            ("STATUS:CANCELLED", true),
            ("STATUS:TENTATIVE", false),
            ("ATTENDEE;PARTSTAT=DECLINED:mailto:ayu@clinic.example", true),
            (
                "ATTENDEE;PARTSTAT=DECLINED;EMAIL=ayu@clinic.example:urn:uuid:1",
                true,
            ),
            ("ATTENDEE;PARTSTAT=DECLINED:mailto:budi@clinic.example", false),
            ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ayu@clinic.example", false),
        ] {
            let events = read_events(&format!("UID:1\nDTSTART:20261124T100000Z\n{lines}")).unwrap();
            assert_eq!(events[0].is_free, is_free, "{lines}");
        }
    }

    #[test]
    fn our_own_events_are_known_by_the_end_of_their_uid() {
        assert!(read_events("UID:K7QM-4D2P@7f").unwrap().is_empty());
        assert_eq!(read_events("UID:K7QM-4D2P@7\nDTSTART:20261124").unwrap().len(), 1);
    }

    #[test]
    fn whatever_is_no_calendar_is_told_and_never_a_panic() {
        for (lines, expected) in [
            ("UID:1", Unread::Malformed),
            ("DTSTART:", Unread::Malformed),
            ("DTSTART:20261345", Unread::Malformed),
            ("DTSTART:20261124T250000Z", Unread::Malformed),
            (
                "DTSTART:\u{661}\u{662}\u{663}\u{664}\u{661}\u{661}\u{662}\u{664}",
                Unread::Malformed,
            ),
            (
                "DTSTART:20261124T100000Z\nDTEND:20261124T090000Z",
                Unread::Malformed,
            ),
            ("DTSTART:20261124T100000Z\nDURATION:PT", Unread::Malformed),
            (
                "DTSTART:20261124T100000Z\nDURATION:P99999999999999999999W",
                Unread::Malformed,
            ),
            (
                "DTSTART;TZID=Middle-earth/Shire:20261124T100000",
                Unread::UnknownZone,
            ),
            (
                "DTSTART:20261124T100000Z\nRRULE:FREQ=SOMETIMES",
                Unread::UnknownRule,
            ),
            (
                "DTSTART:20261124T100000Z\nRRULE:FREQ=DAILY;INTERVAL=0",
                Unread::UnknownRule,
            ),
            (
                "DTSTART:20261124T100000Z\nRRULE:FREQ=DAILY;COUNT=-1",
                Unread::UnknownRule,
            ),
            (
                "DTSTART:20261124T100000Z\nRRULE:FREQ=DAILY;BYDAY=99MO",
                Unread::UnknownRule,
            ),
            (
                "DTSTART:20261124T100000Z\nRRULE:RSCALE=CHINESE;FREQ=YEARLY",
                Unread::UnknownRule,
            ),
        ] {
            assert_eq!(read_events(lines).unwrap_err(), expected, "{lines}");
        }
        let owner = Owner::default();
        for body in [
            "",
            "hello",
            "BEGIN:VCALENDAR",
            "END:VCALENDAR",
            "BEGIN:VCALENDAR\nEND:VEVENT\n",
        ] {
            assert!(read(body, &owner).is_err(), "{body}");
        }
        let deep = "BEGIN:X\n".repeat(100_000);
        assert_eq!(read(&deep, &owner).unwrap_err(), Unread::Malformed);
        let large = " ".repeat(MAX_BYTES + 1);
        assert_eq!(read(&large, &owner).unwrap_err(), Unread::TooLarge);
    }

    #[test]
    fn what_is_kept_of_an_event_reads_as_the_event_and_says_nothing_of_it() {
        let lines = "UID:secret\nSUMMARY:Secret\nDTSTART;TZID=\"W. Europe Standard Time\";X-SECRET=1:20261124T100000\n\
                     DURATION:P1DT2H\nRRULE:FREQ=MONTHLY;BYDAY=-1MO,2TU;BYSETPOS=1;UNTIL=20271231T000000Z;X-SECRET=1\n\
                     EXDATE;VALUE=DATE:20261201\nRDATE;VALUE=PERIOD:20270101T100000Z/PT1H\nDESCRIPTION:Secret";
        let events = read_events(lines).unwrap();
        let kept = written(&events);
        assert!(!kept.to_lowercase().contains("secret"), "{kept}");
        let Object::Foreign(again) = read(&kept, &Owner::default()).unwrap() else {
            panic!("it is none of ours");
        };
        assert_eq!(again, read_events(&lines.replace("UID:secret", "UID:1")).unwrap());
        assert_eq!(written(&again), kept);
    }

    #[test]
    fn zones_go_by_many_names() {
        for (tzid, expected) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("\"Europe/Berlin\"", "Europe/Berlin"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"),
            ("/freeassociation.sourceforge.net/Asia/Jakarta", "Asia/Jakarta"),
            (
                "/softwarestudio.org/Tzfile/America/Argentina/Buenos_Aires",
                "America/Argentina/Buenos_Aires",
            ),
            ("UTC", "UTC"),
        ] {
            let events = read_events(&format!("DTSTART;TZID={tzid}:20261124T100000")).unwrap();
            let zone = events[0].start.zone.as_ref().unwrap();
            assert_eq!(zone.name, expected, "{tzid}");
        }
    }

    #[test]
    fn a_zone_that_only_the_event_knows_has_its_rules() {
        let body = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Customized Time\r\n Zone\r\nBEGIN:STANDARD\r\nDTSTART:16011028T030000\r\n\
                    RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
                    BEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nTZOFFSETFROM:+0100\r\n\
                    TZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n\
                    DTSTART;TZID=Customized TimeZone:20260701T100000\r\nDTEND;TZID=Customized TimeZone:20260701T110000\r\n\
                    END:VEVENT\r\nEND:VCALENDAR\r\n";
        let Object::Foreign(events) = read(body, &Owner::default()).unwrap() else {
            panic!("it is none of ours");
        };
        let utc = jiff::tz::TimeZone::UTC;
        assert_eq!(events[0].start.at(&utc).to_string(), "2026-07-01T08:00:00Z");
        let Object::Foreign(again) = read(&written(&events), &Owner::default()).unwrap() else {
            panic!("it is none of ours");
        };
        assert_eq!(again, events);
        let winter = body.replace("20260701", "20261201");
        let Object::Foreign(events) = read(&winter, &Owner::default()).unwrap() else {
            panic!("it is none of ours");
        };
        assert_eq!(events[0].start.at(&utc).to_string(), "2026-12-01T09:00:00Z");
    }
}
