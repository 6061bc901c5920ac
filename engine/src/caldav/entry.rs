//! An entry of ours as it comes back: only as far as it is ours. Entries of others are read elsewhere.

use jiff::{Timestamp, civil, tz::TimeZone};

use crate::{
    ical::ics::{WRITTEN_AS, WRITTEN_VERSION},
    time::zone,
};

/// What is read of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub uid: String,
    /// The version of the appointment that was written.
    pub version: Option<i32>,
    /// None where it cannot be read, or is of whole days.
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    /// Whether it is more than once.
    pub repeats: bool,
    summary: String,
    description: String,
    location: String,
    reference: String,
}

impl Read {
    /// Reads an entry. Times without a zone are of this one.
    pub fn of(body: &str, floating: &TimeZone) -> Self {
        let mut read = Self::default();
        let (mut depth, mut events) = (0, 0);
        for line in unfolded(body) {
            let Some((name, parameters, value)) = property(&line) else {
                continue;
            };
            match (name.as_str(), depth) {
                ("BEGIN", 0) if value.eq_ignore_ascii_case("VEVENT") => {
                    events += 1;
                    depth = 1;
                }
                // An alarm has a description of its own.
                ("BEGIN", 1..) => depth += 1,
                ("END", 1..) => depth -= 1,
                (name, 1) if events == 1 => read.take(name, parameters, value, floating),
                _ => {}
            }
        }
        read.repeats |= events > 1;
        read
    }

    fn take(&mut self, name: &str, parameters: &str, value: &str, floating: &TimeZone) {
        match name {
            "UID" => self.uid = value.trim().to_owned(),
            "DTSTART" => self.start = instant(parameters, value, floating),
            "DTEND" => self.end = instant(parameters, value, floating),
            "RRULE" | "RDATE" => self.repeats = true,
            "SUMMARY" => self.summary = plain(value),
            "DESCRIPTION" => self.description = plain(value),
            "LOCATION" => self.location = plain(value),
            WRITTEN_AS => self.reference = value.trim().to_owned(),
            WRITTEN_VERSION => self.version = value.trim().parse().ok(),
            _ => {}
        }
    }

    /// Whether an entry of ours says the same as another one, but for its start.
    pub fn says_as(&self, other: &Self) -> bool {
        let said = |one: &Self| {
            (
                one.end,
                one.summary.clone(),
                one.description.clone(),
                one.location.clone(),
            )
        };
        said(self) == said(other) && !self.repeats
    }
}

/// The lines of an entry, each whole.
fn unfolded(body: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in body.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// The name of a property, its parameters, and its value.
fn property(line: &str) -> Option<(String, &str, &str)> {
    let mut quoted = false;
    let colon = line.char_indices().find_map(|(at, character)| {
        quoted ^= character == '"';
        (character == ':' && !quoted).then_some(at)
    })?;
    let (head, value) = (&line[..colon], &line[colon + 1..]);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((name.to_ascii_uppercase(), parameters, value))
}

/// The value of a parameter.
fn parameter<'a>(parameters: &'a str, wanted: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case(wanted).then(|| value.trim_matches('"'))
    })
}

fn instant(parameters: &str, value: &str, floating: &TimeZone) -> Option<Timestamp> {
    let value = value.trim();
    let (local, own) = match value.strip_suffix('Z') {
        Some(local) => (local, TimeZone::UTC),
        None => match parameter(parameters, "TZID") {
            Some(name) => (value, zone(name.trim_start_matches('/'))?),
            None => (value, floating.clone()),
        },
    };
    let local = civil::DateTime::strptime("%Y%m%dT%H%M%S", local).ok()?;
    own.to_timestamp(local).ok()
}

/// A text without what protects it.
fn plain(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => {}
            },
            (character, false) => plain.push(character),
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(lines: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nEND:STANDARD\r\n\
             END:VTIMEZONE\r\nBEGIN:VEVENT\r\n{lines}BEGIN:VALARM\r\nDESCRIPTION:alarm\r\nEND:VALARM\r\nEND:VEVENT\r\n\
             END:VCALENDAR\r\n"
        )
    }

    #[test]
    fn a_start_is_read_in_its_zone() {
        let jakarta = TimeZone::get("Asia/Jakarta").unwrap();
        for (line, expected) in [
            ("DTSTART:20261124T030000Z", Some("2026-11-24T03:00:00Z")),
            (
                "DTSTART;TZID=Asia/Jakarta:20261124T100000",
                Some("2026-11-24T03:00:00Z"),
            ),
            (
                "DTSTART;TZID=\"Europe/Berlin\":20260701T100000",
                Some("2026-07-01T08:00:00Z"),
            ),
            ("dtstart:20261124T100000", Some("2026-11-24T03:00:00Z")),
            ("DTSTART;VALUE=DATE:20261124", None),
            ("DTSTART;TZID=Nowhere:20261124T100000", None),
            ("DTSTART:20261\r\n 124T030000Z", Some("2026-11-24T03:00:00Z")),
        ] {
            let read = Read::of(&entry(&format!("UID:a@b\r\n{line}\r\n")), &jakarta);
            let expected = expected.map(|at| at.parse::<Timestamp>().unwrap());
            assert_eq!(read.start, expected, "{line}");
            assert_eq!(read.uid, "a@b");
        }
    }

    #[test]
    fn what_is_written_in_another_way_says_the_same() {
        let utc = TimeZone::UTC;
        let one = Read::of(
            &entry("SUMMARY:A\\, b\r\nX-JANJI-VERSION:3\r\nDTEND:20261124T030000Z\r\n"),
            &utc,
        );
        let same = Read::of(
            &entry(
                "DTEND;TZID=Asia/Jakarta:20261124T100000\r\nSUMMARY;LANGUAGE=en:A\r\n  , b\r\n"
                    .replace("\r\n  ,", "\r\n ,")
                    .as_str(),
            ),
            &utc,
        );
        assert_eq!(one.version, Some(3));
        assert!(one.says_as(&same), "{one:?} {same:?}");
        let other = Read::of(&entry("SUMMARY:A b\r\nDTEND:20261124T030000Z\r\n"), &utc);
        assert!(!one.says_as(&other));
        let series = Read::of(
            &entry("SUMMARY:A\\, b\r\nDTEND:20261124T030000Z\r\nRRULE:FREQ=DAILY\r\n"),
            &utc,
        );
        assert!(series.repeats && !series.says_as(&one));
    }

    #[test]
    fn what_is_no_entry_is_nothing() {
        for body in [
            "",
            "BEGIN:VEVENT",
            ":::",
            "END:VEVENT\r\nEND:VEVENT",
            "BEGIN:VEVENT\nDTSTART\n;:\n",
        ] {
            assert_eq!(Read::of(body, &TimeZone::UTC).start, None);
        }
    }
}
