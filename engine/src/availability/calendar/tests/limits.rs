//! Notice, horizon, what is busy, and why a time is not offered.

use jiff::ToSpan;

use super::*;

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
