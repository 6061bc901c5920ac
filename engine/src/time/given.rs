//! Times and ranges as programs and forms write them.

use jiff::{
    Timestamp, civil,
    fmt::temporal::{Pieces, PiecesOffset, TimeZoneAnnotation, TimeZoneAnnotationKind},
    tz::{Offset, TimeZone},
};

use super::{jump, readings, zone};

/// A point in time, as programs say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenTime {
    At(Timestamp),
    /// On the wall clock of a clinic.
    Local(civil::DateTime),
}

/// Nothing that is said is about an earlier one.
const FIRST_YEAR: i16 = 1970;

impl GivenTime {
    /// Reads RFC 3339, RFC 9557 with a zone, as in `2026-11-24T10:00:00+07:00[Asia/Jakarta]`, or a local time such as
    /// `2026-11-24 10:00:00`, in whole seconds. A zone is never ignored: one that is not known, or that does not have
    /// the offset at that moment, is no time.
    pub fn parse(text: &str) -> Option<Self> {
        let (said, nanosecond) = Self::parse_exactly(text)?;
        (nanosecond == 0).then_some(said)
    }

    /// Parses a time, and returns the fraction of a second with it.
    fn parse_exactly(text: &str) -> Option<(Self, i32)> {
        let text = text.trim();
        let pieces = Pieces::parse(text).ok()?;
        // A date alone would be its midnight.
        let local = pieces.date().to_datetime(pieces.time()?);
        let zone = match pieces.time_zone_annotation().map(TimeZoneAnnotation::kind) {
            None => None,
            Some(TimeZoneAnnotationKind::Named(name)) => Some(zone(name.as_str())?),
            Some(TimeZoneAnnotationKind::Offset(offset)) => Some(TimeZone::fixed(*offset)),
            Some(_) => return None,
        };
        let said = match (pieces.offset(), zone) {
            (None, None) if text.contains(':') => Self::Local(local),
            (None, None) => return None,
            (None, Some(zone)) => Self::At(readings(local, &zone).first().copied()?),
            (Some(offset), zone) => {
                let at = offset.to_numeric_offset().to_timestamp(local).ok()?;
                let has_offset = |zone: TimeZone| zone.to_offset(at) == offset.to_numeric_offset();
                if is_local(offset) && zone.is_some_and(|zone| !has_offset(zone)) {
                    return None;
                }
                Self::At(at)
            }
        };
        let is_known = match said {
            Self::At(at) => at >= Timestamp::UNIX_EPOCH,
            Self::Local(local) => local.year() >= FIRST_YEAR,
        };
        is_known.then_some((said, local.subsec_nanosecond()))
    }

    /// The point in time that this is in a zone: none where the clock jumps over it, the first of two.
    pub fn in_zone(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Local(local) => readings(local, zone).first().copied(),
        }
    }
}

/// Whether an offset says what a wall clock shows. `Z` and `-00:00` only say when it is (RFC 9557, 2.2).
fn is_local(offset: PiecesOffset) -> bool {
    match offset {
        PiecesOffset::Numeric(offset) => !(offset.is_negative() && offset.offset() == Offset::UTC),
        _ => false,
    }
}

/// Reads a date such as `2026-11-24`, and nothing with a time or a zone, which would be ignored.
pub fn date(text: &str) -> Option<civil::Date> {
    let pieces = Pieces::parse(text.trim()).ok()?;
    let is_alone = pieces.time().is_none() && pieces.offset().is_none() && !text.contains('[');
    let date = pieces.date();
    (is_alone && date.year() >= FIRST_YEAR).then_some(date)
}

/// One end of a range of time, as programs say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A whole date on the wall calendar of a clinic.
    Date(civil::Date),
    Time(GivenTime),
}

impl Bound {
    /// Reads a date, or a time as [`GivenTime::parse`] does, and fractions of a second as well.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(date) = date(text) {
            return Some(Self::Date(date));
        }
        // In a URL, a plus sign that was not encoded is a space: the last one, before the offset.
        let with_offset = || {
            let (local, offset) = text.rsplit_once(' ')?;
            GivenTime::parse_exactly(&format!("{local}+{offset}"))
        };
        GivenTime::parse_exactly(text)
            .or_else(with_offset)
            .map(|(said, _)| Self::Time(said))
    }

    /// The first moment of a range that begins here.
    pub fn start(self) -> GivenTime {
        match self {
            Self::Date(date) => GivenTime::Local(date.to_datetime(civil::Time::midnight())),
            Self::Time(said) => said,
        }
    }

    /// The first moment after a range that ends here.
    pub fn end(self) -> GivenTime {
        match self {
            Self::Date(date) => Self::Date(date.saturating_add(jiff::Span::new().days(1))).start(),
            Self::Time(said) => said,
        }
    }
}

