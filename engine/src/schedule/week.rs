//! A week as people write it down: the same hours on several days are one row.

use jiff::civil;
use serde::{Deserialize, Serialize};

use super::{clock_text, hours};
use crate::{
    availability::{Hours, Weekly},
    error::{AppError, Field, FieldProblem},
    time,
};

/// A row of the form of a week, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// ISO 8601: 1 is Monday, 7 is Sunday.
    #[serde(default)]
    pub days: Vec<String>,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub until: String,
    /// `work` or `break`.
    #[serde(default)]
    pub kind: String,
    /// Dates, or empty.
    #[serde(default)]
    pub valid_from: String,
    #[serde(default)]
    pub valid_until: String,
}

impl Row {
    /// Whether nobody wrote anything into it.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
            && [&self.from, &self.until]
                .iter()
                .all(|text| text.trim().is_empty())
    }

    pub fn is_break(&self) -> bool {
        self.kind == "break"
    }

    /// Parses a row.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for the hours or the day.
    pub fn read(&self) -> Result<Vec<Weekly>, AppError> {
        if self.days.is_empty() {
            return Err(AppError::invalid(Field::Day, FieldProblem::Missing));
        }
        let hours = hours(&self.from, &self.until)?;
        let (valid_from, valid_until) = (
            optional_date(&self.valid_from)?,
            optional_date(&self.valid_until)?,
        );
        super::check_hours(&[hours])?;
        self.days
            .iter()
            .map(|day| {
                let weekday = day
                    .parse()
                    .ok()
                    .and_then(|day: i8| civil::Weekday::from_monday_one_offset(day).ok())
                    .ok_or(AppError::invalid(Field::Day, FieldProblem::Malformed))?;
                Ok(Weekly {
                    weekday,
                    hours,
                    is_break: self.is_break(),
                    valid_from,
                    valid_until,
                })
            })
            .collect()
    }
}

/// A date as it is typed.
///
/// # Errors
/// `VALIDATION_FAILED` for the day.
pub fn date(typed: &str) -> Result<civil::Date, AppError> {
    optional_date(typed)?.ok_or(AppError::invalid(Field::Day, FieldProblem::Missing))
}

/// Parses a value that may be empty.
///
/// # Errors
/// Those of [`date`].
pub fn optional_date(typed: &str) -> Result<Option<civil::Date>, AppError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    match time::date(typed) {
        Some(date) => Ok(Some(date)),
        None => Err(AppError::invalid(Field::Day, FieldProblem::Malformed)),
    }
}

/// Parses the rows that are not empty.
///
/// # Errors
/// Those of [`Row::read`].
pub fn read(rows: &[Row]) -> Result<Vec<Weekly>, AppError> {
    let mut week = Vec::new();
    for row in rows.iter().filter(|row| !row.is_empty()) {
        week.extend(row.read()?);
    }
    Ok(week)
}

/// The rows of a week that is in order.
pub fn rows(week: &[Weekly]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for weekly in week {
        let text = |date: Option<civil::Date>| date.map(|date| date.to_string()).unwrap_or_default();
        let row = Row {
            days: Vec::new(),
            from: clock_text(weekly.hours.from_minute),
            until: clock_text(weekly.hours.until_minute),
            kind: if weekly.is_break { "break" } else { "work" }.to_owned(),
            valid_from: text(weekly.valid_from),
            valid_until: text(weekly.valid_until),
        };
        let day = weekly.weekday.to_monday_one_offset().to_string();
        let same = rows.iter_mut().find(|known| {
            Row {
                days: Vec::new(),
                ..(*known).clone()
            } == row
                && !known.days.contains(&day)
        });
        match same {
            Some(known) => known.days.push(day),
            None => rows.push(Row {
                days: vec![day],
                ..row
            }),
        }
    }
    rows
}

