//! The one place where points in time meet wall clocks.
//!
//! Times are stored and compared as [`Timestamp`]s (UTC). People plan by the wall clock of a clinic, so every function
//! that reads or shows local time takes the clinic's zone.

mod given;
mod zone;

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

pub use self::{
    given::{Bound, GivenTime, bound_in_zone, date},
    zone::{shown_zone, stored_zone, zone, zone_names},
};
use crate::i18n::{Locale, Texts};

/// A range of time, `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Range {
    pub fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end }
    }

    /// Whether the two share a moment. Ranges that only touch do not.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// The point in time `minutes` later, or earlier when negative. Saturates at the ends of time.
pub fn plus_minutes(at: Timestamp, minutes: i64) -> Timestamp {
    at.saturating_add(jiff::SignedDuration::from_mins(minutes))
        .unwrap_or(at)
}

/// The date on the wall calendar of a zone.
pub fn local_date(at: Timestamp, zone: &TimeZone) -> civil::Date {
    at.to_zoned(zone.clone()).date()
}

/// The Monday of the week of a date.
pub fn monday(date: civil::Date) -> civil::Date {
    let since = i64::from(date.weekday().to_monday_zero_offset());
    date.saturating_sub(since.days())
}

/// The wall clock of a zone, as an appointment promises it.
pub fn wall_time(at: Timestamp, zone: &TimeZone) -> civil::DateTime {
    at.to_zoned(zone.clone()).datetime()
}

const MINUTES_OF_A_DAY: i32 = 1440;

/// Every point in time at which the wall clock of the zone shows `minute` minutes after midnight of
/// `date`: none when the clock jumps over it, two when it comes twice. 1440 is the next midnight.
pub fn instants(date: civil::Date, minute: i32, zone: &TimeZone) -> Vec<Timestamp> {
    wall_clock(date, minute).map_or_else(Vec::new, |local| readings(local, zone))
}

/// Every point in time at which the wall clock of the zone shows this: as [`instants`].
pub fn readings(local: civil::DateTime, zone: &TimeZone) -> Vec<Timestamp> {
    let at = |offset: jiff::tz::Offset| offset.to_timestamp(local).ok();
    match zone.to_ambiguous_timestamp(local).offset() {
        jiff::tz::AmbiguousOffset::Unambiguous { offset } => at(offset).into_iter().collect(),
        jiff::tz::AmbiguousOffset::Gap { .. } => Vec::new(),
        jiff::tz::AmbiguousOffset::Fold { before, after } => {
            [at(before), at(after)].into_iter().flatten().collect()
        }
    }
}

/// Returns the beginning of a range that starts at this wall-clock time: the first such moment, or the moment of the
/// jump when the clock jumps over it.
pub fn first_instant(date: civil::Date, minute: i32, zone: &TimeZone) -> Option<Timestamp> {
    bound(date, minute, zone, |instants| instants.first().copied())
}

/// Returns the end of a range that ends at this wall-clock time: the last such moment, or the moment of the jump when
/// the clock jumps over it. The midnight that ends a date is the first one: if it comes twice, the time between
/// belongs to the next date.
pub fn last_instant(date: civil::Date, minute: i32, zone: &TimeZone) -> Option<Timestamp> {
    if minute >= MINUTES_OF_A_DAY {
        return first_instant(date, minute, zone);
    }
    bound(date, minute, zone, |instants| instants.last().copied())
}

fn bound(
    date: civil::Date,
    minute: i32,
    zone: &TimeZone,
    pick: impl Fn(&[Timestamp]) -> Option<Timestamp>,
) -> Option<Timestamp> {
    pick(&instants(date, minute, zone)).or_else(|| jump(wall_clock(date, minute)?, zone))
}

/// The moment at which the wall clock of the zone jumps over this time, if it does.
fn jump(local: civil::DateTime, zone: &TimeZone) -> Option<Timestamp> {
    // In a gap, read with the offset from before it, the wall clock names a moment after the
    // jump; the jump itself is the last transition up to then.
    let jiff::tz::AmbiguousOffset::Gap { before, .. } = zone.to_ambiguous_timestamp(local).offset() else {
        return None;
    };
    let after_jump = before.to_timestamp(local).ok()?;
    let nanosecond = jiff::SignedDuration::from_nanos(1);
    zone.preceding(after_jump.checked_add(nanosecond).ok()?)
        .next()
        .map(|transition| transition.timestamp())
}

