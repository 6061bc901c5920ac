//! Hours, as people and spreadsheets write them.

use crate::{
    availability::Hours,
    error::{AppError, Field, FieldProblem},
    phone::{ascii_digit, visible},
};

pub(super) const BAD_HOURS: AppError = AppError::ValidationFailed {
    field: Field::Hours,
    problem: FieldProblem::Malformed,
};

/// Hours that would end on the next day. A day's plan ends with it; the rest is hours of the next day.
const PAST_MIDNIGHT: AppError = AppError::ValidationFailed {
    field: Field::Hours,
    problem: FieldProblem::PastMidnight,
};

const HOUR: i32 = 60;
const DAY: i32 = 24 * HOUR;

/// A time of the day as people type it, and as spreadsheets write it: `9`, `0900`, `9:00`, `09.00`, `9,00`, `9h30`,
/// `9:00 AM`, `09:00:00`, `24:00`, in the digits of any script. In minutes after midnight.
///
/// # Errors
/// `VALIDATION_FAILED` for the hours.
pub fn clock(typed: &str) -> Result<i32, AppError> {
    read(&plain(typed)).ok_or(BAD_HOURS)
}

/// The hours from one time of the day to another: a midnight at their end is the one that ends the day.
///
/// # Errors
/// `VALIDATION_FAILED` for the hours, also where they go past midnight.
pub fn hours(from: &str, until: &str) -> Result<Hours, AppError> {
    let hours = hours_of(clock(from)?, clock(until)?);
    refuse_past_midnight(hours)?;
    Ok(hours)
}

/// The hours between two times of the day, in minutes after midnight: a midnight at their end is the one that ends the
/// day.
pub fn hours_of(from_minute: i32, until_minute: i32) -> Hours {
    let until_minute = match until_minute {
        0 => DAY,
        until => until,
    };
    Hours {
        from_minute,
        until_minute,
    }
}

/// Refuses hours that would end on the next day.
pub(super) fn refuse_past_midnight(hours: Hours) -> Result<(), AppError> {
    match hours.from_minute > hours.until_minute {
        true => Err(PAST_MIDNIGHT),
        false => Ok(()),
    }
}

/// Writes a time of the day for a field: `09:00`.
pub fn clock_text(minutes: i32) -> String {
    format!("{:02}:{:02}", minutes.div_euclid(HOUR), minutes.rem_euclid(HOUR))
}

/// The digit of any script in the digits of ASCII, letters in lower case, one colon and one dot for all of their
/// kinds, one blank for white space, and nothing for what nobody sees.
fn plain(typed: &str) -> String {
    let mut text = String::new();
    for c in visible(typed).chars() {
        match c {
            c if c.is_whitespace() => {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            '：' | '∶' | '︰' | 'ː' => text.push(':'),
            '．' | '。' | '·' => text.push('.'),
            '，' | '،' | '٫' => text.push(','),
            // Letters of full width.
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
                let ascii = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
                text.push(ascii.to_ascii_lowercase());
            }
            c => match ascii_digit(c) {
                Some(digit) => text.push(digit),
                None => text.extend(c.to_lowercase()),
            },
        }
    }
    text.trim().to_owned()
}

/// Half of a day, for clocks of twelve hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// Reads what [`plain`] has written.
fn read(text: &str) -> Option<i32> {
    let (text, half) = without_half(text);
    let text = without_words(text);
    let (hour, minute) = match fraction(text) {
        Some(minutes) => (minutes / HOUR, minutes % HOUR),
        None => numbers(text)?,
    };
    let hour = match half {
        None => hour,
        Some(_) if hour > 12 => return None,
        Some(Half::Morning) => hour % 12,
        Some(Half::Afternoon) => hour % 12 + 12,
    };
    let minutes = hour * HOUR + minute;
    (minute < HOUR && minutes <= DAY).then_some(minutes)
}

/// Takes `am`, `p.m.` and such from the end.
fn without_half(text: &str) -> (&str, Option<Half>) {
    for (ending, half) in [
        ("a.m.", Half::Morning),
        ("a.m", Half::Morning),
        ("am", Half::Morning),
        ("a. m.", Half::Morning),
        ("p.m.", Half::Afternoon),
        ("p.m", Half::Afternoon),
        ("pm", Half::Afternoon),
        ("p. m.", Half::Afternoon),
    ] {
        if let Some(rest) = text.strip_suffix(ending) {
            return (rest.trim_end(), Some(half));
        }
    }
    (text, None)
}

/// Takes the words that say that this is a time of the day.
fn without_words(text: &str) -> &str {
    let mut text = text;
    for word in ["pukul", "pkl.", "pkl", "jam", "um"] {
        text = text.strip_prefix(word).unwrap_or(text).trim_start();
    }
    for word in ["uhr", "o'clock", "o’clock", "hrs", "h"] {
        text = text.strip_suffix(word).unwrap_or(text).trim_end();
    }
    text
}

/// A part of a day such as `0.375`, as a spreadsheet writes a time without its format; `0.25` is a quarter past
/// midnight, as people write it.
fn fraction(text: &str) -> Option<i32> {
    let digits = text.strip_prefix("0.").or_else(|| text.strip_prefix("0,"))?;
    if digits.len() < 3 || !is_digits(digits) {
        return None;
    }
    let minutes = format!("0.{digits}").parse::<f64>().ok()? * f64::from(DAY);
    let whole = minutes.round();
    // A time of whole minutes, rounded by whoever wrote it.
    let is_whole = (minutes - whole).abs() < if digits.len() > 3 { 0.08 } else { 0.001 };
    #[expect(clippy::cast_possible_truncation, reason = "it is less than a day")]
    is_whole.then_some(whole as i32)
}