/// Ranges of a day in one line: `8-12, 13:00-17:30`, or `8 AM to 12:00 PM`. Nothing is no hours.
///
/// # Errors
/// `VALIDATION_FAILED` for the hours.
pub fn ranges(typed: &str) -> Result<Vec<Hours>, AppError> {
    const BETWEEN: [&str; 12] = [
        "–", "—", "‒", "‐", "‑", "−", "－", "～", "~", " bis ", " to ", " sampai ",
    ];
    let malformed = AppError::invalid(Field::Hours, FieldProblem::Malformed);
    typed
        .split([',', ';', '、', '，', '；', '\n'])
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .map(|range| {
            let range = BETWEEN
                .iter()
                .fold(range.to_lowercase(), |range, between| range.replace(between, "-"))
                .replace(" s/d ", "-")
                .replace(" s.d. ", "-");
            let (from, until) = range.split_once('-').ok_or(malformed)?;
            hours(from, until)
        })
        .collect()
}

/// Writes ranges so that [`ranges`] reads them back.
pub fn ranges_text(ranges: &[Hours]) -> String {
    let ranges: Vec<String> = ranges
        .iter()
        .map(|hours| {
            format!(
                "{}–{}",
                clock_text(hours.from_minute),
                clock_text(hours.until_minute)
            )
        })
        .collect();
    ranges.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(days: &[&str], from: &str, until: &str, kind: &str) -> Row {
        Row {
            days: days.iter().map(ToString::to_string).collect(),
            from: from.to_owned(),
            until: until.to_owned(),
            kind: kind.to_owned(),
            ..Row::default()
        }
    }

    #[test]
    fn a_week_is_written_down_and_read_back_as_it_was() {
        let written = [
            row(&["1", "2", "5"], "08:00", "12:00", "work"),
            row(&["1"], "10:00", "10:15", "break"),
            row(&["3"], "08:00", "24:00", "work"),
            Row::default(),
        ];
        let mut week = read(&written).unwrap();
        assert_eq!(week.len(), 5);
        week.sort_by_key(|weekly| weekly.weekday.to_monday_zero_offset());
        assert_eq!(rows(&week), written[..3]);
        let winter = Row {
            valid_until: "2027-03-31".to_owned(),
            ..written[0].clone()
        };
        let both = read(&[winter.clone(), written[0].clone()]).unwrap();
        assert_eq!(rows(&both), [winter, written[0].clone()]);
    }

    #[test]
    fn the_error_of_a_row_names_the_field() {
        for (row, expected) in [
            (
                row(&[], "08:00", "12:00", "work"),
                (Field::Day, FieldProblem::Missing),
            ),
            (
                row(&["8"], "08:00", "12:00", "work"),
                (Field::Day, FieldProblem::Malformed),
            ),
            (
                row(&["1"], "", "12:00", "work"),
                (Field::Hours, FieldProblem::Malformed),
            ),
            (
                row(&["1"], "08:00", "08:00", "work"),
                (Field::Hours, FieldProblem::Malformed),
            ),
            (
                row(&["1"], "22:00", "02:00", "work"),
                (Field::Hours, FieldProblem::PastMidnight),
            ),
            (
                Row {
                    valid_from: "soon".to_owned(),
                    ..row(&["1"], "08:00", "12:00", "work")
                },
                (Field::Day, FieldProblem::Malformed),
            ),
        ] {
            assert_eq!(
                read(std::slice::from_ref(&row)),
                Err(AppError::invalid(expected.0, expected.1)),
                "{row:?}"
            );
        }
    }

    #[test]
    fn ranges_of_a_day_are_read_from_one_line() {
        let text = |typed: &str| ranges(typed).map(|ranges| ranges_text(&ranges)).ok();
        for (typed, expected) in [
            ("", Some("")),
            ("8:00-12:00", Some("08:00–12:00")),
            ("08.00 – 12.00; 13:00-17:30,", Some("08:00–12:00, 13:00–17:30")),
            ("8-12", Some("08:00–12:00")),
            ("0800-1200;1300-1730", Some("08:00–12:00, 13:00–17:30")),
            ("9:00 AM – 12:00 PM", Some("09:00–12:00")),
            ("8 bis 12 Uhr", Some("08:00–12:00")),
            ("8 to 12, 13 — 17", Some("08:00–12:00, 13:00–17:00")),
            ("16:00-00:00", Some("16:00–24:00")),
            ("０８：００－１２：００", Some("08:00–12:00")),
            ("22:00-02:00", None),
            ("08:00", None),
            ("08:00-12:00-13:00", None),
        ] {
            assert_eq!(text(typed).as_deref(), expected, "{typed}");
        }
    }
}
