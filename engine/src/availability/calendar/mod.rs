//! Slot arithmetic: pure, and exact in every zone on every day (B3, C6, PRODUCT §2).

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

use crate::{
    account::Role,
    time::{self, Range, plus_minutes},
};

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
    fn on(self, date: civil::Date, zone: &TimeZone) -> Option<Range> {
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
    fn taken_out(&self, day: &DayPlan, date: civil::Date, zone: &TimeZone) -> Vec<(WhyNot, Range)> {
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

/// A time on the grid of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub starts_at: Timestamp,
    /// Nobody has it.
    pub free: bool,
}

/// A date on the clinic's wall calendar, with its times in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: civil::Date,
    pub slots: Vec<Slot>,
}

impl Day {
    pub fn free(&self) -> usize {
        self.slots.iter().filter(|slot| slot.free).count()
    }
}

/// The reason why a time is not offered, for the person who books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOffered {
    /// Not a time of the plan, too soon, or too far ahead.
    Closed,
    /// Somebody has it.
    Taken,
}

/// The reason why a time is not offered, for staff: the first of several, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    DoctorInactive,
    ServiceInactive,
    /// The doctor does not offer this service at this clinic.
    NotOfferedHere,
    /// The clock of the clinic jumps over it.
    NoSuchTime,
    Past,
    BeforeNotice,
    BeyondHorizon,
    /// The week has no hours then.
    OutsidePlan,
    /// The date has an exception, and that has none.
    Exception,
    Break,
    Absence,
    Closure,
    Taken,
    OffGrid,
    /// It would end after the hours do.
    WouldNotFit,
}

impl WhyNot {
    /// As the keys of its texts have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DoctorInactive => "doctor-inactive",
            Self::ServiceInactive => "service-inactive",
            Self::NotOfferedHere => "not-offered-here",
            Self::NoSuchTime => "no-such-time",
            Self::Past => "past",
            Self::BeforeNotice => "before-notice",
            Self::BeyondHorizon => "beyond-horizon",
            Self::OutsidePlan => "outside-plan",
            Self::Exception => "exception",
            Self::Break => "break",
            Self::Absence => "absence",
            Self::Closure => "closure",
            Self::Taken => "taken",
            Self::OffGrid => "off-grid",
            Self::WouldNotFit => "would-not-fit",
        }
    }
}

/// Everything that decides which times of a doctor at a clinic can be booked.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The reason why nothing at all can be booked.
    pub closed: Option<WhyNot>,
    pub zone: TimeZone,
    pub plan: Plan,
    pub rules: ServiceRules,
    /// The blocked ranges, at whichever clinic, buffers included. Not in any order; may overlap.
    pub busy: Vec<Range>,
    pub now: Timestamp,
}

