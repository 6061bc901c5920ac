//! Slot arithmetic: pure, and exact in every zone on every day (B3, C6, PRODUCT §2).

mod plan;
#[cfg(test)]
mod repeated_hour;
mod rules;
#[cfg(test)]
mod tests;
mod why_not;

use jiff::{Timestamp, civil, tz::TimeZone};

pub use self::{
    plan::{DayPlan, Hours, Off, Plan, TimeOff, Weekly},
    rules::{Horizon, ServiceRules},
    why_not::{NotOffered, WhyNot},
};
use crate::time::{self, Range, plus_minutes};

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
    /// The times at which the doctor is busy by a calendar elsewhere. Not in any order.
    pub busy_elsewhere: Vec<Range>,
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
        let busy: Vec<Range> = self.all_busy().filter(|busy| busy.overlaps(around)).collect();
        let slots = times
            .into_iter()
            .map(|starts_at| Slot {
                starts_at,
                free: self.is_free(starts_at, busy.iter().copied()),
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
        match self.is_free(starts_at, self.all_busy()) {
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
        if !self.is_free(starts_at, self.busy_elsewhere.iter().copied()) {
            return Some(WhyNot::BusyElsewhere);
        }
        if !self.is_free(starts_at, self.busy.iter().copied()) {
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

    /// All ranges that keep the doctor, here or elsewhere.
    fn all_busy(&self) -> impl Iterator<Item = Range> + '_ {
        self.busy.iter().chain(&self.busy_elsewhere).copied()
    }

    fn is_free(&self, starts_at: Timestamp, mut busy: impl Iterator<Item = Range>) -> bool {
        let blocked = self.rules.blocked(starts_at);
        !busy.any(|busy| busy.overlaps(blocked))
    }
}
