//! The hours of a doctor: of the week, of single dates, and what is taken out of them.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil, tz::TimeZone};

use super::why_not::WhyNot;
use crate::time::{self, Range, plus_minutes};

/// A range of hours on some date, in minutes after midnight of the clinic's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    pub from_minute: i32,
    pub until_minute: i32,
}

impl Hours {
    /// From midnight to midnight.
    pub const WHOLE_DAY: Self = Self {
        from_minute: 0,
        until_minute: 1440,
    };

    /// From the first moment at which the clock of this date shows the start, to the last at which it shows
    /// the end. Nothing where they are empty, inverted, or jumped over.
    pub(super) fn on(self, date: civil::Date, zone: &TimeZone) -> Option<Range> {
        if self.from_minute >= self.until_minute {
            return None;
        }
        let start = time::first_instant(date, self.from_minute, zone)?;
        let end = time::last_instant(date, self.until_minute, zone)?;
        (start < end).then(|| Range::new(start, end))
    }

    /// The times at which the clock of this date shows these hours. In the night in which an hour comes twice they may be
    /// two ranges: hours that end within the hour pause while the rest of it comes for the first time.
    pub fn each_on(self, date: civil::Date, zone: &TimeZone) -> Vec<Range> {
        let Some(whole) = self.on(date, zone) else {
            return Vec::new();
        };
        let minutes = i64::from(self.until_minute - self.from_minute);
        if whole.end <= plus_minutes(whole.start, minutes) {
            return vec![whole];
        }
        // The clock is put back in between: each side of that moment has its own offset.
        let Some(back) = zone
            .following(whole.start)
            .map(|transition| transition.timestamp())
            .take_while(|at| *at <= whole.end)
            .last()
        else {
            return vec![whole];
        };
        let before = zone.to_offset(plus_minutes(back, -1));
        let after = zone.to_offset(back);
        let at = |minute: i32, offset: jiff::tz::Offset| {
            let local = date
                .to_datetime(civil::Time::midnight())
                .saturating_add(i64::from(minute).minutes());
            offset.to_timestamp(local).unwrap_or(back)
        };
        let first = Range::new(whole.start, at(self.until_minute, before).min(back));
        let second = Range::new(
            at(self.from_minute, after).max(back),
            at(self.until_minute, after),
        );
        [first, second]
            .into_iter()
            .filter(|range| range.start < range.end)
            .collect()
    }
}

/// Hours of a weekday of the plan, and the dates between which they are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekly {
    pub weekday: civil::Weekday,
    pub hours: Hours,
    pub is_break: bool,
    /// Both are included.
    pub valid_from: Option<civil::Date>,
    pub valid_until: Option<civil::Date>,
}

impl Weekly {
    fn holds_on(&self, date: civil::Date) -> bool {
        self.weekday == date.weekday()
            && self.valid_from.is_none_or(|from| from <= date)
            && self.valid_until.is_none_or(|until| date <= until)
    }
}

/// The plan of one date: the working hours, and the ranges that are taken out of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayPlan {
    pub hours: Vec<Hours>,
    pub breaks: Vec<Hours>,
}

impl DayPlan {
    pub fn push(&mut self, hours: Hours, is_break: bool) {
        if is_break {
            self.breaks.push(hours);
        } else {
            self.hours.push(hours);
        }
    }
}

/// The kind of time off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// The doctor's.
    Absence,
    /// Everybody's.
    Closure,
}

/// Dates that are taken out of whatever the plan says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOff {
    pub kind: Off,
    /// Both are included.
    pub first_day: civil::Date,
    pub last_day: civil::Date,
    /// Of each of these dates; without, the whole date.
    pub hours: Option<Hours>,
    /// Again on the same days of every later year.
    pub yearly: bool,
}

impl TimeOff {
    /// Whether this date is one of them. What repeats yearly is a set of days of the year, so 29 February comes
    /// in leap years alone.
    pub fn covers(&self, date: civil::Date) -> bool {
        if !self.yearly {
            return self.first_day <= date && date <= self.last_day;
        }
        let day = |date: civil::Date| (date.month(), date.day());
        let (first, last, this) = (day(self.first_day), day(self.last_day), day(date));
        let among_them = if self.first_day.year() == self.last_day.year() {
            first <= this && this <= last
        } else {
            // Over the end of the year.
            first <= this || this <= last
        };
        self.first_day <= date && among_them
    }
}

