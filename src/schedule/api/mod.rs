//! Schedules, for programs: doctors change their own, and admins those of all, or what is of their clinics.

pub mod calls;
pub mod change;
pub mod closures;
pub mod day;
pub mod read;

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use engine::{
    availability::{Hours, Weekly},
    error::{AppError, Field, FieldProblem},
    schedule::{Dates, LastChange, clock, clock_text, hours_of},
};

/// A time of the day, on the wall clock of the clinic. It is written as `09:00`, and read as people and spreadsheets write
/// it, too: `9`, `0900`, `9:00 AM`, `09:00:00`, `24:00`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "09:00")]
pub struct Clock(i32);

impl TryFrom<String> for Clock {
    type Error = AppError;

    fn try_from(text: String) -> Result<Self, AppError> {
        clock(&text).map(Self)
    }
}

impl From<Clock> for String {
    fn from(clock: Clock) -> Self {
        clock_text(clock.0)
    }
}

/// A date in the time zone of the clinic.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-12-24")]
pub struct Date(pub civil::Date);

impl TryFrom<String> for Date {
    type Error = AppError;

    fn try_from(text: String) -> Result<Self, AppError> {
        text.parse::<civil::Date>()
            .ok()
            // Of four digits: nobody plans further, and before that there was no Janji.
            .filter(|date| date.year() >= 1970 && date.to_string() == text)
            .map(Self)
            .ok_or(AppError::invalid(Field::Day, FieldProblem::Malformed))
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.0.to_string()
    }
}

/// Hours of a date.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursOfDay {
    from: Clock,
    /// The end, after `from`; `00:00` is the end of the day, as `24:00` is.
    until: Clock,
}

impl From<HoursOfDay> for Hours {
    fn from(hours: HoursOfDay) -> Self {
        hours_of(hours.from.0, hours.until.0)
    }
}

impl From<Hours> for HoursOfDay {
    fn from(hours: Hours) -> Self {
        Self {
            from: Clock(hours.from_minute),
            until: Clock(hours.until_minute),
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Weekday> for civil::Weekday {
    fn from(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

impl From<civil::Weekday> for Weekday {
    fn from(weekday: civil::Weekday) -> Self {
        match weekday {
            civil::Weekday::Monday => Self::Monday,
            civil::Weekday::Tuesday => Self::Tuesday,
            civil::Weekday::Wednesday => Self::Wednesday,
            civil::Weekday::Thursday => Self::Thursday,
            civil::Weekday::Friday => Self::Friday,
            civil::Weekday::Saturday => Self::Saturday,
            civil::Weekday::Sunday => Self::Sunday,
        }
    }
}

/// The kind of some hours of a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoursKind {
    #[default]
    Work,
    /// Taken out of the work around it.
    Break,
}

/// Hours of a weekday.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeekHours {
    weekday: Weekday,
    from: Clock,
    /// The end, after `from`; `00:00` is the end of the day, as `24:00` is.
    until: Clock,
    #[serde(default)]
    kind: HoursKind,
    /// The first date on which the hours hold; no limit if it is missing.
    valid_from: Option<Date>,
    /// The last date on which the hours hold; no limit if it is missing.
    valid_until: Option<Date>,
}

impl From<WeekHours> for Weekly {
    fn from(hours: WeekHours) -> Self {
        Self {
            weekday: hours.weekday.into(),
            hours: hours_of(hours.from.0, hours.until.0),
            is_break: hours.kind == HoursKind::Break,
            valid_from: hours.valid_from.map(|date| date.0),
            valid_until: hours.valid_until.map(|date| date.0),
        }
    }
}

impl From<&Weekly> for WeekHours {
    fn from(weekly: &Weekly) -> Self {
        let HoursOfDay { from, until } = weekly.hours.into();
        Self {
            weekday: weekly.weekday.into(),
            from,
            until,
            kind: match weekly.is_break {
                true => HoursKind::Break,
                false => HoursKind::Work,
            },
            valid_from: weekly.valid_from.map(Date),
            valid_until: weekly.valid_until.map(Date),
        }
    }
}

/// The key of the text about impossible dates.
pub const BAD_DATES: &str = "plan-bad-dates";

/// Dates on which a doctor is away or a clinic closed.
fn dates(
    (first_day, last_day): (Date, Option<Date>),
    hours: Option<HoursOfDay>,
    yearly: bool,
    note: String,
) -> Dates {
    Dates {
        first_day: first_day.0,
        last_day: last_day.unwrap_or(first_day).0,
        hours: hours.map(Hours::from),
        yearly,
        note,
    }
}

/// The newest change of a service, a clinic or a doctor.
#[derive(Serialize, ToSchema)]
pub struct ChangeData {
    /// The version after the change.
    #[schema(example = 3)]
    version: i32,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    changed_at: Timestamp,
    /// The name of the member of staff.
    changed_by: String,
    #[schema(example = "week")]
    change: String,
}

impl From<LastChange> for ChangeData {
    fn from(last: LastChange) -> Self {
        Self {
            version: last.version,
            changed_at: last.at,
            changed_by: last.by,
            change: last.what,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_in_many_spellings_and_written_in_one() {
        for (text, minutes) in [
            ("00:00", Some(0)),
            ("09:05", Some(545)),
            ("23:59", Some(1439)),
            ("24:00", Some(1440)),
            ("24:01", None),
            ("9:05", Some(545)),
            ("09.05", Some(545)),
            (" 09:05", Some(545)),
            ("0905", Some(545)),
            ("9", Some(540)),
            ("9:05 PM", Some(1265)),
            ("09:05:00", Some(545)),
            ("09:05Z", None),
            ("25:00", None),
            ("", None),
        ] {
            let read = Clock::try_from(text.to_owned()).ok();
            assert_eq!(read.map(|clock| clock.0), minutes, "{text}");
            if let (Some(clock), Some(minutes)) = (read, minutes) {
                assert_eq!(String::from(clock), clock_text(minutes));
            }
        }
    }

    #[test]
    fn a_date_has_one_spelling() {
        for (text, is_one) in [
            ("2026-11-24", true),
            ("2028-02-29", true),
            ("2026-02-29", false),
            ("20261124", false),
            ("-009999-01-01", false),
            ("1969-12-31", false),
            ("2026-11-24T10:00", false),
            ("", false),
        ] {
            assert_eq!(Date::try_from(text.to_owned()).is_ok(), is_one, "{text}");
        }
    }
}
