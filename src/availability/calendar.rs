//! Slot arithmetic: pure, and exact in every zone on every day (B3, C6, PRODUCT §2).

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

use crate::time::{self, Range, plus_minutes};

/// A range of hours on some date, in minutes after midnight of the clinic's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    pub from_minute: i32,
    pub until_minute: i32,
}

impl Hours {
    const WHOLE_DAY: Self = Self {
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

/// What the plan says about one date: when work is done, and what is taken out of that.
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

/// Whose time off it is.
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
    /// What is taken out of both.
    pub time_off: Vec<TimeOff>,
}

impl Plan {
    /// What holds on a date: its exception, where it has one, else its weekday.
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

    /// What is taken out of the hours of a date, breaks first.
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
            .filter_map(|(why, hours)| Some((why, hours.on(date, zone)?)))
            .collect()
    }

    /// Whether a visit lies whole in the hours of its date, be it on the grid or not: what was booked earlier
    /// keeps its time when the plan changes, and needs somebody's attention where this is false.
    pub fn holds(&self, visit: Range, zone: &TimeZone) -> bool {
        let date = time::local_date(visit.start, zone);
        let day = self.of(date);
        let within = day
            .hours
            .iter()
            .filter_map(|hours| hours.on(date, zone))
            .any(|range| range.start <= visit.start && visit.end <= range.end);
        within
            && !self
                .taken_out(&day, date, zone)
                .iter()
                .any(|(_, range)| range.overlaps(visit))
    }
}

/// What a service asks of a time. All in minutes, but for the horizon.
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

