//! `timing` of `$find`: the days of the week and the times of day that somebody could come, by the clock of the clinic.

use jiff::{
    Timestamp,
    civil::{Time, Weekday},
    tz::TimeZone,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Search;
use crate::{fhir::refusal::not_supported, server::api::Fault};

/// The members of a `Timing` and of its `repeat` that are understood. What is not would change what is asked for, so it is
/// refused and never left out.
const MEMBERS: [&str; 1] = ["repeat"];
const REPEAT_MEMBERS: [&str; 5] = ["dayOfWeek", "timeOfDay", "when", "duration", "durationUnit"];

/// The seconds for which a time of day lasts where no duration is said: that of a begun minute.
const MOMENT: i64 = 60;

/// When an appointment could begin: on one of these days, and in one of these parts of the day. Of what is empty, whenever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    days: Vec<Weekday>,
    /// Seconds since midnight: the first one, and the first one that no longer counts.
    parts: Vec<(i64, i64)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Repeat {
    day_of_week: Vec<String>,
    time_of_day: Vec<String>,
    when: Vec<String>,
    duration: Option<f64>,
    duration_unit: Option<String>,
}

impl Search {
    /// The timings of which one is to fit, each written as JSON; `None` where nothing is asked for.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn timings(&self, name: &str) -> Result<Option<Vec<Timing>>, Fault> {
        let Some(values) = self.any_of(name)? else {
            return Ok(None);
        };
        let timings = values.iter().map(|value| Timing::parse(value, name));
        timings.collect::<Result<_, _>>().map(Some)
    }
}

impl Timing {
    /// # Errors
    /// `VALIDATION_FAILED`, which names this input.
    fn parse(text: &str, input: &str) -> Result<Self, Fault> {
        let malformed = || Fault::malformed(input);
        let timing: Map<String, Value> = serde_json::from_str(text).map_err(|_| malformed())?;
        only(&timing, &MEMBERS, input)?;
        let Some(Value::Object(repeat)) = timing.get("repeat") else {
            return Err(malformed());
        };
        only(repeat, &REPEAT_MEMBERS, input)?;
        let repeat = Repeat::deserialize(repeat).map_err(|_| malformed())?;
        let days: Option<Vec<Weekday>> = repeat.day_of_week.iter().map(|code| weekday(code)).collect();
        let days = days.ok_or_else(malformed)?;
        let lasts = lasts(&repeat).ok_or_else(malformed)?;
        // Of the two ways to say a time of day, FHIR allows one.
        if !repeat.when.is_empty() && !repeat.time_of_day.is_empty() {
            return Err(malformed());
        }
        let mut parts = Vec::new();
        for code in &repeat.when {
            parts.push(part_of_day(code).ok_or_else(|| not_supported(input))?);
        }
        for time in &repeat.time_of_day {
            let begins = time.parse::<Time>().map(seconds).map_err(|_| malformed())?;
            parts.push((begins, begins + lasts));
        }
        if days.is_empty() && parts.is_empty() {
            return Err(malformed());
        }
        Ok(Self { days, parts })
    }

    /// Whether an appointment that begins at this moment fits, by the clock of a clinic.
    pub fn has(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let local = at.to_zoned(zone.clone());
        let second = seconds(local.time());
        let is_in = |&(from, until): &(i64, i64)| (from..until).contains(&second);
        (self.days.is_empty() || self.days.contains(&local.weekday()))
            && (self.parts.is_empty() || self.parts.iter().any(is_in))
    }
}

fn only(members: &Map<String, Value>, known: &[&str], input: &str) -> Result<(), Fault> {
    match members.keys().all(|name| known.contains(&name.as_str())) {
        true => Ok(()),
        false => Err(not_supported(input)),
    }
}

fn seconds(time: Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

/// The seconds from a time of day in which an appointment may begin. A duration belongs to times of day, and has a unit.
fn lasts(repeat: &Repeat) -> Option<i64> {
    let (duration, unit) = match (repeat.duration, repeat.duration_unit.as_deref()) {
        (None, None) => return Some(MOMENT),
        (Some(duration), Some(unit)) if !repeat.time_of_day.is_empty() => (duration, unit),
        _ => return None,
    };
    let seconds = match unit {
        "h" => 3600.0,
        "min" => 60.0,
        _ => return None,
    };
    let lasts = duration * seconds;
    // At most a day; the comparison is false for what is no number.
    if !(1.0..=86_400.0).contains(&lasts) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is at most the seconds of a day"
    )]
    Some(lasts as i64)
}

fn weekday(code: &str) -> Option<Weekday> {
    Some(match code {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// The parts of the day as patients have them on the waitlist: until noon, until five, and after it.
fn part_of_day(code: &str) -> Option<(i64, i64)> {
    let (from, until) = match code {
        "MORN" => (0, 12),
        "AFT" => (12, 17),
        "EVE" => (17, 24),
        _ => return None,
    };
    Some((from * 3600, until * 3600))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fits(repeat: &Value, at: &str) -> Option<bool> {
        let zone = engine::time::zone("Asia/Jakarta").unwrap();
        let text = json!({ "repeat": repeat }).to_string();
        let timing = Timing::parse(&text, "timing").ok()?;
        Some(timing.has(at.parse().unwrap(), &zone))
    }

    #[test]
    fn a_day_and_a_time_have_to_fit_by_the_clock_of_the_clinic() {
        // A Monday at half past nine in Jakarta.
        let monday = "2026-11-30T02:30:00Z";
        for (repeat, expected) in [
            (json!({ "dayOfWeek": ["mon"] }), true),
            (json!({ "dayOfWeek": ["sun", "mon"] }), true),
            (json!({ "dayOfWeek": ["sun"] }), false),
            (json!({ "when": ["MORN"] }), true),
            (json!({ "when": ["AFT", "EVE"] }), false),
            (json!({ "timeOfDay": ["09:30:00"] }), true),
            (json!({ "timeOfDay": ["09:00:00"] }), false),
            (
                json!({ "timeOfDay": ["09:00:00"], "duration": 1, "durationUnit": "h" }),
                true,
            ),
            (
                json!({ "timeOfDay": ["09:00:00"], "duration": 30, "durationUnit": "min" }),
                false,
            ),
            (
                json!({ "timeOfDay": ["08:00:00", "09:30:00"], "dayOfWeek": ["tue"] }),
                false,
            ),
        ] {
            assert_eq!(fits(&repeat, monday), Some(expected), "{repeat}");
        }
        // A Monday evening at home, still the morning in Greenwich.
        let evening = "2026-11-30T10:00:00Z";
        assert_eq!(fits(&json!({ "when": ["EVE"] }), evening), Some(true));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for repeat in [
            json!({}),
            json!({ "dayOfWeek": ["monday"] }),
            json!({ "dayOfWeek": "mon" }),
            json!({ "when": ["HS"] }),
            json!({ "timeOfDay": ["9"] }),
            json!({ "timeOfDay": ["09:00:00"], "when": ["MORN"] }),
            json!({ "timeOfDay": ["09:00:00"], "duration": 1 }),
            json!({ "timeOfDay": ["09:00:00"], "duration": -1, "durationUnit": "h" }),
            json!({ "dayOfWeek": ["mon"], "duration": 1, "durationUnit": "h" }),
            json!({ "dayOfWeek": ["mon"], "frequency": 2 }),
        ] {
            assert_eq!(fits(&repeat, "2026-11-30T02:30:00Z"), None, "{repeat}");
        }
        assert!(Timing::parse(r#"{"event":["2026-11-30"]}"#, "timing").is_err());
        assert!(Timing::parse("mon", "timing").is_err());
    }
}