/// When a doctor works at a clinic.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub weekly: Vec<Weekly>,
    /// Dates that do not follow the week; without any hours, a day off.
    pub exceptions: BTreeMap<civil::Date, DayPlan>,
    /// Ranges that are taken out of both.
    pub time_off: Vec<TimeOff>,
}

impl Plan {
    /// The plan of a date: its exception, where it has one, else its weekday.
    pub fn of(&self, date: civil::Date) -> DayPlan {
        let mut day = match self.exceptions.get(&date) {
            Some(day) => day.clone(),
            None => {
                let mut day = DayPlan::default();
                for weekly in self.weekly.iter().filter(|weekly| weekly.holds_on(date)) {
                    day.push(weekly.hours, weekly.is_break);
                }
                day
            }
        };
        day.hours.sort_by_key(|hours| hours.from_minute);
        day
    }

    /// The ranges that are taken out of the hours of a date, breaks first. Each of two times that the clock shows twice is
    /// judged by itself: both are taken out where the clock shows such hours, and neither where it does not.
    pub(super) fn taken_out(
        &self,
        day: &DayPlan,
        date: civil::Date,
        zone: &TimeZone,
    ) -> Vec<(WhyNot, Range)> {
        let breaks = day.breaks.iter().map(|hours| (WhyNot::Break, *hours));
        let off = |kind: Off, why: WhyNot| {
            self.time_off
                .iter()
                .filter(move |off| off.kind == kind && off.covers(date))
                .map(move |off| (why, off.hours.unwrap_or(Hours::WHOLE_DAY)))
        };
        breaks
            .chain(off(Off::Absence, WhyNot::Absence))
            .chain(off(Off::Closure, WhyNot::Closure))
            .flat_map(|(why, hours)| {
                hours
                    .each_on(date, zone)
                    .into_iter()
                    .map(move |range| (why, range))
            })
            .collect()
    }

    /// The ranges of a date that can be booked: its hours, each moment once, without what is taken out of them. In order.
    pub fn open_on(&self, date: civil::Date, zone: &TimeZone) -> Vec<Range> {
        let day = self.of(date);
        let mut taken: Vec<Range> = self
            .taken_out(&day, date, zone)
            .into_iter()
            .map(|(_, range)| range)
            .collect();
        taken.sort_unstable_by_key(|range| range.start);
        let mut hours: Vec<Range> = day
            .hours
            .iter()
            .filter_map(|hours| hours.on(date, zone))
            .collect();
        hours.sort_unstable_by_key(|range| range.start);
        let mut open = Vec::new();
        let mut reached = jiff::Timestamp::MIN;
        for range in hours {
            let mut start = range.start.max(reached);
            for out in taken.iter().filter(|out| out.overlaps(range)) {
                if start < out.start {
                    open.push(Range::new(start, out.start.min(range.end)));
                }
                start = start.max(out.end);
            }
            if start < range.end {
                open.push(Range::new(start, range.end));
            }
            reached = reached.max(range.end);
        }
        open
    }

    /// Whether a time meets a day off, an absence or a closure, whatever the hours of the week are: sessions need not be in these.
    pub fn is_off(&self, time: Range, zone: &TimeZone) -> bool {
        let (first, last) = (
            time::local_date(time.start, zone),
            time::local_date(time.end, zone),
        );
        let overlaps = |date: civil::Date, hours: Hours| {
            let ranges = hours.each_on(date, zone);
            ranges.iter().any(|range| range.overlaps(time))
        };
        first
            .series(1.day())
            .take_while(|date| *date <= last)
            .any(|date| {
                let is_free_day = self.exceptions.get(&date).is_some_and(|day| day.hours.is_empty());
                let off = self.time_off.iter().filter(|off| off.covers(date));
                let mut off = off.map(|off| off.hours.unwrap_or(Hours::WHOLE_DAY));
                is_free_day && overlaps(date, Hours::WHOLE_DAY) || off.any(|hours| overlaps(date, hours))
            })
    }

    /// Whether a time lies whole in the hours of its date, be it on the grid or not: an appointment that was booked earlier
    /// keeps its time when the plan changes, and needs somebody's attention where this is false.
    pub fn holds(&self, time: Range, zone: &TimeZone) -> bool {
        let date = time::local_date(time.start, zone);
        let day = self.of(date);
        let within = day
            .hours
            .iter()
            .filter_map(|hours| hours.on(date, zone))
            .any(|range| range.start <= time.start && time.end <= range.end);
        within
            && !self
                .taken_out(&day, date, zone)
                .iter()
                .any(|(_, range)| range.overlaps(time))
    }
}