/// Returns the moment of a bound in a zone: the moment of the jump, if the clock jumps over it.
pub fn bound_in_zone(said: GivenTime, zone: &TimeZone) -> Timestamp {
    match said {
        GivenTime::At(at) => at,
        GivenTime::Local(local) => readings(local, zone)
            .first()
            .copied()
            .or_else(|| jump(local, zone))
            .unwrap_or(Timestamp::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_point_in_time_or_the_wall_clock_of_a_clinic() {
        let at = |text: &str| Some(GivenTime::At(text.parse().unwrap()));
        let local = |text: &str| Some(GivenTime::Local(text.parse().unwrap()));
        for (text, expected) in [
            ("2026-11-24T10:00:00Z", at("2026-11-24T10:00:00Z")),
            ("2026-11-24T17:00:00+07:00", at("2026-11-24T10:00:00Z")),
            ("2026-11-24T10:00:00.000Z", at("2026-11-24T10:00:00Z")),
            ("2026-11-24 10:00:00", local("2026-11-24T10:00:00")),
            ("2026-11-24T10:00:00", local("2026-11-24T10:00:00")),
            ("2026-11-24 10:00", local("2026-11-24T10:00:00")),
            ("2026-11-24T10:00:00[Europe/Berlin]", at("2026-11-24T09:00:00Z")),
            ("2026-11-24 10:00[europe/berlin]", at("2026-11-24T09:00:00Z")),
            (
                "2026-11-24T10:00:00+01:00[Europe/Berlin]",
                at("2026-11-24T09:00:00Z"),
            ),
            (
                "2026-11-24T10:00:00+01:00[!Europe/Berlin]",
                at("2026-11-24T09:00:00Z"),
            ),
            ("2026-11-24T10:00:00Z[Europe/Berlin]", at("2026-11-24T10:00:00Z")),
            (
                "2026-11-24T10:00:00-00:00[Europe/Berlin]",
                at("2026-11-24T10:00:00Z"),
            ),
            ("2026-11-24T10:00:00[+07:00]", at("2026-11-24T03:00:00Z")),
            ("2026-11-24T10:00:00+07:00[+07:00]", at("2026-11-24T03:00:00Z")),
            ("2026-11-24T10:00:00[u-ca=gregory]", local("2026-11-24T10:00:00")),
            (
                "2026-11-24T10:00:00[Asia/Jakarta][u-ca=iso8601]",
                at("2026-11-24T03:00:00Z"),
            ),
            ("2026-11-24T10:00:00+07:00[Europe/Berlin]", None),
            ("2026-11-24T10:00:00+00:00[Europe/Berlin]", None),
            ("2026-11-24T10:00:00+07:00[+08:00]", None),
            ("2026-11-24T10:00:00[Mars/Olympus]", None),
            ("2026-11-24T10:00:00+01:00[Mars/Olympus]", None),
            ("2026-11-24T10:00:00Z[Mars/Olympus]", None),
            ("2026-11-24T10:00:00[localtime]", None),
            ("2026-11-24T10:00:00[Europe/Berlin", None),
            ("2026-11-24T10:00:00[]", None),
            ("2026-11-24T10:00:00[Europe/Berlin][Asia/Jakarta]", None),
            ("2026-11-24T10:00:00[!u-xx=yes]", None),
            ("2026-11-24T10:00:00 WIB", None),
            // The clock jumps over it.
            ("2027-03-28T02:30:00[Europe/Berlin]", None),
            ("2026-11-24[Europe/Berlin]", None),
            ("2026-11-24", None),
            ("2026-11-24T10", None),
            ("2026-11-24T10:00:00.5Z", None),
            ("2026-02-30 10:00:00", None),
            ("2026-11-24 25:00:00", None),
            ("10:00", None),
            ("tomorrow", None),
            ("1764000000", None),
            ("", None),
        ] {
            assert_eq!(GivenTime::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_repeated_wall_clock_time_means_the_first_and_a_skipped_one_none() {
        let berlin = zone("Europe/Berlin").unwrap();
        let in_berlin = |text: &str| GivenTime::parse(text).unwrap().in_zone(&berlin);
        assert_eq!(in_berlin("2027-03-28 02:30:00"), None);
        assert_eq!(
            in_berlin("2026-10-25 02:30:00"),
            Some("2026-10-25T00:30:00Z".parse().unwrap())
        );
        assert_eq!(in_berlin("9999-12-31 23:59:59"), None);
    }

    #[test]
    fn a_repeated_wall_clock_time_of_a_named_zone_is_the_first_and_an_offset_tells_them_apart() {
        for (text, expected) in [
            ("2026-10-25T02:30:00[Europe/Berlin]", "2026-10-25T00:30:00Z"),
            ("2026-10-25T02:30:00+02:00[Europe/Berlin]", "2026-10-25T00:30:00Z"),
            ("2026-10-25T02:30:00+01:00[Europe/Berlin]", "2026-10-25T01:30:00Z"),
        ] {
            let at = GivenTime::At(expected.parse().unwrap());
            assert_eq!(GivenTime::parse(text), Some(at), "{text}");
        }
    }

    #[test]
    fn a_bound_that_the_clock_jumps_over_is_the_jump() {
        let berlin = zone("Europe/Berlin").unwrap();
        let bound = |text: &str| bound_in_zone(Bound::parse(text).unwrap().start(), &berlin);
        for (text, expected) in [
            ("2027-03-28T02:30:00", "2027-03-28T01:00:00Z"),
            ("2027-03-28T03:00:00", "2027-03-28T01:00:00Z"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
            ("2027-03-28", "2027-03-27T23:00:00Z"),
        ] {
            assert_eq!(bound(text), expected.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn a_date_is_a_date_alone() {
        for (text, is_one) in [
            ("2026-11-24", true),
            (" 2026-11-24 ", true),
            ("2026-11-24T23:00:00-08:00", false),
            ("2026-11-24T23:00", false),
            ("2026-11-24[Europe/Berlin]", false),
            ("2026-11-24Z", false),
            ("2026-02-29", false),
            ("1969-12-31", false),
            ("24.11.2026", false),
            ("", false),
        ] {
            assert_eq!(date(text).is_some(), is_one, "{text}");
        }
    }

    #[test]
    fn a_bound_is_a_whole_date_or_a_time() {
        let bound = Bound::parse;
        let local = |text: &str| GivenTime::Local(text.parse().unwrap());
        let day = bound("2026-11-24").unwrap();
        assert_eq!(day.start(), local("2026-11-24T00:00:00"));
        assert_eq!(day.end(), local("2026-11-25T00:00:00"));
        let time = GivenTime::At("2026-11-24T03:00:00Z".parse().unwrap());
        assert_eq!(bound("2026-11-24T10:00:00+07:00"), Some(Bound::Time(time)));
        assert_eq!(bound("2026-11-24T10:00:00 07:00"), Some(Bound::Time(time)));
        assert_eq!(bound("2026-11-24 10:00:00 07:00"), Some(Bound::Time(time)));
        // An end between two seconds is one; an appointment begins at a whole one.
        assert!(bound("2026-11-24T10:00:00.123456Z").is_some());
        assert_eq!(GivenTime::parse("2026-11-24T10:00:00.123456Z"), None);
        let berlin = GivenTime::At("2026-11-24T09:00:00Z".parse().unwrap());
        for text in [
            "2026-11-24T10:00:00[Europe/Berlin]",
            "2026-11-24T10:00:00+01:00[Europe/Berlin]",
            "2026-11-24T10:00:00 01:00[Europe/Berlin]",
            "2026-11-24 10:00:00[Europe/Berlin]",
        ] {
            assert_eq!(bound(text), Some(Bound::Time(berlin)), "{text}");
        }
        assert_eq!(
            bound("20261124T030000Z"),
            Some(Bound::Time(time)),
            "a time without a colon is no date"
        );
        for text in [
            "2026-11-24[Europe/Berlin]",
            "2026-11-24T10",
            "2026-11-24T10:00:00+07:00[Europe/Berlin]",
            "2026-11-24T10:00:00[Europe]",
        ] {
            assert_eq!(bound(text), None, "{text}");
        }
        assert_eq!(bound("2026-13-24"), None);
        assert_eq!(bound("yesterday"), None);
    }
}
