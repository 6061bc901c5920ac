//! What a clock shows, as calendars write it.

use jiff::civil;

/// Reads `20261124`, `20261124T100000` and `20261124T100000Z`: the clock, whether it is a date, whether it is of UTC.
pub(in crate::caldav) fn local(value: &str) -> Option<(civil::DateTime, bool, bool)> {
    let (value, is_utc) = match value.strip_suffix(['Z', 'z']) {
        Some(value) => (value, true),
        None => (value, false),
    };
    let (day, clock) = match value.split_once(['T', 't']) {
        Some((day, clock)) => (day, Some(clock)),
        None => (value, None),
    };
    let is_number =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(day, 8) || clock.is_some_and(|clock| !is_number(clock, 6)) {
        return None;
    }
    let number = |text: &str| text.parse::<i16>().ok();
    let small = |text: &str| text.parse::<i8>().ok();
    let date = civil::Date::new(number(&day[..4])?, small(&day[4..6])?, small(&day[6..])?).ok()?;
    let time = match clock {
        None => civil::Time::midnight(),
        // A leap second is the second before it.
        Some(clock) => {
            let second = small(&clock[4..])?;
            let second = if second == 60 { 59 } else { second };
            civil::Time::new(small(&clock[..2])?, small(&clock[2..4])?, second, 0).ok()?
        }
    };
    (clock.is_some() || !is_utc).then_some((date.to_datetime(time), clock.is_none(), is_utc))
}