fn wall_clock(date: civil::Date, minute: i32) -> Option<civil::DateTime> {
    date.to_datetime(civil::Time::midnight())
        .checked_add(jiff::Span::new().try_minutes(minute).ok()?)
        .ok()
}

/// Clocks that are written as `09:20`, as the locale writes them: Indonesian `09.20`.
pub fn clocks_in(text: &str, locale: Locale) -> String {
    match locale {
        Locale::Id => text.replace(':', "."),
        Locale::En | Locale::De => text.to_owned(),
    }
}

/// `09:20`; Indonesian writes `09.20`. In the night in which an hour comes twice, the offset tells its times apart:
/// `02:30 UTC+2` and `02:30 UTC+1`.
pub fn clock(at: Timestamp, zone: &TimeZone, locale: Locale) -> String {
    let local = at.to_zoned(zone.clone()).datetime();
    let time = local.time();
    let separator = match locale {
        Locale::Id => '.',
        Locale::En | Locale::De => ':',
    };
    let clock = format!("{:02}{separator}{:02}", time.hour(), time.minute());
    match zone.to_ambiguous_timestamp(local).offset() {
        jiff::tz::AmbiguousOffset::Fold { .. } => format!("{clock} {}", offset_name(zone, at)),
        jiff::tz::AmbiguousOffset::Unambiguous { .. } | jiff::tz::AmbiguousOffset::Gap { .. } => clock,
    }
}

/// `Monday 23 November 2026`, in the words of the locale.
pub fn long_date(date: civil::Date, texts: Texts) -> String {
    texts.with(
        "date-long",
        &[
            ("weekday", texts.text(weekday_key(date.weekday())).into()),
            ("day", i64::from(date.day()).into()),
            ("month", texts.text(month_key(date.month())).into()),
            ("year", date.year().to_string().into()),
        ],
    )
}

/// `Mon`, `23`, `Nov`: a leaf of a calendar.
pub fn leaf(date: civil::Date, texts: Texts) -> [String; 3] {
    [
        short(weekday_key(date.weekday()), texts),
        date.day().to_string(),
        short(month_key(date.month()), texts),
    ]
}

/// The short name of a weekday or a month, as the language has it: `Mon`, `Mo.`, `Sen`.
fn short(key: &str, texts: Texts) -> String {
    texts.text(&key.replacen('-', "-short-", 1))
}

/// `Mon 23 Nov`, where there is little room.
pub fn short_date(date: civil::Date, texts: Texts) -> String {
    let [weekday, day, month] = leaf(date, texts);
    texts.with(
        "date-short",
        &[
            ("weekday", weekday.into()),
            ("day", day.into()),
            ("month", month.into()),
        ],
    )
}

/// `November 2026`: the month of a date.
pub fn month_and_year(date: civil::Date, texts: Texts) -> String {
    format!("{} {}", texts.text(month_key(date.month())), date.year())
}

/// `Monday 23 November 2026, 09:20`.
pub fn moment(at: Timestamp, zone: &TimeZone, texts: Texts) -> String {
    format!(
        "{}, {}",
        long_date(local_date(at, zone), texts),
        clock(at, zone, texts.locale())
    )
}

/// The text key of a weekday's name.
pub fn weekday_key(weekday: civil::Weekday) -> &'static str {
    match weekday {
        civil::Weekday::Monday => "weekday-monday",
        civil::Weekday::Tuesday => "weekday-tuesday",
        civil::Weekday::Wednesday => "weekday-wednesday",
        civil::Weekday::Thursday => "weekday-thursday",
        civil::Weekday::Friday => "weekday-friday",
        civil::Weekday::Saturday => "weekday-saturday",
        civil::Weekday::Sunday => "weekday-sunday",
    }
}

fn month_key(month: i8) -> &'static str {
    match month {
        1 => "month-january",
        2 => "month-february",
        3 => "month-march",
        4 => "month-april",
        5 => "month-may",
        6 => "month-june",
        7 => "month-july",
        8 => "month-august",
        9 => "month-september",
        10 => "month-october",
        11 => "month-november",
        _ => "month-december",
    }
}