/// The hour and the minute.
fn numbers(text: &str) -> Option<(i32, i32)> {
    let parts: Vec<&str> = text.split([':', '.', ',', 'h']).map(str::trim).collect();
    if !parts.iter().all(|part| is_digits(part)) {
        return None;
    }
    let number = |text: &str| text.parse::<i32>().ok();
    match parts[..] {
        [hour] if hour.len() <= 2 => Some((number(hour)?, 0)),
        // `900`, `0900`.
        [digits] if digits.len() <= 4 => {
            let (hour, minute) = digits.split_at(digits.len() - 2);
            Some((number(hour)?, number(minute)?))
        }
        [hour, minute] if hour.len() <= 2 && minute.len() == 2 => Some((number(hour)?, number(minute)?)),
        // A plan has no seconds.
        [hour, minute, second] if hour.len() <= 2 && minute.len() == 2 && second == "00" => {
            Some((number(hour)?, number(minute)?))
        }
        [hour, minute, second, part]
            if hour.len() <= 2
                && minute.len() == 2
                && second == "00"
                && part.bytes().all(|byte| byte == b'0') =>
        {
            Some((number(hour)?, number(minute)?))
        }
        _ => None,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_day_is_read_the_way_people_and_spreadsheets_write_it() {
        for (typed, expected) in [
            ("09:00", Some(540)),
            ("9:05", Some(545)),
            (" 17.30 ", Some(1050)),
            ("0:00", Some(0)),
            ("24:00", Some(1440)),
            ("24:00:00", Some(1440)),
            ("9", Some(540)),
            ("09", Some(540)),
            ("0", Some(0)),
            ("24", Some(1440)),
            ("900", Some(540)),
            ("0900", Some(540)),
            ("1730", Some(1050)),
            ("2400", Some(1440)),
            ("0000", Some(0)),
            ("9,30", Some(570)),
            ("9h30", Some(570)),
            ("9h", Some(540)),
            ("9 h 30", Some(570)),
            ("09:00:00", Some(540)),
            ("09.00.00", Some(540)),
            ("09:00:00.000", Some(540)),
            ("9:00 AM", Some(540)),
            ("9:00\u{202f}AM", Some(540)),
            ("9:00\u{a0}am", Some(540)),
            ("9am", Some(540)),
            ("9 a.m.", Some(540)),
            ("9:00:00 PM", Some(1260)),
            ("12:00 AM", Some(0)),
            ("12:30 am", Some(30)),
            ("12 PM", Some(720)),
            ("1230pm", Some(750)),
            ("9 Uhr", Some(540)),
            ("um 9.30 Uhr", Some(570)),
            ("pukul 09.00", Some(540)),
            ("Jam 9", Some(540)),
            ("9 o’clock", Some(540)),
            ("０９：００", Some(540)),
            ("９時", None),
            ("９", Some(540)),
            ("٠٩:٠٠", Some(540)),
            ("९:००", Some(540)),
            ("᠙:᠐᠐", Some(540)),
            ("𝟗:𝟎𝟎", Some(540)),
            ("\u{ad}9\u{fe0f}:00", Some(540)),
            ("\u{200e}09:00\u{feff}", Some(540)),
            ("0.375", Some(540)),
            ("0,375", Some(540)),
            ("0.333333333333333", Some(480)),
            ("0.7083333", Some(1020)),
            ("0.4583", Some(660)),
            ("0.376", None),
            ("0.25", Some(25)),
            ("24:01", None),
            ("25", None),
            ("2500", None),
            ("12:60", None),
            ("1260", None),
            ("12:5", None),
            ("9:00:30", None),
            ("13:00 PM", None),
            ("-1:00", None),
            ("+9:00", None),
            ("90000", None),
            ("9:00 WIB", None),
            ("9:00+07:00", None),
            ("9:00Z", None),
            ("9-17", None),
            ("nine", None),
            ("am", None),
            (":", None),
            (":30", None),
            ("9:", None),
            ("", None),
        ] {
            assert_eq!(clock(typed).ok(), expected, "{typed}");
        }
        for minutes in [0, 5, 540, 1440] {
            assert_eq!(clock(&clock_text(minutes)), Ok(minutes));
        }
    }

    #[test]
    fn midnight_ends_a_day_and_hours_do_not_go_past_it() {
        let read = |from, until| hours(from, until).map(|hours| (hours.from_minute, hours.until_minute));
        for (from, until, expected) in [
            ("9", "17", Ok((540, 1020))),
            ("16:00", "00:00", Ok((960, 1440))),
            ("16:00", "24:00", Ok((960, 1440))),
            ("4 PM", "12 AM", Ok((960, 1440))),
            ("00:00", "00:00", Ok((0, 1440))),
            ("22:00", "02:00", Err(PAST_MIDNIGHT)),
            ("17", "9", Err(PAST_MIDNIGHT)),
            ("9", "soon", Err(BAD_HOURS)),
        ] {
            assert_eq!(read(from, until), expected, "{from} to {until}");
        }
    }
}
