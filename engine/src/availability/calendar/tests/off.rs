//! Exceptions, absences, closures, and the dates of weekly hours.

use super::*;

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
