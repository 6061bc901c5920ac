//! When people are reminded: in the hours of the day in which a clinic would call them.

use jiff::{Timestamp, civil, tz::TimeZone};

use crate::time::{first_instant, local_date, plus_minutes, wall_time};

/// The hours of the clinic's day in which reminders go out, in minutes after midnight.
const FROM_MINUTE: i32 = 8 * 60;
const UNTIL_MINUTE: i32 = 20 * 60;

const DAY_MINUTES: i64 = 24 * 60;
/// Who books that far ahead is reminded a week before, too.
const FAR_AHEAD_DAYS: i64 = 10;

/// The latest moment up to this one that lies in the hours of the day of a clinic.
pub fn within_day_hours(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let (local, date) = (wall_time(at, zone), local_date(at, zone));
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let evening = |date: civil::Date| first_instant(date, UNTIL_MINUTE, zone).unwrap_or(at);
    match minute {
        ..FROM_MINUTE => date.yesterday().map_or(at, evening),
        FROM_MINUTE..UNTIL_MINUTE => at,
        _ => evening(date).min(at),
    }
}

/// The next moment from this one on that lies in the hours of the day of a clinic.
pub fn next_in_day_hours(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let (local, date) = (wall_time(at, zone), local_date(at, zone));
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let morning = |date: civil::Date| first_instant(date, FROM_MINUTE, zone).unwrap_or(at);
    match minute {
        ..FROM_MINUTE => morning(date),
        FROM_MINUTE..UNTIL_MINUTE => at,
        _ => date.tomorrow().map_or(at, morning),
    }
}

/// When somebody is reminded a day before an appointment; `None` where that is over.
pub fn day_before(starts_at: Timestamp, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    Some(within_day_hours(plus_minutes(starts_at, -DAY_MINUTES), zone)).filter(|at| *at > now)
}

/// When somebody is reminded a week before an appointment; `None` where it was booked so late that they know.
pub fn week_before(
    starts_at: Timestamp,
    booked_at: Timestamp,
    zone: &TimeZone,
    now: Timestamp,
) -> Option<Timestamp> {
    let is_far_ahead = plus_minutes(booked_at, FAR_AHEAD_DAYS * DAY_MINUTES) < starts_at;
    Some(within_day_hours(plus_minutes(starts_at, -7 * DAY_MINUTES), zone))
        .filter(|at| is_far_ahead && *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_reminder_is_moved_earlier_into_the_hours_of_the_day() {
        let jakarta = zone("Asia/Jakarta").unwrap();
        for (due, moved) in [
            // 09:00, in the hours.
            ("2026-11-24T02:00:00Z", "2026-11-24T02:00:00Z"),
            // 08:00, the first minute.
            ("2026-11-24T01:00:00Z", "2026-11-24T01:00:00Z"),
            // 07:59: the evening before, at 20:00.
            ("2026-11-24T00:59:00Z", "2026-11-23T13:00:00Z"),
            // 22:30: 20:00.
            ("2026-11-24T15:30:00Z", "2026-11-24T13:00:00Z"),
        ] {
            assert_eq!(within_day_hours(at(due), &jakarta), at(moved), "{due}");
        }
        assert_eq!(
            next_in_day_hours(at("2026-11-24T15:30:00Z"), &jakarta),
            at("2026-11-25T01:00:00Z")
        );
    }

    #[test]
    fn who_books_within_the_window_is_not_reminded() {
        let (zone, start) = (TimeZone::UTC, at("2026-11-24T10:00:00Z"));
        assert_eq!(
            day_before(start, &zone, at("2026-11-20T10:00:00Z")),
            Some(at("2026-11-23T10:00:00Z"))
        );
        assert_eq!(day_before(start, &zone, at("2026-11-23T10:00:00Z")), None);
        let early = at("2026-11-01T10:00:00Z");
        assert_eq!(
            week_before(start, early, &zone, early),
            Some(at("2026-11-17T10:00:00Z"))
        );
        let late = at("2026-11-15T10:00:00Z");
        assert_eq!(week_before(start, late, &zone, late), None);
    }
}
