//! Reports: what a period brought, in figures that each have one definition (`docs/reports.md`).
//!
//! Managers see all of their clinics, doctors see themselves. Every figure is counted by the database, from the view
//! `reported_appointments`; only the minutes of plans, which know zones, are counted here.

mod capacity;
mod count;
mod figures;
mod filled;
mod heat;
mod money;
mod read;
mod remember;
mod reminded;
mod request;
mod rows;
mod session;
mod table;
mod wait;

use jiff::{ToSpan, civil};

use crate::{account::Caller, error::AppError};

pub use self::{
    figures::{Capacity, Figures, Filled, Money, Part, Reminders, Requests},
    heat::Hour,
    read::{Choices, Group, Name, Report, choices, report},
    remember::remember,
    rows::{ROWS, ReportedAppointment, Rows, rows},
    wait::{MAX_WAITS, Wait, third_next},
};

/// The most days of a report.
pub const MAX_DAYS: i32 = 366;

/// The days of a report, on the wall calendar of each clinic. Both are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub first: civil::Date,
    pub last: civil::Date,
}

impl Period {
    /// The days from one to another; none where they are in the wrong order, or more than [`MAX_DAYS`].
    pub fn new(first: civil::Date, last: civil::Date) -> Option<Self> {
        let period = Self { first, last };
        (first <= last && period.days() <= MAX_DAYS).then_some(period)
    }

    /// The calendar month before the one of this day.
    pub fn month_before(day: civil::Date) -> Self {
        let last = day.first_of_month().saturating_sub(1.day());
        Self {
            first: last.first_of_month(),
            last,
        }
    }

    /// The thirty days that end with the day before this one.
    pub fn days_before(day: civil::Date) -> Self {
        Self {
            first: day.saturating_sub(30.days()),
            last: day.saturating_sub(1.day()),
        }
    }

    /// The number of its days.
    pub fn days(self) -> i32 {
        (self.last - self.first).get_days() + 1
    }

    /// The period of comparison: the month before a month, and as many days before any other days.
    #[must_use]
    pub fn before(self) -> Self {
        let is_month = self.first == self.first.first_of_month() && self.last == self.first.last_of_month();
        if is_month {
            return Self::month_before(self.first);
        }
        Self {
            first: self.first.saturating_sub(self.days().days()),
            last: self.first.saturating_sub(1.day()),
        }
    }

    pub(crate) fn each(self) -> impl Iterator<Item = civil::Date> {
        self.first
            .series(1.day())
            .take_while(move |day| *day <= self.last)
    }
}

/// What the rows of a report are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Doctor,
    Clinic,
    Service,
    Channel,
}

impl By {
    pub const ALL: [Self; 4] = [Self::Doctor, Self::Clinic, Self::Service, Self::Channel];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Doctor => "doctor",
            Self::Clinic => "clinic",
            Self::Service => "service",
            Self::Channel => "channel",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == text)
    }
}

/// The ways by which appointments are booked, as the view `reported_appointments` has them.
pub const CHANNELS: [&str; 5] = ["online", "desk", "phone", "program", "waitlist"];

/// A wish for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub period: Period,
    pub by: By,
    pub filter: Filter,
}

/// The part of the organisation that a report is about; `None` is all that the caller sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub clinic_id: Option<i64>,
    pub doctor_id: Option<i64>,
    pub service_id: Option<i64>,
}

/// What a caller sees of what was asked for.
#[derive(Clone, Debug)]
struct Chosen {
    period: Period,
    clinics: Option<Vec<i64>>,
    doctor_id: Option<i64>,
    service_id: Option<i64>,
    by: Option<By>,
}

impl Chosen {
    /// # Errors
    /// `NOT_FOUND` for patients and reception, and for what is not the caller's.
    fn new(caller: &Caller, period: Period, filter: Filter) -> Result<Self, AppError> {
        let doctor_id = match caller {
            Caller::Admin { .. } => filter.doctor_id,
            Caller::Doctor { doctor_id, .. } if filter.doctor_id.is_none_or(|id| id == *doctor_id) => {
                Some(*doctor_id)
            }
            Caller::Doctor { .. } | Caller::Patient { .. } | Caller::Reception { .. } => {
                return Err(AppError::NotFound);
            }
        };
        let clinics = match filter.clinic_id {
            Some(id) if caller.is_kept_from(id) => return Err(AppError::NotFound),
            Some(id) => Some(vec![id]),
            None => caller.clinics().map(<[i64]>::to_vec),
        };
        Ok(Self {
            period,
            clinics,
            doctor_id,
            service_id: filter.service_id,
            by: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn period(first: civil::Date, last: civil::Date) -> Period {
        Period::new(first, last).unwrap()
    }

    #[test]
    fn a_month_is_compared_with_the_month_before_and_days_with_as_many() {
        for (asked, expected) in [
            (
                period(date(2026, 3, 1), date(2026, 3, 31)),
                period(date(2026, 2, 1), date(2026, 2, 28)),
            ),
            (
                period(date(2026, 1, 1), date(2026, 1, 31)),
                period(date(2025, 12, 1), date(2025, 12, 31)),
            ),
            (
                period(date(2026, 3, 2), date(2026, 3, 8)),
                period(date(2026, 2, 23), date(2026, 3, 1)),
            ),
            (
                period(date(2026, 1, 1), date(2026, 12, 31)),
                period(date(2025, 1, 1), date(2025, 12, 31)),
            ),
        ] {
            assert_eq!(asked.before(), expected, "{asked:?}");
        }
    }

    #[test]
    fn a_period_has_an_order_and_at_most_a_year() {
        let first = date(2024, 1, 1);
        assert_eq!(Period::new(first, date(2023, 12, 31)), None);
        assert_eq!(period(first, first).days(), 1);
        assert_eq!(period(first, date(2024, 12, 31)).days(), MAX_DAYS);
        assert_eq!(Period::new(first, date(2025, 1, 1)), None);
        assert_eq!(period(first, date(2024, 1, 3)).each().count(), 3);
    }

    #[test]
    fn the_month_before_is_whole() {
        let expected = period(date(2024, 2, 1), date(2024, 2, 29));
        assert_eq!(Period::month_before(date(2024, 3, 31)), expected);
    }
}