/// Names a zone with its offset at a moment: `Asia/Jakarta, UTC+7`.
pub fn zone_name(name: &str, zone: &TimeZone, at: Timestamp) -> String {
    format!("{name}, {}", offset_name(zone, at))
}

/// Names a zone with its offset on the days that are shown, from the first to the last: `Europe/Berlin, UTC+1`. Where the
/// clock is put forward or back in between, both offsets are named, with the date from which the second one holds.
pub fn zone_of_days(
    name: &str,
    zone: &TimeZone,
    (first, last): (civil::Date, civil::Date),
    texts: Texts,
) -> String {
    let ends = first_instant(first, 0, zone).zip(last_instant(last, MINUTES_OF_A_DAY, zone));
    let Some((start, end)) = ends else {
        return name.to_owned();
    };
    let mut named = zone_name(name, zone, start);
    let mut offset = zone.to_offset(start);
    for change in zone
        .following(start)
        .take_while(|change| change.timestamp() < end)
    {
        // A zone may change its name and keep its time.
        if change.offset() == offset {
            continue;
        }
        offset = change.offset();
        named = texts.with(
            "zone-from",
            &[
                ("zone", named.into()),
                (
                    "date",
                    short_date(local_date(change.timestamp(), zone), texts).into(),
                ),
                ("offset", offset_name(zone, change.timestamp()).into()),
            ],
        );
    }
    named
}

