//! The night in which an hour comes twice: each of two times that the clock shows twice is judged by itself.

use std::collections::BTreeMap;

use super::*;

const DAY: civil::Date = civil::date(2026, 10, 25);

/// What is free on a day of work from midnight to five, half hour by half hour, without this range.
fn free_without(zone: &str, day: civil::Date, (from_minute, until_minute): (i32, i32)) -> Vec<String> {
    let whole_day = |from_minute, until_minute| Hours {
        from_minute,
        until_minute,
    };
    let plan = Plan {
        exceptions: BTreeMap::from([(
            day,
            DayPlan {
                hours: vec![whole_day(0, 300)],
                breaks: vec![whole_day(from_minute, until_minute)],
            },
        )]),
        ..Plan::default()
    };
    let calendar = Calendar {
        closed: None,
        zone: time::zone(zone).unwrap(),
        plan,
        rules: ServiceRules {
            duration: 30,
            buffer_before: 0,
            buffer_after: 0,
            interval: 30,
            notice: 0,
            horizon: Horizon::CalendarDays(400),
        },
        busy: Vec::new(),
        busy_elsewhere: Vec::new(),
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let slots = calendar.day(day).slots;
    for slot in &slots {
        assert_eq!(calendar.check(slot.starts_at), Ok(()));
    }
    slots
        .iter()
        .map(|slot| time::clock(slot.starts_at, &calendar.zone, crate::i18n::Locale::En))
        .collect()
}

/// The half hours from midnight to five in Berlin, with the repeated ones.
const ALL: [&str; 12] = [
    "00:00",
    "00:30",
    "01:00",
    "01:30",
    "02:00 UTC+2",
    "02:30 UTC+2",
    "02:00 UTC+1",
    "02:30 UTC+1",
    "03:00",
    "03:30",
    "04:00",
    "04:30",
];

#[test]
fn a_break_takes_the_times_that_it_touches_and_no_others() {
    for (range, taken) in [
        ((90, 120), &["01:30"][..]),
        ((120, 150), &["02:00 UTC+2", "02:00 UTC+1"]),
        ((150, 180), &["02:30 UTC+2", "02:30 UTC+1"]),
        (
            (120, 180),
            &["02:00 UTC+2", "02:30 UTC+2", "02:00 UTC+1", "02:30 UTC+1"],
        ),
        ((90, 150), &["01:30", "02:00 UTC+2", "02:00 UTC+1"]),
        ((150, 210), &["02:30 UTC+2", "02:30 UTC+1", "03:00"]),
        ((180, 210), &["03:00"]),
        (
            (60, 240),
            &[
                "01:00",
                "01:30",
                "02:00 UTC+2",
                "02:30 UTC+2",
                "02:00 UTC+1",
                "02:30 UTC+1",
                "03:00",
                "03:30",
            ],
        ),
        ((135, 140), &["02:00 UTC+2", "02:00 UTC+1"]),
        ((0, 1440), &ALL),
    ] {
        let free: Vec<&str> = ALL.into_iter().filter(|time| !taken.contains(time)).collect();
        assert_eq!(free_without("Europe/Berlin", DAY, range), free, "{range:?}");
    }
}

#[test]
fn a_half_hour_that_comes_twice_is_judged_like_an_hour() {
    let day = civil::date(2026, 4, 5);
    let free = free_without("Australia/Lord_Howe", day, (90, 120));
    assert_eq!(
        free,
        [
            "00:00", "00:30", "01:00", "02:00", "02:30", "03:00", "03:30", "04:00", "04:30"
        ]
    );
    let free = free_without("Australia/Lord_Howe", day, (60, 90));
    assert_eq!(free[2..4], ["01:30 UTC+11", "01:30 UTC+10:30"]);
}

/// The first hour of the day comes twice, and the last hour of a day.
#[test]
fn an_hour_that_comes_twice_around_midnight_is_judged_by_itself() {
    let havana = free_without("America/Havana", civil::date(2026, 11, 1), (0, 30));
    assert_eq!(havana[..3], ["00:30 UTC-4", "00:30 UTC-5", "01:00"]);
    let zone = time::zone("America/Santiago").unwrap();
    let last_hour = Hours {
        from_minute: 1380,
        until_minute: 1440,
    };
    let twice = last_hour.each_on(civil::date(2026, 4, 4), &zone);
    let minutes: i64 = twice
        .iter()
        .map(|range| (range.end.as_second() - range.start.as_second()) / 60)
        .sum();
    assert_eq!(minutes, 120, "{twice:?}");
}

#[test]
fn work_that_ends_within_the_hour_ends_the_second_time() {
    let hours = Hours {
        from_minute: 60,
        until_minute: 150,
    };
    let zone = time::zone("Europe/Berlin").unwrap();
    assert_eq!(
        hours.on(DAY, &zone),
        Some(Range::new(
            "2026-10-24T23:00:00Z".parse().unwrap(),
            "2026-10-25T01:30:00Z".parse().unwrap()
        ))
    );
}
