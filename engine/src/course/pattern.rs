//! The dates of a course.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use super::MAX_COURSE;
use crate::{
    error::{AppError, Field, FieldProblem},
    time::monday,
};

/// The most weeks or days between two dates of a pattern.
pub const MAX_EVERY: i32 = 52;

/// The number of years in which the dates of a pattern are sought.
const YEARS: i32 = 3;

/// What a pattern counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Days,
    Weeks,
}

/// The end of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After so many dates.
    Count(usize),
    /// After this date.
    Until(Date),
}

/// Dates that come again, at one time of the clinic's wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Every so many days or weeks.
    pub every: i32,
    pub unit: Unit,
    /// The days of a week on which they are. A pattern of days may name none: then every day will do.
    pub weekdays: Vec<Weekday>,
    /// Minutes after midnight.
    pub minute: i32,
    /// The first date that may be one of them.
    pub from: Date,
    pub end: End,
}

impl Pattern {
    /// Lists the dates, earliest first.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` where the pattern has no dates or too many, or its numbers make no sense.
    pub fn dates(&self) -> Result<Vec<Date>, AppError> {
        let wrong = |problem| AppError::invalid(Field::Pattern, problem);
        let is_right = (1..=MAX_EVERY).contains(&self.every)
            && (0..24 * 60).contains(&self.minute)
            && (self.unit == Unit::Days || !self.weekdays.is_empty());
        if !is_right {
            return Err(wrong(FieldProblem::Malformed));
        }
        let last = match self.end {
            End::Count(count) if count > MAX_COURSE => return Err(wrong(FieldProblem::TooMany)),
            End::Count(_) => self.from.saturating_add(YEARS.years()),
            End::Until(until) => until.min(self.from.saturating_add(YEARS.years())),
        };
        let most = match self.end {
            End::Count(count) => count,
            // One more shows that there are too many.
            End::Until(_) => MAX_COURSE + 1,
        };
        let mut dates = Vec::new();
        let mut date = self.from;
        while date <= last && dates.len() < most {
            if self.has(date) {
                dates.push(date);
            }
            let Ok(next) = date.tomorrow() else {
                break;
            };
            date = next;
        }
        match dates.len() {
            0 => Err(wrong(FieldProblem::Missing)),
            1..=MAX_COURSE => Ok(dates),
            _ => Err(wrong(FieldProblem::TooMany)),
        }
    }

    /// Whether this date, on or after the first one, is one of them.
    fn has(&self, date: Date) -> bool {
        let is_wanted = self.weekdays.is_empty() || self.weekdays.contains(&date.weekday());
        let days_since = |first: Date| first.until(date).map_or(0, |span| span.get_days());
        let every = self.every;
        is_wanted
            && match self.unit {
                Unit::Days => days_since(self.from) % every == 0,
                Unit::Weeks => days_since(monday(self.from)) / 7 % every == 0,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(every: i32, unit: Unit, weekdays: &[Weekday], end: End) -> Pattern {
        Pattern {
            every,
            unit,
            weekdays: weekdays.to_vec(),
            minute: 9 * 60,
            // A Wednesday.
            from: jiff::civil::date(2026, 3, 4),
            end,
        }
    }

    fn days(pattern: &Pattern) -> Vec<String> {
        pattern.dates().unwrap().iter().map(Date::to_string).collect()
    }

    #[test]
    fn dates_come_again_by_weeks_and_by_days() {
        use Weekday::{Friday, Monday, Wednesday};
        let weekly = pattern(1, Unit::Weeks, &[Monday, Wednesday], End::Count(4));
        assert_eq!(
            days(&weekly),
            ["2026-03-04", "2026-03-09", "2026-03-11", "2026-03-16"]
        );
        // Every other week counts from the week of the first date.
        let second = pattern(2, Unit::Weeks, &[Monday, Friday], End::Count(4));
        assert_eq!(
            days(&second),
            ["2026-03-06", "2026-03-16", "2026-03-20", "2026-03-30"]
        );
        let third_day = pattern(3, Unit::Days, &[], End::Until(jiff::civil::date(2026, 3, 13)));
        assert_eq!(
            days(&third_day),
            ["2026-03-04", "2026-03-07", "2026-03-10", "2026-03-13"]
        );
        let working = pattern(1, Unit::Days, &[Monday, Friday], End::Count(3));
        assert_eq!(days(&working), ["2026-03-06", "2026-03-09", "2026-03-13"]);
        // Over a change of the clocks, dates are dates.
        let over = pattern(1, Unit::Weeks, &[Wednesday], End::Count(5));
        assert_eq!(days(&over)[4], "2026-04-01");
    }

    #[test]
    fn a_pattern_has_some_dates_and_not_too_many() {
        use FieldProblem::{Malformed, Missing, TooMany};
        let until = |month: i8, day: i8| End::Until(jiff::civil::date(2026, month, day));
        for (pattern, problem) in [
            (pattern(0, Unit::Days, &[], End::Count(2)), Malformed),
            (
                pattern(53, Unit::Weeks, &[Weekday::Monday], End::Count(2)),
                Malformed,
            ),
            (pattern(1, Unit::Weeks, &[], End::Count(2)), Malformed),
            (pattern(1, Unit::Days, &[], End::Count(21)), TooMany),
            (pattern(1, Unit::Days, &[], until(3, 24)), TooMany),
            (pattern(1, Unit::Days, &[], until(3, 3)), Missing),
            (pattern(1, Unit::Days, &[], End::Count(0)), Missing),
        ] {
            let wrong = AppError::invalid(Field::Pattern, problem);
            assert_eq!(pattern.dates(), Err(wrong), "{pattern:?}");
        }
        assert_eq!(
            pattern(1, Unit::Days, &[], until(3, 23))
                .dates()
                .map(|dates| dates.len()),
            Ok(20)
        );
    }
}
