//! Properties that hold of every plan.

use jiff::ToSpan;
use proptest::prelude::*;

use super::*;

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
            |((zone, date), (hours, breaks, exception), time_off, rules, busy, now_minutes_before)| Random {
                zone,
                hours,
                breaks,
                exception,
                time_off,
                rules,
                busy,
                date,
                now_minutes_before,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn under_any_plan_free_times_fit_whole_and_overlap_nothing(random in random()) {
        let calendar = random.calendar();
        let day = calendar.day(random.date);
        prop_assert!(day.slots.windows(2).all(|pair| pair[0].starts_at < pair[1].starts_at));
        for slot in &day.slots {
            let time = calendar.rules.time(slot.starts_at);
            prop_assert!(calendar.plan.holds(time, &calendar.zone), "{:?} does not fit", time);
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
    fn under_any_plan_exactly_the_listed_times_are_accepted(
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
    fn an_appointment_moves_no_other_time(random in random()) {
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
    fn working_days_are_counted_one_by_one(today in 0..3000i32, days in 0..800i32) {
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
