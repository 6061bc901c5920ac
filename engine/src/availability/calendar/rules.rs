//! The rules of a service about its times.

use jiff::{Timestamp, ToSpan, civil};

use crate::{
    account::Role,
    time::{Range, plus_minutes},
};

/// The rules of a service about its times. All in minutes, but for the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceRules {
    pub duration: i64,
    pub buffer_before: i64,
    pub buffer_after: i64,
    pub interval: i32,
    pub notice: i64,
    /// In the clinic's zone.
    pub horizon: Horizon,
}

/// Number of days ahead for which a time can be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    CalendarDays(i32),
    /// Mondays to Fridays, whoever works then.
    WorkingDays(i32),
}

impl Horizon {
    /// The last date that can be booked: today itself, where the horizon is none.
    pub fn last_day(self, today: civil::Date) -> civil::Date {
        match self {
            Self::CalendarDays(days) => today.saturating_add(days.days()),
            Self::WorkingDays(days) => {
                // On a weekend, as many days ahead as on the Friday before it.
                let weekday = i32::from(today.weekday().to_monday_zero_offset());
                let weekend = (weekday - 4).max(0);
                let (weeks, rest) = (days / 5, days % 5);
                let over_a_weekend = if weekday.min(4) + rest > 4 { 2 } else { 0 };
                let ahead = 7 * weeks + rest + over_a_weekend - weekend;
                today.saturating_add(ahead.max(0).days())
            }
        }
    }
}

impl ServiceRules {
    /// The rules for a time that somebody in this role books: staff may book at zero notice.
    #[must_use]
    pub fn asked_of(self, role: Role) -> Self {
        match role.is_staff() {
            true => Self { notice: 0, ..self },
            false => self,
        }
    }

    /// These rules, for an appointment that keeps the length and the buffers it was made with.
    #[must_use]
    pub fn of_appointment(self, time: Range, blocked: Range) -> Self {
        let minutes = |from: Timestamp, until: Timestamp| (until.as_second() - from.as_second()) / 60;
        Self {
            duration: minutes(time.start, time.end),
            buffer_before: minutes(blocked.start, time.start),
            buffer_after: minutes(time.end, blocked.end),
            ..self
        }
    }

    /// The time that an appointment at `starts_at` takes.
    pub fn time(&self, starts_at: Timestamp) -> Range {
        Range::new(starts_at, plus_minutes(starts_at, self.duration))
    }

    /// The time that it blocks: with the buffers, which add up between neighbours.
    pub fn blocked(&self, starts_at: Timestamp) -> Range {
        let time = self.time(starts_at);
        Range::new(
            plus_minutes(time.start, -self.buffer_before),
            plus_minutes(time.end, self.buffer_after),
        )
    }
}
