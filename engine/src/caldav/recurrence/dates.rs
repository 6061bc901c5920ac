//! Which dates a rule means.

use jiff::{ToSpan, civil};

use super::rule::{Frequency, Rule};

impl Rule {
    /// Whether a rule that counts days, weeks, months or years, and began on this date, means a date of one of its periods.
    pub(super) fn means(&self, date: civil::Date, began: civil::Date) -> bool {
        self.is_in_months(date, began) && self.is_of_days(date, began)
    }

    /// Whether it says something of days.
    fn says_days(&self) -> bool {
        !(self.weeks.is_empty()
            && self.year_days.is_empty()
            && self.month_days.is_empty()
            && self.weekdays.is_empty())
    }

    fn is_in_months(&self, date: civil::Date, began: civil::Date) -> bool {
        match self.months.is_empty() {
            false => self.months.contains(&i16::from(date.month())),
            // Each year on the day on which it began.
            true => self.frequency != Frequency::Yearly || self.says_days() || date.month() == began.month(),
        }
    }

    fn is_of_days(&self, date: civil::Date, began: civil::Date) -> bool {
        if !self.says_days() {
            return match self.frequency {
                Frequency::Yearly | Frequency::Monthly => date.day() == began.day(),
                Frequency::Weekly => date.weekday() == began.weekday(),
                Frequency::Daily | Frequency::Hourly | Frequency::Minutely => true,
            };
        }
        // What a week is of says nothing of which of its days: that on which it began.
        let is_of_week = self.weeks.is_empty()
            || self.is_of_week(date) && (!self.weekdays.is_empty() || date.weekday() == began.weekday());
        let in_year = date.day_of_year();
        let in_month = i16::from(date.day());
        is_of_week
            && is_among(&self.year_days, in_year, date.days_in_year())
            && is_among(&self.month_days, in_month, i16::from(date.days_in_month()))
            && (self.weekdays.is_empty() || self.is_of_weekday(date))
    }

    /// Whether it is such a weekday, or the one of its month or year that is meant.
    fn is_of_weekday(&self, date: civil::Date) -> bool {
        let is_of_month = self.frequency == Frequency::Monthly
            || self.frequency == Frequency::Yearly && !self.months.is_empty();
        let (day, days) = match (is_of_month, self.frequency) {
            (true, _) => (i16::from(date.day()), i16::from(date.days_in_month())),
            (false, Frequency::Yearly) => (date.day_of_year(), date.days_in_year()),
            // Weeks have each of them once.
            _ => (0, 0),
        };
        self.weekdays.iter().any(|(ordinal, weekday)| {
            let is_meant = match ordinal {
                0 => true,
                _ if days == 0 => true,
                1.. => (day - 1) / 7 + 1 == *ordinal,
                _ => -((days - day) / 7 + 1) == *ordinal,
            };
            date.weekday() == *weekday && is_meant
        })
    }

    /// Whether the date is of such a week of a year: the first has four days of it at least.
    fn is_of_week(&self, date: civil::Date) -> bool {
        let first_of_week = self.first_of_week(date);
        // The year that has most of the days of the week.
        let year = first_of_week.saturating_add(3.days()).year();
        let first_week = |year: i16| {
            civil::Date::new(year, 1, 4)
                .ok()
                .map(|fourth| self.first_of_week(fourth))
        };
        let (Some(first), Some(next)) = (first_week(year), first_week(year.saturating_add(1))) else {
            return false;
        };
        let weeks_since = |from: civil::Date, to: civil::Date| {
            i16::try_from(to.duration_since(from).as_hours() / (7 * 24)).unwrap_or(0)
        };
        is_among(
            &self.weeks,
            weeks_since(first, first_of_week) + 1,
            weeks_since(first, next),
        )
    }

    /// The day on which the week of a date begins.
    pub(super) fn first_of_week(&self, date: civil::Date) -> civil::Date {
        let since = self.week_begins.until(date.weekday());
        date.saturating_sub(i32::from(since).days())
    }
}

/// Whether a number, one of so many, is one of those that are meant; where none is, all are.
fn is_among(meant: &[i16], number: i16, of: i16) -> bool {
    meant.is_empty() || meant.contains(&number) || meant.contains(&(number - of - 1))
}
