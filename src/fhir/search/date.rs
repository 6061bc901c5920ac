//! Dates of searches: a prefix and a value that is as exact as it is written.

use engine::time::{Bound, GivenTime, bound_in_zone};
use jiff::{Span, Timestamp, civil, tz::TimeZone};

use super::Search;
use crate::{fhir::refusal::not_supported, server::api::Fault};

/// The range that the values of a parameter leave, each end where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    pub from: Option<GivenTime>,
    /// The first moment that no longer counts.
    pub until: Option<GivenTime>,
}

impl Search {
    /// The range that a parameter asks for: `ge2026-11-24` and `lt2026-12-01`, or one date.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn dates(&self, name: &str) -> Result<Dates, Fault> {
        let mut dates = Dates::default();
        for value in self.said(name) {
            let (prefix, value) = match value.get(..2) {
                Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                    (prefix, &value[2..])
                }
                _ => ("eq", value),
            };
            let (start, end) = span(value).ok_or_else(|| Fault::malformed(name))?;
            let (from, until) = match prefix {
                "eq" => (Some(start), Some(end)),
                "ge" => (Some(start), None),
                "gt" | "sa" => (Some(end), None),
                "lt" | "eb" => (None, Some(start)),
                "le" => (None, Some(end)),
                _ => return Err(not_supported(name)),
            };
            // Which of two is narrower is another question at each clinic.
            if from.is_some() && dates.from.is_some() || until.is_some() && dates.until.is_some() {
                return Err(not_supported(name));
            }
            dates.from = dates.from.or(from);
            dates.until = dates.until.or(until);
        }
        Ok(dates)
    }
}

impl Dates {
    /// The moments by the clock of a clinic, where both ends are there.
    pub fn in_zone(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let (from, until) = self.from.zip(self.until)?;
        Some((bound_in_zone(from, zone), bound_in_zone(until, zone)))
    }

    /// Whether a moment is in it by the clock of a clinic.
    pub fn contains(self, at: Timestamp, zone: &TimeZone) -> bool {
        self.from.is_none_or(|from| bound_in_zone(from, zone) <= at)
            && self.until.is_none_or(|until| at < bound_in_zone(until, zone))
    }
}

/// The range of a value: a year, a month, a date, a minute or a second.
pub fn span(value: &str) -> Option<(GivenTime, GivenTime)> {
    let midnight = |date: civil::Date| GivenTime::Local(date.to_datetime(civil::Time::midnight()));
    let dates =
        |first: civil::Date, span: Span| Some((midnight(first), midnight(first.checked_add(span).ok()?)));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match value.split('T').next()?.len() {
        4 if is_number(value) => {
            let first = civil::Date::new(value.parse().ok()?, 1, 1).ok()?;
            return dates(first, Span::new().years(1)).filter(|_| first.year() >= 1970);
        }
        7 => {
            let (year, month) = value.split_once('-')?;
            let is_both = is_number(year) && is_number(month);
            let first = civil::Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            return dates(first, Span::new().months(1)).filter(|_| is_both && first.year() >= 1970);
        }
        10 => {}
        _ => return None,
    }
    if !value.contains('T') {
        let bound = Bound::parse(value)?;
        return matches!(bound, Bound::Date(_)).then(|| (bound.start(), bound.end()));
    }
    // Of a time there are at least minutes; in an address, a plus sign that was not encoded is a space.
    let clock = value.split('T').nth(1)?;
    let length = clock.find(['+', '-', 'Z', 'z', ' ']).unwrap_or(clock.len());
    let (text, seconds) = match length {
        5 => (format!("{}:00{}", &value[..16], value.get(16..)?), 60),
        8.. => (value.to_owned(), 1),
        _ => return None,
    };
    let Bound::Time(start) = Bound::parse(&text)? else {
        return None;
    };
    let end = match start {
        GivenTime::At(at) => GivenTime::At(at.checked_add(Span::new().seconds(seconds)).ok()?),
        GivenTime::Local(local) => GivenTime::Local(local.checked_add(Span::new().seconds(seconds)).ok()?),
    };
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_range_as_exact_as_it_is_written() {
        let zone = engine::time::zone("Asia/Jakarta").unwrap();
        for (value, start, end) in [
            ("2026", "2025-12-31T17:00:00Z", "2026-12-31T17:00:00Z"),
            ("2026-12", "2026-11-30T17:00:00Z", "2026-12-31T17:00:00Z"),
            ("2026-11-24", "2026-11-23T17:00:00Z", "2026-11-24T17:00:00Z"),
            ("2026-11-24T10:00", "2026-11-24T03:00:00Z", "2026-11-24T03:01:00Z"),
            (
                "2026-11-24T10:00Z",
                "2026-11-24T10:00:00Z",
                "2026-11-24T10:01:00Z",
            ),
            (
                "2026-11-24T10:00:00+07:00",
                "2026-11-24T03:00:00Z",
                "2026-11-24T03:00:01Z",
            ),
            (
                "2026-11-24T10:00:00 07:00",
                "2026-11-24T03:00:00Z",
                "2026-11-24T03:00:01Z",
            ),
            (
                "2026-11-24T10:00:00.000Z",
                "2026-11-24T10:00:00Z",
                "2026-11-24T10:00:01Z",
            ),
        ] {
            let (from, until) = span(value).unwrap_or_else(|| panic!("{value}"));
            let at = |given: GivenTime| bound_in_zone(given, &zone).to_string();
            assert_eq!(
                (at(from), at(until)),
                (start.to_owned(), end.to_owned()),
                "{value}"
            );
        }
        for value in [
            "",
            "26",
            "2026-13",
            "2026-11-31",
            "2026-11-24T10",
            "x",
            "1969",
            "2026-1-1",
            "äöü-äöü",
        ] {
            assert!(span(value).is_none(), "{value}");
        }
    }
}