/// `UTC+7`, `UTC-3:30`: the offset of a zone at a moment.
pub fn offset_name(zone: &TimeZone, at: Timestamp) -> String {
    let offset = zone.to_offset(at).seconds();
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 3600, offset.abs() % 3600 / 60);
    match minutes {
        0 => format!("UTC{sign}{hours}"),
        minutes => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        zone("Europe/Berlin").unwrap()
    }

    #[test]
    fn a_wall_clock_time_that_does_not_exist_is_no_instant() {
        let spring = civil::date(2027, 3, 28);
        assert_eq!(instants(spring, 2 * 60 + 30, &berlin()), []);
        assert_eq!(instants(spring, 3 * 60, &berlin()).len(), 1);
    }

    #[test]
    fn a_wall_clock_time_that_comes_twice_is_two_instants_an_hour_apart() {
        let autumn = civil::date(2026, 10, 25);
        let both = instants(autumn, 2 * 60 + 30, &berlin());
        assert_eq!(both.len(), 2);
        assert_eq!(plus_minutes(both[0], 60), both[1]);
    }

    #[test]
    fn a_bound_inside_the_jump_is_the_jump() {
        let spring = civil::date(2027, 3, 28);
        let jump: Timestamp = "2027-03-28T01:00:00Z".parse().unwrap();
        assert_eq!(first_instant(spring, 2 * 60 + 30, &berlin()), Some(jump));
        assert_eq!(last_instant(spring, 2 * 60, &berlin()), Some(jump));
    }

    #[test]
    fn minute_1440_is_the_midnight_that_ends_the_day() {
        let day = civil::date(2026, 11, 23);
        let next = civil::date(2026, 11, 24);
        assert_eq!(instants(day, 1440, &berlin()), instants(next, 0, &berlin()));
    }

    #[test]
    fn a_date_ends_at_its_first_midnight_where_that_comes_twice() {
        let havana = zone("America/Havana").unwrap();
        let before = civil::date(2026, 10, 31);
        assert_eq!(instants(before, 1440, &havana).len(), 2);
        assert_eq!(
            last_instant(before, 1440, &havana),
            Some("2026-11-01T04:00:00Z".parse().unwrap())
        );
    }

    #[test]
    fn ranges_that_touch_do_not_overlap() {
        let at = |minute| plus_minutes(Timestamp::UNIX_EPOCH, minute);
        let first = Range::new(at(0), at(30));
        assert!(!first.overlaps(Range::new(at(30), at(60))));
        assert!(first.overlaps(Range::new(at(29), at(60))));
    }

    #[test]
    fn clocks_are_written_in_the_way_of_each_language() {
        assert_eq!(clocks_in("09:20–12:00", Locale::Id), "09.20–12.00");
        assert_eq!(clocks_in("09:20–12:00", Locale::De), "09:20–12:00");
    }

    #[test]
    fn weekdays_are_short_in_the_way_of_each_language() {
        let date = civil::date(2026, 12, 1);
        for (locale, expected) in [
            (Locale::En, "Tue 1 Dec"),
            (Locale::Id, "Sel, 1 Des"),
            (Locale::De, "Di., 1. Dez."),
        ] {
            let short: String = short_date(date, Texts::of(locale))
                .chars()
                .filter(|c| !matches!(c, '\u{2068}' | '\u{2069}'))
                .collect();
            assert_eq!(short, expected);
        }
    }

    #[test]
    fn a_zone_is_named_with_its_offset() {
        for (name, expected) in [
            ("Asia/Jakarta", "Asia/Jakarta, UTC+7"),
            ("Asia/Kolkata", "Asia/Kolkata, UTC+5:30"),
            ("America/St_Johns", "America/St_Johns, UTC-3:30"),
            ("Pacific/Marquesas", "Pacific/Marquesas, UTC-9:30"),
        ] {
            let named = zone_name(name, &zone(name).unwrap(), Timestamp::UNIX_EPOCH);
            assert_eq!(named, expected);
        }
    }

    #[test]
    fn a_week_begins_on_its_monday() {
        for (date, expected) in [
            (civil::date(2026, 3, 2), civil::date(2026, 3, 2)),
            (civil::date(2026, 3, 8), civil::date(2026, 3, 2)),
            (civil::date(2027, 1, 1), civil::date(2026, 12, 28)),
        ] {
            assert_eq!(monday(date), expected, "{date}");
        }
    }

    #[test]
    fn the_times_of_a_repeated_hour_are_told_apart_by_their_offsets() {
        for (name, at, expected) in [
            ("Europe/Berlin", "2026-10-24T23:59:00Z", "01:59"),
            ("Europe/Berlin", "2026-10-25T00:00:00Z", "02:00 UTC+2"),
            ("Europe/Berlin", "2026-10-25T00:30:00Z", "02:30 UTC+2"),
            ("Europe/Berlin", "2026-10-25T01:30:00Z", "02:30 UTC+1"),
            ("Europe/Berlin", "2026-10-25T02:00:00Z", "03:00"),
            ("Europe/Berlin", "2027-03-28T01:00:00Z", "03:00"),
            ("Australia/Lord_Howe", "2026-04-04T14:45:00Z", "01:45 UTC+11"),
            ("Australia/Lord_Howe", "2026-04-04T15:15:00Z", "01:45 UTC+10:30"),
            ("America/Havana", "2026-11-01T04:30:00Z", "00:30 UTC-4"),
            ("America/Havana", "2026-11-01T05:30:00Z", "00:30 UTC-5"),
            ("Asia/Jakarta", "2026-10-25T00:30:00Z", "07:30"),
        ] {
            let (zone, at) = (zone(name).unwrap(), at.parse().unwrap());
            assert_eq!(clock(at, &zone, Locale::En), expected, "{name} {at}");
        }
        let repeated = clock("2026-10-25T01:30:00Z".parse().unwrap(), &berlin(), Locale::Id);
        assert_eq!(repeated, "02.30 UTC+1");
    }

    #[test]
    fn a_zone_is_named_with_the_offsets_of_the_days_that_are_shown() {
        let texts = Texts::of(Locale::En);
        let (july, october) = (civil::date(2026, 7, 1), civil::date(2026, 10, 25));
        let december = civil::date(2026, 12, 1);
        for (name, first, last, expected) in [
            ("Europe/Berlin", july, july, "Europe/Berlin, UTC+2"),
            ("Europe/Berlin", december, december, "Europe/Berlin, UTC+1"),
            (
                "Europe/Berlin",
                july,
                december,
                "Europe/Berlin, UTC+2, from Sun 25 Oct UTC+1",
            ),
            (
                "Europe/Berlin",
                october,
                october,
                "Europe/Berlin, UTC+2, from Sun 25 Oct UTC+1",
            ),
            ("Asia/Jakarta", july, december, "Asia/Jakarta, UTC+7"),
        ] {
            let named = zone_of_days(name, &zone(name).unwrap(), (first, last), texts);
            let named: String = named
                .chars()
                .filter(|c| !matches!(c, '\u{2068}' | '\u{2069}'))
                .collect();
            assert_eq!(named, expected);
        }
    }
}
