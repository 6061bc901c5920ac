//! Scenario tables and properties of the slot arithmetic.

mod grid;
mod limits;
mod off;
mod random;

use jiff::civil::Weekday;

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
        busy_elsewhere: Vec::new(),
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
