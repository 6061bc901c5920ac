//! Scenario tables and properties of the slot arithmetic.

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
fn exactly_the_times_shown_as_free_are_accepted() {
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
fn absences_and_closures_apply_on_exceptions_and_breaks_of_the_week_do_not() {
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
fn weekly_hours_apply_from_their_first_to_their_last_date() {
    let mut calendar = calendar("UTC", &[(540, 570)]);
    let (first, last) = (civil::date(2026, 1, 12), civil::date(2026, 1, 14));
    for weekly in &mut calendar.plan.weekly {
        (weekly.valid_from, weekly.valid_until) = (Some(first), Some(last));
    }
    let open = |day| clocks(&calendar, civil::date(2026, 1, day)).len();
    assert_eq!([11, 12, 13, 14, 15].map(open), [0, 1, 1, 1, 0]);
}

#[test]
fn yearly_dates_apply_on_the_same_days_of_every_year() {
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
    let blocked = berlin.rules.blocked(at("2026-01-12T08:00:00Z"));
    for calendar in [&mut berlin, &mut jakarta] {
        assert_eq!(calendar.check(blocked.start), Ok(()));
        calendar.busy.push(blocked);
        assert_eq!(calendar.check(blocked.start), Err(NotOffered::Taken));
        assert_eq!(calendar.why_not(blocked.start), Some(WhyNot::Taken));
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
    let time = |from: &str, until: &str| {
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
            calendar.plan.holds(time(from, until), &calendar.zone),
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
