//! The end of a certificate, read out of it (X.509, RFC 5280, in DER). Nothing else of it is of interest here: whether it is
//! genuine, the client that connected has judged.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A value, with the tag before it and what follows it.
struct Value<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

/// Reads the first value of some bytes.
fn value(bytes: &[u8]) -> Option<Value<'_>> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(first) {
        short @ 0..0x80 => (short, rest),
        long => {
            let (digits, rest) = rest.split_at_checked(long & 0x7f)?;
            if digits.is_empty() || digits.len() > 4 {
                return None;
            }
            let length = digits
                .iter()
                .fold(0, |length, digit| (length << 8) | usize::from(*digit));
            (length, rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some(Value { tag, content, rest })
}

/// Reads the content of a sequence that some bytes begin with.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let value = value(bytes)?;
    (value.tag == SEQUENCE).then_some(value.content)
}

/// The moment from which on a certificate is not valid any more.
pub(super) fn end_of(certificate: &[u8]) -> Option<Timestamp> {
    let mut rest = sequence(sequence(certificate)?)?;
    let first = value(rest)?;
    if first.tag == VERSION {
        rest = first.rest;
    }
    // The number, the algorithm and the issuer stand before the validity.
    for _ in 0..3 {
        rest = value(rest)?.rest;
    }
    let begin = value(sequence(rest)?)?;
    let end = value(begin.rest)?;
    time(end.tag, std::str::from_utf8(end.content).ok()?)
}

/// Reads a time: both kinds are in UTC, and end in a Z.
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    let full = match tag {
        // Of two digits: 50 to 99 are of the last century.
        UTC_TIME => match digits.get(..2)?.parse::<u8>().ok()? {
            0..50 => format!("20{digits}"),
            _ => format!("19{digits}"),
        },
        GENERALIZED_TIME => digits.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", full).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut bytes = vec![tag];
        match length {
            0..0x80 => bytes.push(length as u8),
            _ => bytes.extend([0x82, (length >> 8) as u8, length as u8]),
        }
        bytes.extend(content);
        bytes
    }

    /// A certificate as far as it is read, with an issuer of this length.
    fn certificate(has_version: bool, issuer: usize, end: (u8, &str)) -> Vec<u8> {
        let mut body = Vec::new();
        if has_version {
            body.extend(der(VERSION, &der(2, &[2])));
        }
        body.extend(der(2, &[1, 2, 3]));
        body.extend(der(SEQUENCE, &[]));
        body.extend(der(SEQUENCE, &vec![0; issuer]));
        let mut validity = der(UTC_TIME, b"250101000000Z");
        validity.extend(der(end.0, end.1.as_bytes()));
        body.extend(der(SEQUENCE, &validity));
        body.extend(der(SEQUENCE, b"the subject, and so on"));
        der(SEQUENCE, &der(SEQUENCE, &body))
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        for (has_version, issuer, end, expected) in [
            (true, 10, (UTC_TIME, "260330120000Z"), "2026-03-30T12:00:00Z"),
            (false, 300, (UTC_TIME, "491231235959Z"), "2049-12-31T23:59:59Z"),
            (
                true,
                300,
                (GENERALIZED_TIME, "20500101000000Z"),
                "2050-01-01T00:00:00Z",
            ),
            (true, 10, (UTC_TIME, "991231235959Z"), "1999-12-31T23:59:59Z"),
        ] {
            let found = end_of(&certificate(has_version, issuer, end));
            assert_eq!(found.map(|at| at.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        let whole = certificate(true, 300, (UTC_TIME, "260330120000Z"));
        for length in 0..whole.len() {
            assert_eq!(end_of(&whole[..length]), None, "{length}");
        }
        assert_eq!(end_of(&certificate(true, 10, (UTC_TIME, "soon"))), None);
        assert_eq!(end_of(&[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
