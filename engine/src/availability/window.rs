//! The range of time that programs ask free times for.

use jiff::{Timestamp, tz::TimeZone};

use super::Offering;
use crate::{
    error::AppError,
    time::{Bound, Range, bound_in_zone, plus_minutes},
};

const DAY: i64 = 24 * 60;

/// The length of a window in days: at most, and where it has no end.
const MAX_DAYS: i64 = 62;
const USUAL_DAYS: i64 = 14;

/// The minutes by which clocks are put back at most, so that a window of whole dates may be as much longer.
const PUT_BACK: i64 = 2 * 60;

/// The range of time that free times are asked for: from now on, and two weeks, where nothing is said. A date or a wall
/// clock is another moment at each clinic, so the two ends are compared there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    pub from: Option<Bound>,
    pub to: Option<Bound>,
}

impl Window {
    /// The moments of the window by the clock of a clinic.
    ///
    /// # Errors
    /// `INVALID_DATE_RANGE` where it ends before it begins, or is too long.
    fn in_zone(self, zone: &TimeZone, now: Timestamp) -> Result<Range, AppError> {
        let start = self.from.map_or(now, |from| bound_in_zone(from.start(), zone));
        let end = match self.to {
            Some(to) => bound_in_zone(to.end(), zone),
            None => plus_minutes(start, USUAL_DAYS * DAY),
        };
        match end <= start || end > plus_minutes(start, (MAX_DAYS + 1) * DAY + PUT_BACK) {
            true => Err(AppError::InvalidDateRange),
            false => Ok(Range::new(start, end)),
        }
    }

    /// The moments of the window at the clinic of each offering: nothing where only another clinic has such a window.
    ///
    /// # Errors
    /// `INVALID_DATE_RANGE` where it is none at any clinic.
    pub(super) fn at(self, offerings: &[Offering], now: Timestamp) -> Result<Vec<Range>, AppError> {
        let ranges: Vec<_> = offerings
            .iter()
            .map(|offering| self.in_zone(&offering.zone, now))
            .collect();
        if !ranges.is_empty() && ranges.iter().all(Result::is_err) {
            return Err(AppError::InvalidDateRange);
        }
        let nothing = Range::new(now, now);
        Ok(ranges.into_iter().map(|range| range.unwrap_or(nothing)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;

    fn ask(from: &str, to: &str, zone: &str, now: &str) -> bool {
        let window = Window {
            from: Bound::parse(from),
            to: Bound::parse(to),
        };
        let zone = time::zone(zone).unwrap();
        window.in_zone(&zone, now.parse().unwrap()).is_ok()
    }

    #[test]
    fn a_window_begins_before_it_ends_and_is_not_too_long() {
        for (from, to, expected) in [
            ("", "", true),
            ("2026-11-24", "2026-11-24", true),
            ("2026-11-25", "2026-11-24", false),
            ("2026-12-01", "", true),
            ("", "2026-11-01", false),
            ("2026-11-24", "2027-01-24", true),
            ("2026-11-24", "2027-02-24", false),
            ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z", false),
            ("9999-12-31", "", false),
        ] {
            let is_one = ask(from, to, "UTC", "2026-11-24T10:00:00Z");
            assert_eq!(is_one, expected, "{from} to {to}");
        }
    }

    #[test]
    fn a_window_is_as_long_where_the_clock_goes_back_in_it() {
        for zone in ["Asia/Jakarta", "Europe/Berlin"] {
            let now = "2026-08-01T00:00:00Z";
            assert!(ask("2026-09-01", "2026-11-02", zone, now), "{zone}");
            assert!(!ask("2026-09-01", "2026-11-03", zone, now), "{zone}");
        }
    }

    #[test]
    fn both_ends_are_compared_as_moments() {
        let now = "2026-12-02T02:00:00Z";
        for (from, to, zone, expected) in [
            (
                "2026-12-02T10:30:00",
                "2026-12-02T07:00:00Z",
                "Asia/Jakarta",
                true,
            ),
            (
                "2026-12-02T10:30:00",
                "2026-12-02T03:30:00Z",
                "Asia/Jakarta",
                false,
            ),
            (
                "2026-12-02T07:00:00Z",
                "2026-12-02T10:30:00",
                "Asia/Jakarta",
                false,
            ),
            (
                "2026-12-02T03:00:00Z",
                "2026-12-02T10:30:00",
                "Asia/Jakarta",
                true,
            ),
            ("2026-12-02T10:00:00", "2026-12-02T09:30:00Z", "UTC", false),
            // Today in the west, while it is tomorrow in Greenwich.
            ("", "2026-12-01", "America/Los_Angeles", true),
            ("", "2026-12-01", "Asia/Jakarta", false),
            ("", "2026-12-01T20:00:00", "America/Los_Angeles", true),
            ("", "2026-12-01T17:00:00", "America/Los_Angeles", false),
            // Tomorrow in the east.
            ("", "2026-12-02", "Pacific/Kiritimati", true),
        ] {
            assert_eq!(ask(from, to, zone, now), expected, "{from} to {to} in {zone}");
        }
    }
}