/// How many days ahead a time can be booked.
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
    /// These rules, for an appointment that keeps the length and the buffers it was made with.
    #[must_use]
    pub fn of_visit(self, visit: Range, blocked: Range) -> Self {
        let minutes = |from: Timestamp, until: Timestamp| (until.as_second() - from.as_second()) / 60;
        Self {
            duration: minutes(visit.start, visit.end),
            buffer_before: minutes(blocked.start, visit.start),
            buffer_after: minutes(visit.end, blocked.end),
            ..self
        }
    }

    /// The time that an appointment at `starts_at` takes.
    pub fn visit(&self, starts_at: Timestamp) -> Range {
        Range::new(starts_at, plus_minutes(starts_at, self.duration))
    }

    /// The time that it blocks: with the buffers, which add up between neighbours.
    pub fn blocked(&self, starts_at: Timestamp) -> Range {
        let visit = self.visit(starts_at);
        Range::new(
            plus_minutes(visit.start, -self.buffer_before),
            plus_minutes(visit.end, self.buffer_after),
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

/// Why a time is not offered, as far as who books is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOffered {
    /// Not a time of the plan, too soon, or too far ahead.
    Closed,
    /// Somebody has it.
    Taken,
}

/// Why a time is not offered, as staff are told: the first reason of several, in this order.
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
    /// Why nothing at all can be booked, where that is so.
    pub closed: Option<WhyNot>,
    pub zone: TimeZone,
    pub plan: Plan,
    pub rules: ServiceRules,
    /// What is blocked, at whichever clinic, buffers included. Not in any order; may overlap.
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
    /// Why not.
    pub fn check(&self, starts_at: Timestamp) -> Result<(), NotOffered> {
        let date = time::local_date(starts_at, &self.zone);
        match self
            .day(date)
            .slots
            .iter()
            .find(|slot| slot.starts_at == starts_at)
        {
            Some(slot) if slot.free => Ok(()),
            Some(_) => Err(NotOffered::Taken),
            None => Err(NotOffered::Closed),
        }
    }

    /// Why [`Self::check`] refuses this time, if it does.
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
        let visit = self.rules.visit(starts_at);
        let taken_out = self.plan.taken_out(&day, date, &self.zone);
        if let Some((why, _)) = taken_out.iter().find(|(_, range)| range.overlaps(visit)) {
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
                let visit = self.rules.visit(starts_at);
                visit.end <= range.end && !taken_out.iter().any(|(_, range)| range.overlaps(visit))
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
mod tests {
    use jiff::civil::Weekday;
    use proptest::prelude::*;

    use super::*;

    const RULES: ServiceRules = ServiceRules {
        duration: 30,
        buffer_before: 0,
        buffer_after: 0,
        interval: 30,
        notice: 0,
        horizon: Horizon::CalendarDays(30),
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn hours((from_minute, until_minute): (i32, i32)) -> Hours {
        Hours {
            from_minute,
            until_minute,
        }
    }

    fn every_day(plan: &mut Plan, range: (i32, i32), is_break: bool) {
        plan.weekly.extend((1..=7).map(|weekday| Weekly {
            weekday: Weekday::from_monday_one_offset(weekday).unwrap(),
            hours: hours(range),
            is_break,
            valid_from: None,
            valid_until: None,
        }));
    }

    fn off(kind: Off, day: civil::Date, range: Option<(i32, i32)>) -> TimeOff {
        TimeOff {
            kind,
            first_day: day,
            last_day: day,
            hours: range.map(hours),
            yearly: false,
        }
    }

    fn calendar(zone: &str, hours: &[(i32, i32)]) -> Calendar {
        let mut plan = Plan::default();
        for &range in hours {
            every_day(&mut plan, range, false);
        }
        Calendar {
            closed: None,
            zone: time::zone(zone).unwrap(),
            plan,
            rules: RULES,
            busy: Vec::new(),
            now: at("2026-01-01T00:00:00Z"),
        }
    }

    fn clocks(calendar: &Calendar, date: civil::Date) -> Vec<String> {
        calendar
            .day(date)
            .slots
            .iter()
            .filter(|slot| slot.free)
            .map(|slot| {
                slot.starts_at
                    .to_zoned(calendar.zone.clone())
                    .strftime("%H:%M%:z")
                    .to_string()
            })
            .collect()
    }

    #[test]
    fn the_grid_starts_at_the_start_of_its_range_and_the_last_time_fits_whole() {
        // What it shows, hours of the day, duration, interval, and the times that result.
        type Scenario = (
            &'static str,
            &'static [(i32, i32)],
            i64,
            i32,
            &'static [&'static str],
        );
        let scenarios: &[Scenario] = &[
            ("whole hours", &[(540, 600)], 30, 30, &["09:00", "09:30"]),
            ("odd start", &[(547, 610)], 30, 30, &["09:07", "09:37"]),
            ("does not fit", &[(540, 569)], 30, 30, &[]),
            ("fits exactly", &[(540, 570)], 30, 30, &["09:00"]),
            ("longer than its step", &[(540, 600)], 45, 15, &["09:00", "09:15"]),
            ("empty range", &[(540, 540)], 30, 30, &[]),
            ("inverted range", &[(600, 540)], 30, 30, &[]),
            (
                "a break between ranges",
                &[(540, 570), (600, 630)],
                30,
                30,
                &["09:00", "10:00"],
            ),
            (
                "overlapping ranges",
                &[(540, 600), (570, 630)],
                30,
                30,
                &["09:00", "09:30", "10:00"],
            ),
            ("up to midnight", &[(1410, 1440)], 30, 30, &["23:30"]),
            ("five-minute window", &[(540, 545)], 5, 5, &["09:00"]),
        ];
        for (name, hours, duration, interval, expected) in scenarios {
            let mut calendar = calendar("Asia/Jakarta", hours);
            calendar.rules.duration = *duration;
            calendar.rules.interval = *interval;
            let expected: Vec<String> = expected.iter().map(|c| format!("{c}+07:00")).collect();
            assert_eq!(clocks(&calendar, civil::date(2026, 1, 12)), expected, "{name}");
        }
    }

    #[test]
    fn a_block_in_the_middle_does_not_move_the_grid() {
        let mut calendar = calendar("UTC", &[(540, 660)]);
        calendar.busy = vec![Range::new(at("2026-01-12T09:40:00Z"), at("2026-01-12T09:50:00Z"))];
        let day = civil::date(2026, 1, 12);
        assert_eq!(
            clocks(&calendar, day),
            ["09:00+00:00", "10:00+00:00", "10:30+00:00"]
        );
        assert_eq!(calendar.day(day).slots.len(), 4);
    }

    #[test]
    fn buffers_of_neighbours_add_up() {
        let mut calendar = calendar("UTC", &[(540, 660)]);
        calendar.rules.interval = 5;
        calendar.rules.buffer_before = 5;
        calendar.rules.buffer_after = 10;
        // 09:30 to 10:00 with its own buffers.
        calendar.busy = vec![Range::new(at("2026-01-12T09:25:00Z"), at("2026-01-12T10:10:00Z"))];
        let free = clocks(&calendar, civil::date(2026, 1, 12));
        assert_eq!(free.first().map(String::as_str), Some("10:15+00:00"));
        assert_eq!(free.last().map(String::as_str), Some("10:30+00:00"));
    }

    #[test]
    fn a_time_that_the_clock_skips_is_no_time_and_one_that_comes_twice_is_two() {
        let calendar = {
            let mut calendar = calendar("Europe/Berlin", &[(60, 240)]);
            calendar.rules.horizon = Horizon::CalendarDays(700);
            calendar
        };
        assert_eq!(
            clocks(&calendar, civil::date(2026, 3, 29)),
            ["01:00+01:00", "01:30+01:00", "03:00+02:00", "03:30+02:00"]
        );
        assert_eq!(
            clocks(&calendar, civil::date(2026, 10, 25)),
            [
                "01:00+02:00",
                "01:30+02:00",
                "02:00+02:00",
                "02:30+02:00",
                "02:00+01:00",
                "02:30+01:00",
                "03:00+01:00",
                "03:30+01:00"
            ]
        );
    }

    #[test]
    fn an_exception_replaces_the_weekly_plan_of_its_date() {
        let mut calendar = calendar("UTC", &[(540, 600)]);
        let (closed, other, usual) = (
            civil::date(2026, 1, 12),
            civil::date(2026, 1, 13),
            civil::date(2026, 1, 14),
        );
        calendar.plan.exceptions.insert(closed, DayPlan::default());
        let late = DayPlan {
            hours: vec![hours((840, 870))],
            breaks: Vec::new(),
        };
        calendar.plan.exceptions.insert(other, late);
        assert_eq!(clocks(&calendar, closed), Vec::<String>::new());
        assert_eq!(clocks(&calendar, other), ["14:00+00:00"]);
        assert_eq!(clocks(&calendar, usual), ["09:00+00:00", "09:30+00:00"]);
    }

    #[test]
    fn exactly_now_plus_notice_is_offered_and_the_past_never_is() {
        let mut calendar = calendar("UTC", &[(540, 660)]);
        let day = civil::date(2026, 1, 12);
        calendar.rules.notice = 60;
        calendar.now = at("2026-01-12T08:30:00Z");
        assert_eq!(
            clocks(&calendar, day),
            ["09:30+00:00", "10:00+00:00", "10:30+00:00"]
        );
        calendar.now = at("2026-01-12T08:30:01Z");
        assert_eq!(clocks(&calendar, day), ["10:00+00:00", "10:30+00:00"]);
        calendar.rules.notice = 0;
        calendar.now = at("2026-01-12T10:30:00Z");
        assert_eq!(clocks(&calendar, day), Vec::<String>::new());
    }

    #[test]
    fn the_horizon_counts_calendar_days_of_the_clinic() {
        let mut calendar = calendar("Pacific/Auckland", &[(540, 570)]);
        calendar.rules.horizon = Horizon::CalendarDays(1);
        // Already the 13th in Auckland.
        calendar.now = at("2026-01-12T20:30:00Z");
        assert_eq!(clocks(&calendar, civil::date(2026, 1, 14)).len(), 1);
        assert_eq!(clocks(&calendar, civil::date(2026, 1, 15)).len(), 0);
    }

    #[test]
    fn what_is_shown_as_free_is_accepted_and_nothing_else_is() {
        let mut calendar = calendar("Europe/Berlin", &[(540, 600)]);
        calendar.busy = vec![Range::new(at("2026-01-12T08:30:00Z"), at("2026-01-12T09:00:00Z"))];
        assert_eq!(calendar.check(at("2026-01-12T08:00:00Z")), Ok(()));
        assert_eq!(calendar.check(at("2026-01-12T08:30:00Z")), Err(NotOffered::Taken));
        assert_eq!(
            calendar.check(at("2026-01-12T08:15:00Z")),
            Err(NotOffered::Closed)
        );
        assert_eq!(
            calendar.check(at("2026-01-12T08:00:01Z")),
            Err(NotOffered::Closed)
        );
        assert_eq!(
            calendar.check(at("2025-01-12T08:00:00Z")),
            Err(NotOffered::Closed)
        );
    }

    #[test]
    fn what_is_taken_out_of_the_hours_moves_no_grid() {
        // What it shows, the breaks, absences and closures of the day, duration, and the times of 09:00 to 11:00.
        type Ranges = &'static [(i32, i32)];
        type Scenario = (&'static str, Ranges, Ranges, Ranges, i64, &'static [&'static str]);
        let scenarios: &[Scenario] = &[
            (
                "a break on the grid",
                &[(570, 600)],
                &[],
                &[],
                30,
                &["09:00", "10:00", "10:30"],
            ),
            (
                "a break off the grid",
                &[(580, 590)],
                &[],
                &[],
                30,
                &["09:00", "10:00", "10:30"],
            ),
            (
                "one minute over two times",
                &[(599, 601)],
                &[],
                &[],
                30,
                &["09:00", "10:30"],
            ),
            ("a break over the whole day", &[(0, 1440)], &[], &[], 30, &[]),
            ("exactly over the hours", &[(540, 660)], &[], &[], 30, &[]),
            (
                "outside of the hours",
                &[(300, 540), (660, 720)],
                &[],
                &[],
                30,
                &["09:00", "09:30", "10:00", "10:30"],
            ),
            (
                "an empty and an inverted break",
                &[(570, 570), (600, 570)],
                &[],
                &[],
                30,
                &["09:00", "09:30", "10:00", "10:30"],
            ),
            (
                "a five-minute window between two breaks",
                &[(540, 630), (635, 660)],
                &[],
                &[],
                5,
                &["10:30"],
            ),
            ("a window too short", &[(540, 630), (635, 660)], &[], &[], 6, &[]),
            (
                "away for an hour",
                &[],
                &[(540, 600)],
                &[],
                30,
                &["10:00", "10:30"],
            ),
            (
                "closed from ten",
                &[],
                &[],
                &[(600, 1440)],
                30,
                &["09:00", "09:30"],
            ),
            (
                "all of them",
                &[(540, 550)],
                &[(590, 595)],
                &[(640, 650)],
                30,
                &["10:00"],
            ),
            ("longer than what is left", &[(600, 605)], &[], &[], 61, &[]),
        ];
        let day = civil::date(2026, 1, 12);
        for (name, breaks, absences, closures, duration, expected) in scenarios {
            let mut calendar = calendar("Asia/Jakarta", &[(540, 660)]);
            calendar.rules.duration = *duration;
            for range in *breaks {
                every_day(&mut calendar.plan, *range, true);
            }
            for (kind, ranges) in [(Off::Absence, absences), (Off::Closure, closures)] {
                calendar
                    .plan
                    .time_off
                    .extend(ranges.iter().map(|range| off(kind, day, Some(*range))));
            }
            let expected: Vec<String> = expected.iter().map(|c| format!("{c}+07:00")).collect();
            assert_eq!(clocks(&calendar, day), expected, "{name}");
        }
    }

    #[test]
    fn a_break_of_the_week_does_not_hold_on_an_exception_but_an_absence_and_a_closure_do() {
        let day = civil::date(2026, 1, 12);
        let mut calendar = calendar("UTC", &[(540, 600)]);
        every_day(&mut calendar.plan, (840, 870), true);
        let open = DayPlan {
            hours: vec![hours((840, 960))],
            breaks: vec![hours((930, 960))],
        };
        calendar.plan.exceptions.insert(day, open);
        assert_eq!(clocks(&calendar, day).len(), 3);
        for kind in [Off::Absence, Off::Closure] {
            calendar.plan.time_off = vec![off(kind, day, None)];
            assert_eq!(clocks(&calendar, day), Vec::<String>::new());
        }
    }

    #[test]
    fn hours_of_the_week_hold_from_their_first_to_their_last_date() {
        let mut calendar = calendar("UTC", &[(540, 570)]);
        let (first, last) = (civil::date(2026, 1, 12), civil::date(2026, 1, 14));
        for weekly in &mut calendar.plan.weekly {
            (weekly.valid_from, weekly.valid_until) = (Some(first), Some(last));
        }
        let open = |day| clocks(&calendar, civil::date(2026, 1, day)).len();
        assert_eq!([11, 12, 13, 14, 15].map(open), [0, 1, 1, 1, 0]);
    }

    #[test]
    fn what_repeats_yearly_is_a_set_of_days_of_the_year() {
        let date = |text: &str| -> civil::Date { text.parse().unwrap() };
        let scenarios: &[(&str, &str, &[&str], &[&str])] = &[
            (
                "2026-12-25",
                "2026-12-26",
                &["2026-12-25", "2027-12-26", "2030-12-25"],
                &["2025-12-25", "2026-12-24", "2027-12-27"],
            ),
            (
                "2026-12-24",
                "2027-01-02",
                &["2026-12-24", "2027-01-01", "2027-12-31", "2028-01-02"],
                &["2026-01-01", "2027-01-03", "2027-12-23"],
            ),
            (
                "2024-02-29",
                "2024-02-29",
                &["2024-02-29", "2028-02-29"],
                &["2025-02-28", "2026-03-01", "2027-02-28"],
            ),
            (
                "2024-02-28",
                "2024-03-01",
                &["2025-02-28", "2025-03-01", "2028-02-29"],
                &["2025-02-27", "2025-03-02"],
            ),
        ];
        for (first, last, covered, open) in scenarios {
            let off = TimeOff {
                kind: Off::Closure,
                first_day: date(first),
                last_day: date(last),
                hours: None,
                yearly: true,
            };
            for day in *covered {
                assert!(off.covers(date(day)), "{first} to {last}: {day}");
            }
            for day in *open {
                assert!(!off.covers(date(day)), "{first} to {last}: {day}");
            }
        }
    }

    #[test]
    fn working_days_are_mondays_to_fridays() {
        // 12 January 2026 is a Monday.
        for (today, days, last) in [
            (12, 0, 12),
            (12, 4, 16),
            (12, 5, 19),
            (16, 1, 19),
            (16, 5, 23),
            (17, 0, 17),
            (17, 1, 19),
            (18, 1, 19),
            (17, 5, 23),
            (18, 6, 26),
            (15, 2, 19),
        ] {
            assert_eq!(
                Horizon::WorkingDays(days).last_day(civil::date(2026, 1, today)),
                civil::date(2026, 1, last),
                "{days} from {today}"
            );
        }
    }

    #[test]
    fn notice_and_horizon_are_kept_to_the_minute_at_both_ends_of_the_date_line() {
        // The same moment is 13 January in Kiritimati (+14) and 11 January in Pago Pago (-11).
        let now = at("2026-01-12T10:30:00Z");
        for (zone, today, last) in [
            (
                "Pacific/Kiritimati",
                civil::date(2026, 1, 13),
                "2026-01-14T09:30:00Z",
            ),
            (
                "Pacific/Pago_Pago",
                civil::date(2026, 1, 11),
                "2026-01-13T10:30:00Z",
            ),
        ] {
            let mut calendar = calendar(zone, &[(0, 1440)]);
            calendar.now = now;
            calendar.rules.notice = 90;
            calendar.rules.horizon = Horizon::CalendarDays(1);
            assert_eq!(calendar.window().0, today, "{zone}");
            let times: Vec<Timestamp> = [today, today.tomorrow().unwrap(), today.saturating_add(2.days())]
                .into_iter()
                .flat_map(|date| calendar.day(date).slots)
                .map(|slot| slot.starts_at)
                .collect();
            // 00:30 and 23:30 there: with the notice it is two in the morning, and one of the next day.
            let expected_first = at("2026-01-12T12:00:00Z");
            assert_eq!(times.first(), Some(&expected_first), "{zone}");
            assert_eq!(times.last(), Some(&at(last)), "{zone}");
            assert_eq!(calendar.why_not(at(last)), None);
            let later = plus_minutes(at(last), 30);
            assert_eq!(calendar.why_not(later), Some(WhyNot::BeyondHorizon), "{zone}");
            let earlier = plus_minutes(expected_first, -30);
            assert_eq!(calendar.why_not(earlier), Some(WhyNot::BeforeNotice), "{zone}");
        }
    }

    #[test]
    fn what_is_taken_out_follows_the_wall_clock_of_a_change_day() {
        let mut calendar = calendar("Europe/Berlin", &[(0, 300)]);
        calendar.rules.horizon = Horizon::CalendarDays(700);
        calendar.rules.interval = 60;
        let (spring, autumn) = (civil::date(2026, 3, 29), civil::date(2026, 10, 25));
        for day in [spring, autumn] {
            calendar
                .plan
                .time_off
                .push(off(Off::Absence, day, Some((120, 180))));
        }
        // The hour that is away does not exist.
        assert_eq!(
            clocks(&calendar, spring),
            ["00:00+01:00", "01:00+01:00", "03:00+02:00", "04:00+02:00"]
        );
        // It exists twice, and is away both times.
        assert_eq!(
            clocks(&calendar, autumn),
            ["00:00+02:00", "01:00+02:00", "03:00+01:00", "04:00+01:00"]
        );
    }

    #[test]
    fn the_evening_before_a_midnight_that_comes_twice_ends_at_the_first() {
        let mut calendar = calendar("America/Havana", &[(1380, 1440)]);
        calendar.rules.horizon = Horizon::CalendarDays(700);
        calendar.rules.duration = 60;
        assert_eq!(
            clocks(&calendar, civil::date(2026, 10, 31)),
            ["23:00-04:00"],
            "at 23:30 an hour does not fit"
        );
    }

    #[test]
    fn buffers_are_kept_from_other_appointments_and_not_from_the_edges_of_the_plan() {
        let mut calendar = calendar("UTC", &[(540, 600)]);
        calendar.rules.buffer_before = 15;
        calendar.rules.buffer_after = 15;
        let day = civil::date(2026, 1, 12);
        every_day(&mut calendar.plan, (600, 660), true);
        assert_eq!(clocks(&calendar, day), ["09:00+00:00", "09:30+00:00"]);
        // One before the hours, whose own buffer ends at nine: the two buffers add up.
        calendar.busy = vec![Range::new(at("2026-01-12T08:00:00Z"), at("2026-01-12T09:00:00Z"))];
        assert_eq!(clocks(&calendar, day), ["09:30+00:00"]);
        // One after them, whose buffer begins when the hours end.
        calendar.busy = vec![Range::new(at("2026-01-12T10:00:00Z"), at("2026-01-12T11:00:00Z"))];
        assert_eq!(clocks(&calendar, day), ["09:00+00:00"]);
        calendar.busy = vec![Range::new(at("2026-01-12T10:15:00Z"), at("2026-01-12T11:00:00Z"))];
        assert_eq!(clocks(&calendar, day).len(), 2);
    }

    #[test]
    fn a_time_at_one_clinic_is_taken_by_a_visit_at_another_in_another_zone() {
        // Nine in Berlin is three in the afternoon in Jakarta.
        let mut berlin = calendar("Europe/Berlin", &[(540, 600)]);
        let mut jakarta = calendar("Asia/Jakarta", &[(840, 1020)]);
        let day = civil::date(2026, 1, 12);
        let visit = berlin.rules.blocked(at("2026-01-12T08:00:00Z"));
        for calendar in [&mut berlin, &mut jakarta] {
            assert_eq!(calendar.check(visit.start), Ok(()));
            calendar.busy.push(visit);
            assert_eq!(calendar.check(visit.start), Err(NotOffered::Taken));
            assert_eq!(calendar.why_not(visit.start), Some(WhyNot::Taken));
        }
        assert_eq!(clocks(&berlin, day), ["09:30+01:00"]);
        assert!(!clocks(&jakarta, day).contains(&"15:00+07:00".to_owned()));
    }

    #[test]
    fn the_first_reason_why_a_time_is_not_offered_is_named() {
        let day = civil::date(2026, 1, 12);
        let mut calendar = calendar("UTC", &[(540, 720)]);
        calendar.now = at("2026-01-12T09:00:00Z");
        calendar.rules.notice = 30;
        calendar.rules.duration = 45;
        calendar.rules.horizon = Horizon::CalendarDays(2);
        every_day(&mut calendar.plan, (630, 635), true);
        let other = civil::date(2026, 1, 13);
        calendar.plan.exceptions.insert(
            other,
            DayPlan {
                hours: vec![hours((840, 900))],
                breaks: Vec::new(),
            },
        );
        let away = civil::date(2026, 1, 14);
        calendar.plan.time_off = vec![
            off(Off::Absence, away, Some((540, 570))),
            off(Off::Closure, away, Some((580, 660))),
        ];
        calendar.busy = vec![Range::new(at("2026-01-12T11:00:00Z"), at("2026-01-12T11:10:00Z"))];
        for (time, expected) in [
            ("2026-01-12T09:00:00Z", Some(WhyNot::Past)),
            ("2026-01-12T09:29:00Z", Some(WhyNot::BeforeNotice)),
            ("2026-01-12T09:30:00Z", None),
            ("2026-01-12T10:00:00Z", Some(WhyNot::Break)),
            ("2026-01-12T10:45:00Z", Some(WhyNot::Taken)),
            ("2026-01-12T11:10:00Z", Some(WhyNot::OffGrid)),
            ("2026-01-12T11:30:00Z", Some(WhyNot::WouldNotFit)),
            ("2026-01-12T12:00:00Z", Some(WhyNot::OutsidePlan)),
            ("2026-01-13T09:30:00Z", Some(WhyNot::Exception)),
            ("2026-01-13T14:00:00Z", None),
            ("2026-01-14T09:00:00Z", Some(WhyNot::Absence)),
            ("2026-01-14T09:30:00Z", Some(WhyNot::Closure)),
            ("2026-01-14T11:00:00Z", None),
            ("2026-01-15T09:30:00Z", Some(WhyNot::BeyondHorizon)),
        ] {
            assert_eq!(calendar.why_not(at(time)), expected, "{time}");
        }
        calendar.closed = Some(WhyNot::DoctorInactive);
        assert_eq!(calendar.day(day).slots, []);
        assert_eq!(
            calendar.why_not(at("2026-01-12T09:30:00Z")),
            Some(WhyNot::DoctorInactive)
        );
    }

    #[test]
    fn a_visit_that_was_booked_is_held_by_the_plan_on_the_grid_or_off_it() {
        let mut calendar = calendar("Europe/Berlin", &[(540, 720)]);
        let visit = |from: &str, until: &str| {
            Range::new(
                at(&format!("2026-01-12T{from}:00Z")),
                at(&format!("2026-01-12T{until}:00Z")),
            )
        };
        every_day(&mut calendar.plan, (600, 615), true);
        for (from, until, expected) in [
            ("08:00", "08:30", true),
            ("08:07", "08:52", true),
            ("08:45", "09:05", false),
            ("09:15", "11:00", true),
            ("10:45", "11:15", false),
            ("07:45", "08:15", false),
        ] {
            assert_eq!(
                calendar.plan.holds(visit(from, until), &calendar.zone),
                expected,
                "{from}"
            );
        }
    }

    type Ranges = Vec<(i32, i32)>;

    /// Whether it is a closure, whether it is yearly, and its hours.
    type RandomOff = (bool, bool, Option<(i32, i32)>);

    /// Hours and breaks of every day, an exception, time off, and what is booked, around some date.
    #[derive(Clone, Debug)]
    struct Random {
        zone: &'static str,
        hours: Ranges,
        breaks: Ranges,
        exception: Option<(Ranges, Ranges)>,
        time_off: Vec<RandomOff>,
        rules: ServiceRules,
        busy: Vec<(i64, i64)>,
        date: civil::Date,
        now_minutes_before: i64,
    }

    impl Random {
        fn calendar(&self) -> Calendar {
            let mut calendar = calendar(self.zone, &self.hours);
            for range in &self.breaks {
                every_day(&mut calendar.plan, *range, true);
            }
            if let Some((open, breaks)) = &self.exception {
                let day = DayPlan {
                    hours: open.iter().copied().map(hours).collect(),
                    breaks: breaks.iter().copied().map(hours).collect(),
                };
                calendar.plan.exceptions.insert(self.date, day);
            }
            calendar.plan.time_off = self
                .time_off
                .iter()
                .map(|(is_closure, yearly, range)| TimeOff {
                    yearly: *yearly,
                    ..off(
                        if *is_closure { Off::Closure } else { Off::Absence },
                        self.date,
                        *range,
                    )
                })
                .collect();
            calendar.rules = self.rules;
            let midnight = time::first_instant(self.date, 0, &calendar.zone).unwrap();
            calendar.now = plus_minutes(midnight, -self.now_minutes_before);
            calendar.busy = self
                .busy
                .iter()
                .map(|&(from, length)| {
                    Range::new(
                        plus_minutes(midnight, from - 720),
                        plus_minutes(midnight, from - 720 + length),
                    )
                })
                .collect();
            calendar
        }
    }

    fn random() -> impl Strategy<Value = Random> {
        let minutes = || prop_oneof![(0..=288i32).prop_map(|five| 5 * five), 0..=1440i32];
        let ranges = |most: usize| prop::collection::vec((minutes(), minutes()), 0..most);
        // Ordinary days, and the days on which these clocks change.
        let place = prop_oneof![
            (
                prop::sample::select(vec![
                    "Europe/Berlin",
                    "Asia/Jakarta",
                    "America/Sao_Paulo",
                    "Australia/Lord_Howe",
                    "Pacific/Auckland",
                    "Pacific/Kiritimati",
                    "Pacific/Pago_Pago",
                    "America/Havana",
                ]),
                (0..730i32).prop_map(|day| civil::date(2026, 1, 2).saturating_add(day.days())),
            ),
            prop::sample::select(vec![
                ("Europe/Berlin", civil::date(2026, 3, 29)),
                ("Europe/Berlin", civil::date(2026, 10, 25)),
                ("Australia/Lord_Howe", civil::date(2026, 4, 5)),
                ("Australia/Lord_Howe", civil::date(2026, 10, 4)),
                ("America/Havana", civil::date(2026, 3, 8)),
                ("America/Havana", civil::date(2026, 10, 31)),
                ("America/Havana", civil::date(2026, 11, 1)),
                // Where midnight was jumped over, and where it came twice.
                ("America/Sao_Paulo", civil::date(2018, 11, 4)),
                ("America/Sao_Paulo", civil::date(2018, 2, 17)),
                // A date that does not exist.
                ("Pacific/Apia", civil::date(2011, 12, 29)),
                ("Pacific/Apia", civil::date(2011, 12, 31)),
            ]),
        ];
        let rules = (1..200i64, 0..60i64, 0..60i64, 1..120i32, 0..3000i64, 0..4i32).prop_map(
            |(duration, buffer_before, buffer_after, interval, notice, days)| ServiceRules {
                duration,
                buffer_before,
                buffer_after,
                interval,
                notice,
                horizon: match days % 2 {
                    0 => Horizon::CalendarDays(days),
                    _ => Horizon::WorkingDays(days),
                },
            },
        );
        (
            place,
            (
                ranges(4),
                ranges(3),
                prop::option::weighted(0.3, (ranges(3), ranges(2))),
            ),
            prop::collection::vec(
                (
                    any::<bool>(),
                    any::<bool>(),
                    prop::option::weighted(0.9, (minutes(), minutes())),
                ),
                0..3,
            ),
            rules,
            prop::collection::vec((0..2880i64, 1..300i64), 0..6),
            -1440..4320i64,
        )
            .prop_map(
                |((zone, date), (hours, breaks, exception), time_off, rules, busy, now_minutes_before)| {
                    Random {
                        zone,
                        hours,
                        breaks,
                        exception,
                        time_off,
                        rules,
                        busy,
                        date,
                        now_minutes_before,
                    }
                },
            )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn whatever_the_plan_times_fit_whole_and_free_ones_overlap_nothing_that_is_busy(random in random()) {
            let calendar = random.calendar();
            let day = calendar.day(random.date);
            prop_assert!(day.slots.windows(2).all(|pair| pair[0].starts_at < pair[1].starts_at));
            for slot in &day.slots {
                let visit = calendar.rules.visit(slot.starts_at);
                prop_assert!(calendar.plan.holds(visit, &calendar.zone), "{:?} does not fit", visit);
                prop_assert_eq!(time::local_date(slot.starts_at, &calendar.zone), random.date);
                prop_assert!(slot.starts_at > calendar.now);
                prop_assert!(slot.starts_at >= plus_minutes(calendar.now, calendar.rules.notice));
                prop_assert!(random.date <= calendar.window().1);
                let blocked = calendar.rules.blocked(slot.starts_at);
                prop_assert_eq!(slot.free, !calendar.busy.iter().any(|busy| busy.overlaps(blocked)));
            }
        }

        /// For every minute of the day and of those around it, not only for those that are listed.
        #[test]
        fn whatever_the_plan_a_time_is_accepted_if_and_only_if_it_is_listed_and_else_there_is_a_reason(
            random in random(),
            step in 1..30i64,
        ) {
            let calendar = random.calendar();
            let yesterday = random.date.yesterday().unwrap();
            let listed: Vec<Timestamp> = yesterday
                .series(1.day())
                .take(3)
                .flat_map(|date| calendar.day(date).slots)
                .filter(|slot| slot.free)
                .map(|slot| slot.starts_at)
                .collect();
            let midnight = time::first_instant(random.date, 0, &calendar.zone).unwrap();
            let minutes = (0..1440).step_by(usize::try_from(step).unwrap());
            let asked = minutes.map(|minute| plus_minutes(midnight, minute)).chain(listed.iter().copied());
            for starts_at in asked {
                let is_listed = listed.contains(&starts_at);
                prop_assert_eq!(calendar.check(starts_at).is_ok(), is_listed, "{}", starts_at);
                let why = calendar.why_not(starts_at);
                prop_assert_eq!(why.is_none(), is_listed, "{} {:?}", starts_at, why);
                if calendar.check(starts_at) == Err(NotOffered::Taken) {
                    prop_assert_eq!(why, Some(WhyNot::Taken));
                }
            }
        }

        #[test]
        fn what_is_booked_in_between_moves_no_other_time(random in random()) {
            let mut calendar = random.calendar();
            let grid = |calendar: &Calendar| -> Vec<Timestamp> {
                calendar.day(random.date).slots.iter().map(|slot| slot.starts_at).collect()
            };
            let before = grid(&calendar);
            calendar.busy.clear();
            prop_assert_eq!(&before, &grid(&calendar));
            // Nor does what is taken out: it takes times, and makes none.
            calendar.plan.time_off.clear();
            calendar.plan.weekly.retain(|weekly| !weekly.is_break);
            for day in calendar.plan.exceptions.values_mut() {
                day.breaks.clear();
            }
            let without = grid(&calendar);
            prop_assert!(before.iter().all(|starts_at| without.contains(starts_at)));
        }

        #[test]
        fn working_days_are_counted_as_on_ones_fingers(today in 0..3000i32, days in 0..800i32) {
            let today = civil::date(2024, 1, 1).saturating_add(today.days());
            let is_working = |date: &civil::Date| date.weekday().to_monday_zero_offset() < 5;
            let counted = match days {
                0 => today,
                days => today.series(1.day()).skip(1).filter(is_working)
                    .nth(usize::try_from(days).unwrap() - 1).unwrap(),
            };
            prop_assert_eq!(Horizon::WorkingDays(days).last_day(today), counted);
        }
    }
}
