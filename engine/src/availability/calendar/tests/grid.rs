//! The grid of times: where it begins, what moves it, and what does not.

use super::*;

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
fn a_skipped_time_is_not_offered_and_a_repeated_one_is_offered_twice() {
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
fn a_gap_in_the_hours_does_not_move_the_grid() {
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
fn gaps_follow_the_wall_clock_on_the_day_of_a_clock_change() {
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
fn a_day_before_a_repeated_midnight_ends_at_the_first_one() {
    let mut calendar = calendar("America/Havana", &[(1380, 1440)]);
    calendar.rules.horizon = Horizon::CalendarDays(700);
    calendar.rules.duration = 60;
    assert_eq!(
        clocks(&calendar, civil::date(2026, 10, 31)),
        ["23:00-04:00"],
        "at 23:30 an hour does not fit"
    );
}
