//! A booking as an entry of a calendar, which is how everything from elsewhere is read: its time, and of which appointment of ours
//! it is. Who booked it, and for what, stays there.

use engine::{
    caldav::Entry,
    ical::ics::{WRITTEN_AS, WRITTEN_VERSION},
};
use jiff::{Timestamp, tz::TimeZone};

use super::booking::Booking;

/// The name of the entry that a booking stands for: ours, or that of somebody else's booking.
fn name(booking: &Booking) -> String {
    match booking.entry() {
        Some(entry) => entry.to_owned(),
        None => format!("bookings/{}", booking.uid),
    }
}

/// The entry; none for a booking without a time.
pub fn of(booking: &Booking) -> Option<Entry> {
    let (start, end) = booking.time()?;
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Janji//Bookings elsewhere//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", uid(booking)),
        format!("DTSTAMP:{}", moment(start)),
        format!("DTSTART:{}", moment(start)),
        format!("DTEND:{}", moment(end)),
    ];
    if let Some((reference, _)) = booking.entry().and_then(ours) {
        lines.push(format!("{WRITTEN_AS}:{}", plain(reference)));
        lines.extend(
            booking
                .version()
                .map(|version| format!("{WRITTEN_VERSION}:{version}")),
        );
    }
    lines.extend(["END:VEVENT", "END:VCALENDAR", ""].map(str::to_owned));
    Some(Entry {
        href: name(booking),
        etag: booking.etag(),
        body: lines.join("\r\n"),
    })
}

/// The reference of the appointment and the installation that it is of, which the name of an entry of ours has. There is a dash
/// in a reference.
fn ours(entry: &str) -> Option<(&str, &str)> {
    let name = entry.rsplit('/').next()?.strip_suffix(".ics")?;
    let (at, _) = name.match_indices('-').nth(1)?;
    Some((&name[..at], &name[at + 1..]))
}

/// What the entry is known by: ours as in every calendar, by which a copy of it is told from what somebody else has booked.
fn uid(booking: &Booking) -> String {
    match booking.entry().and_then(ours) {
        Some((reference, installation)) => format!("{}@{}", plain(reference), plain(installation)),
        None => plain(&booking.uid),
    }
}

/// What a stranger wrote, without anything by which it could say more than it is.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .take(60)
        .collect()
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calcom::booking::metadata;

    fn booking() -> Booking {
        Booking {
            uid: "u1\r\nTRANSP:TRANSPARENT".to_owned(),
            status: "accepted".to_owned(),
            start: "2026-12-07T02:00:00Z".parse().ok(),
            end: "2026-12-07T02:30:00Z".parse().ok(),
            ..Booking::default()
        }
    }

    #[test]
    fn of_a_booking_of_somebody_else_the_time_is_known_and_nothing_more() {
        let entry = of(&booking()).unwrap();
        assert_eq!(
            entry.body,
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Janji//Bookings elsewhere//EN\r\nBEGIN:VEVENT\r\n\
             UID:u1TRANSPTRANSPARENT\r\nDTSTAMP:20261207T020000Z\r\nDTSTART:20261207T020000Z\r\n\
             DTEND:20261207T023000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        assert!(
            of(&Booking {
                end: None,
                ..booking()
            })
            .is_none()
        );
    }

    #[test]
    fn a_booking_of_ours_is_the_entry_that_was_written() {
        let own = Booking {
            event_type_id: 50,
            metadata: Some(metadata("event-types/50//ABCD-2345-1.ics", 3)),
            ..booking()
        };
        let entry = of(&own).unwrap();
        assert_eq!(entry.href, "event-types/50//ABCD-2345-1.ics");
        assert!(entry.body.contains("\r\nUID:ABCD-2345@1\r\n"));
        assert!(
            entry
                .body
                .contains("\r\nX-JANJI-APPOINTMENT:ABCD-2345\r\nX-JANJI-VERSION:3\r\n")
        );
    }
}