impl Calendar {
    /// The times of a date that are neither too soon nor too far ahead, free or not.
    pub fn day(&self, date: civil::Date) -> Day {
        if self.closed.is_some() || date > self.window().1 {
            return Day {
                date,
                slots: Vec::new(),
            };
        }
        let mut times = self.grid(date);
        times.retain(|&starts_at| self.too_late(starts_at).is_none());
        let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
            return Day {
                date,
                slots: Vec::new(),
            };
        };
        // Of a long history, little is on one day.
        let around = Range::new(self.rules.blocked(first).start, self.rules.blocked(last).end);
        let busy: Vec<Range> = self
            .busy
            .iter()
            .copied()
            .filter(|busy| busy.overlaps(around))
            .collect();
        let slots = times
            .into_iter()
            .map(|starts_at| Slot {
                starts_at,
                free: self.is_free(starts_at, &busy),
            })
            .collect();
        Day { date, slots }
    }

    /// Whether a booking of this time may be accepted: whether [`Self::day`] shows it as free.
    ///
    /// # Errors
    /// The reason for the refusal.
    pub fn check(&self, starts_at: Timestamp) -> Result<(), NotOffered> {
        let date = time::local_date(starts_at, &self.zone);
        let is_beyond = date > self.window().1;
        if self.closed.is_some()
            || is_beyond
            || self.too_late(starts_at).is_some()
            || !self.is_planned(starts_at)
        {
            return Err(NotOffered::Closed);
        }
        match self.is_free(starts_at, &self.busy) {
            true => Ok(()),
            false => Err(NotOffered::Taken),
        }
    }

    /// Whether [`Self::grid`] has this time. A booking asks for one, and does not wait for a day of them.
    fn is_planned(&self, starts_at: Timestamp) -> bool {
        let local = starts_at.to_zoned(self.zone.clone()).datetime();
        if local.second() != 0 || local.subsec_nanosecond() != 0 {
            return false;
        }
        let (date, minute) = (
            local.date(),
            60 * i32::from(local.hour()) + i32::from(local.minute()),
        );
        let (day, time) = (self.plan.of(date), self.rules.time(starts_at));
        let is_step = |hours: &&Hours| {
            (hours.from_minute..hours.until_minute).contains(&minute)
                && (minute - hours.from_minute) % self.rules.interval.max(1) == 0
        };
        let fits = |hours: &Hours| {
            hours
                .on(date, &self.zone)
                .is_some_and(|range| time.end <= range.end)
        };
        day.hours.iter().filter(is_step).any(fits)
            && !self
                .plan
                .taken_out(&day, date, &self.zone)
                .iter()
                .any(|(_, range)| range.overlaps(time))
    }

    /// The reason for which [`Self::check`] refuses this time.
    pub fn why_not(&self, starts_at: Timestamp) -> Option<WhyNot> {
        if self.check(starts_at).is_ok() {
            return None;
        }
        let date = time::local_date(starts_at, &self.zone);
        let beyond = (date > self.window().1).then_some(WhyNot::BeyondHorizon);
        if let Some(why) = self.closed.or(self.too_late(starts_at)).or(beyond) {
            return Some(why);
        }
        let day = self.plan.of(date);
        let contains = |hours: &&Hours| {
            hours
                .on(date, &self.zone)
                .is_some_and(|range| range.start <= starts_at && starts_at < range.end)
        };
        let around: Vec<Hours> = day.hours.iter().filter(contains).copied().collect();
        if around.is_empty() {
            return Some(match self.plan.exceptions.contains_key(&date) {
                true => WhyNot::Exception,
                false => WhyNot::OutsidePlan,
            });
        }
        let time = self.rules.time(starts_at);
        let taken_out = self.plan.taken_out(&day, date, &self.zone);
        if let Some((why, _)) = taken_out.iter().find(|(_, range)| range.overlaps(time)) {
            return Some(*why);
        }
        if !self.is_free(starts_at, &self.busy) {
            return Some(WhyNot::Taken);
        }
        let on_grid = around
            .iter()
            .any(|hours| self.steps(*hours, date).contains(&starts_at));
        Some(if on_grid {
            WhyNot::WouldNotFit
        } else {
            WhyNot::OffGrid
        })
    }

    /// Today, and the last date of the horizon.
    pub fn window(&self) -> (civil::Date, civil::Date) {
        let today = time::local_date(self.now, &self.zone);
        (today, self.rules.horizon.last_day(today))
    }

    /// Every time of the plan, whether or not it has passed. The grid of a range starts at its start
    /// and keeps its steps on the wall clock, whatever is taken out of it; each time fits whole.
    fn grid(&self, date: civil::Date) -> Vec<Timestamp> {
        let day = self.plan.of(date);
        let taken_out = self.plan.taken_out(&day, date, &self.zone);
        let mut starts = Vec::new();
        for hours in day.hours {
            let Some(range) = hours.on(date, &self.zone) else {
                continue;
            };
            starts.extend(self.steps(hours, date).into_iter().filter(|&starts_at| {
                let time = self.rules.time(starts_at);
                time.end <= range.end && !taken_out.iter().any(|(_, range)| range.overlaps(time))
            }));
        }
        // Ranges may overlap, and a repeated hour interleaves its times.
        starts.sort();
        starts.dedup();
        starts
    }

    /// The steps of the grid of a range.
    fn steps(&self, hours: Hours, date: civil::Date) -> Vec<Timestamp> {
        (hours.from_minute..hours.until_minute)
            .step_by(usize::try_from(self.rules.interval.max(1)).unwrap_or(1))
            .flat_map(|minute| time::instants(date, minute, &self.zone))
            .collect()
    }

    /// Whether it is too late to book this time; exactly now + notice is offered.
    fn too_late(&self, starts_at: Timestamp) -> Option<WhyNot> {
        if starts_at <= self.now {
            Some(WhyNot::Past)
        } else if starts_at < plus_minutes(self.now, self.rules.notice) {
            Some(WhyNot::BeforeNotice)
        } else {
            None
        }
    }

    fn is_free(&self, starts_at: Timestamp, busy: &[Range]) -> bool {
        let blocked = self.rules.blocked(starts_at);
        !busy.iter().any(|busy| busy.overlaps(blocked))
    }
}

#[cfg(test)]
mod repeated_hour;
#[cfg(test)]
mod tests;
