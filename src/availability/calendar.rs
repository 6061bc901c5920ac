//! Slot arithmetic: pure, and exact in every zone on every day (B3, C6, PRODUCT §2).

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

use crate::time::{self, Range, plus_minutes};

/// A range of working hours on some date, in minutes after midnight of the clinic's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    pub from_minute: i32,
    pub until_minute: i32,
}

/// When a doctor works at a clinic.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// By weekday.
    pub weekly: Vec<(civil::Weekday, Hours)>,
    /// Dates that do not follow the week; without any hours, a day off.
    pub exceptions: BTreeMap<civil::Date, Vec<Hours>>,
}

impl Plan {
    /// The hours of a date: those of its exception, where it has one, else those of its weekday.
    pub fn hours_of(&self, date: civil::Date) -> Vec<Hours> {
        let mut hours = match self.exceptions.get(&date) {
            Some(hours) => hours.clone(),
            None => self
                .weekly
                .iter()
                .filter(|(weekday, _)| *weekday == date.weekday())
                .map(|(_, hours)| *hours)
                .collect(),
        };
        hours.sort_by_key(|hours| hours.from_minute);
        hours
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
    /// Calendar days in the clinic's zone.
    pub horizon_days: i32,
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

/// Why a time is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOffered {
    /// Not a time of the plan, too soon, or too far ahead.
    Closed,
    /// Somebody has it.
    Taken,
}

/// Everything that decides which times of a doctor at a clinic can be booked.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub zone: TimeZone,
    pub plan: Plan,
    pub rules: ServiceRules,
    /// What is blocked, buffers included. Not in any order; may overlap.
    pub busy: Vec<Range>,
    pub now: Timestamp,
}

impl Calendar {
    /// The times of a date that are neither too soon nor too far ahead, free or not.
    pub fn day(&self, date: civil::Date) -> Day {
        Day {
            date,
            slots: self
                .grid(date)
                .into_iter()
                .filter(|&starts_at| self.is_in_window(starts_at))
                .map(|starts_at| Slot {
                    starts_at,
                    free: self.is_free(starts_at),
                })
                .collect(),
        }
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

    /// Today, and the last date of the horizon.
    pub fn window(&self) -> (civil::Date, civil::Date) {
        let today = time::local_date(self.now, &self.zone);
        let last = today.saturating_add(self.rules.horizon_days.days());
        (today, last)
    }

    /// Every time of the plan, whether or not it has passed. The grid of a range starts at its start
    /// and keeps its steps on the wall clock; the last time fits whole.
    fn grid(&self, date: civil::Date) -> Vec<Timestamp> {
        let mut starts = Vec::new();
        for hours in self.plan.hours_of(date) {
            if hours.from_minute >= hours.until_minute {
                continue;
            }
            let Some(end) = time::last_instant(date, hours.until_minute, &self.zone) else {
                continue;
            };
            let steps = (hours.from_minute..hours.until_minute)
                .step_by(usize::try_from(self.rules.interval.max(1)).unwrap_or(1));
            for minute in steps {
                starts.extend(
                    time::instants(date, minute, &self.zone)
                        .into_iter()
                        .filter(|&starts_at| self.rules.visit(starts_at).end <= end),
                );
            }
        }
        // Ranges may overlap, and a repeated hour interleaves its times.
        starts.sort();
        starts.dedup();
        starts
    }

    /// Exactly now + notice is offered; the horizon counts calendar days.
    fn is_in_window(&self, starts_at: Timestamp) -> bool {
        starts_at >= plus_minutes(self.now, self.rules.notice)
            && starts_at > self.now
            && time::local_date(starts_at, &self.zone) <= self.window().1
    }

    fn is_free(&self, starts_at: Timestamp) -> bool {
        let blocked = self.rules.blocked(starts_at);
        !self.busy.iter().any(|busy| busy.overlaps(blocked))
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
        horizon_days: 30,
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn calendar(zone: &str, hours: &[(i32, i32)]) -> Calendar {
        let weekly = (1..=7)
            .flat_map(|day| {
                hours.iter().map(move |&(from_minute, until_minute)| {
                    (
                        Weekday::from_monday_one_offset(day).unwrap(),
                        Hours {
                            from_minute,
                            until_minute,
                        },
                    )
                })
            })
            .collect();
        Calendar {
            zone: time::zone(zone).unwrap(),
            plan: Plan {
                weekly,
                exceptions: BTreeMap::new(),
            },
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
            calendar.rules.horizon_days = 700;
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
        calendar.plan.exceptions.insert(closed, Vec::new());
        calendar.plan.exceptions.insert(
            other,
            vec![Hours {
                from_minute: 840,
                until_minute: 870,
            }],
        );
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
        calendar.rules.horizon_days = 1;
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

    proptest! {
        #[test]
        fn whatever_the_plan_free_times_fit_and_overlap_nothing_that_is_busy(
            zone in prop::sample::select(vec!["Europe/Berlin", "Asia/Jakarta", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Auckland"]),
            hours in prop::collection::vec((0..1440i32, 0..=1440i32), 0..4),
            duration in 1..200i64, before in 0..60i64, after in 0..60i64, interval in 1..120i32,
            busy in prop::collection::vec((0..2880i64, 1..300i64), 0..6),
            day in 0..366i32,
        ) {
            let mut calendar = calendar(zone, &hours);
            calendar.rules = ServiceRules {
                duration, buffer_before: before, buffer_after: after, interval, notice: 0, horizon_days: 400,
            };
            let date = civil::date(2026, 1, 2).saturating_add(day.days());
            let midnight = time::first_instant(date, 0, &calendar.zone).unwrap();
            calendar.busy = busy.iter()
                .map(|&(from, length)| Range::new(plus_minutes(midnight, from - 720), plus_minutes(midnight, from - 720 + length)))
                .collect();
            let day = calendar.day(date);
            prop_assert!(day.slots.windows(2).all(|pair| pair[0].starts_at < pair[1].starts_at));
            for slot in &day.slots {
                let visit = calendar.rules.visit(slot.starts_at);
                let fits = calendar.plan.hours_of(date).iter().any(|hours| {
                    let range = (
                        time::first_instant(date, hours.from_minute, &calendar.zone),
                        time::last_instant(date, hours.until_minute, &calendar.zone),
                    );
                    matches!(range, (Some(start), Some(end)) if start <= visit.start && visit.end <= end)
                });
                prop_assert!(fits, "{:?} does not fit", visit);
                let blocked = calendar.rules.blocked(slot.starts_at);
                prop_assert_eq!(slot.free, !calendar.busy.iter().any(|busy| busy.overlaps(blocked)));
                prop_assert_eq!(calendar.check(slot.starts_at).is_ok(), slot.free);
            }
        }
    }
}
