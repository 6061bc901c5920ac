//! Parses many doctors, one in a line, by the rules of the form for one, and reports the outcome of each (C8).

mod report;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use self::report::{Outcome, Report, Reported};
use super::{
    Clinic, NewDoctor, Service, Versioned, csv,
    form::{BREAK_FROM, BREAK_UNTIL, DAYS, Filled, MORE_LANGUAGES, SERVICES, UNTIL},
};
use crate::{
    account::storable,
    error::{AppError, Field, FieldProblem},
    phone::is_dash,
    text,
};

/// The number of doctors in one import.
pub const MAX_ROWS: usize = 200;

/// The names that the first line has, in any order.
pub const COLUMNS: [&str; 12] = [
    "name",
    "speciality",
    "languages",
    "email",
    "password",
    "clinic",
    "services",
    "days",
    "from",
    "until",
    "break_from",
    "break_until",
];

/// Those that may be empty.
const OPTIONAL: [&str; 3] = ["languages", "break_from", "break_until"];

/// As they are written in the lines, from Monday on.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Placeholder for an unknown clinic, service or weekday, which validation refuses.
const NONE: &str = "?";

/// In which columns a field of the form is.
pub fn columns_of(field: Field) -> &'static str {
    match field {
        Field::Title => "name",
        Field::Speciality => "speciality",
        Field::Languages => "languages",
        Field::Email => "email",
        Field::NewPassword => "password",
        Field::Clinic => "clinic",
        Field::Services => "services",
        Field::Day => "days",
        Field::Hours => "from, until, break_from, break_until",
        _ => "",
    }
}

/// The pasted text.
#[derive(Clone, Debug)]
pub struct Table {
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    number: usize,
    /// In the order of [`COLUMNS`]. None where there are more or fewer: then nobody knows which of them is a password.
    cells: Option<[String; COLUMNS.len()]>,
}

impl Table {
    /// The cells may be separated by commas, by semicolons as many spreadsheets have it, or by tabs as they come out
    /// of the clipboard.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` where there is nothing, or the first line does not have the names.
    pub fn read(text: &str) -> Result<Self, AppError> {
        let malformed = AppError::invalid(Field::Lines, FieldProblem::Malformed);
        let text = text.trim_start_matches('\u{feff}');
        let (separator, text, skipped) = separator(text);
        let mut records = csv::read(text, separator)
            .into_iter()
            .map(|record| csv::Record {
                line: record.line + skipped,
                ..record
            })
            // Spreadsheets write rows in which nothing was typed.
            .filter(|record| {
                let cells = record.cells.as_deref();
                cells.is_none_or(|cells| cells.iter().any(|cell| text::is_visible(cell)))
            });
        let first = records
            .next()
            .ok_or(AppError::invalid(Field::Lines, FieldProblem::Missing))?;
        let names: Vec<String> = first
            .cells
            .ok_or(malformed)?
            .iter()
            .map(|name| text::line(name).to_ascii_lowercase())
            .collect();
        let mut places = [0; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            *place = names.iter().position(|name| name == column).ok_or(malformed)?;
        }
        // Columns without a name have nothing in them, which each row is held to.
        if names.iter().filter(|name| !name.is_empty()).count() != COLUMNS.len() {
            return Err(malformed);
        }
        let lines: Vec<Line> = records
            .map(|record| Line {
                number: record.line,
                cells: record.cells.and_then(|cells| in_order(&cells, &places)),
            })
            .collect();
        match lines.is_empty() {
            true => Err(AppError::invalid(Field::Lines, FieldProblem::Missing)),
            false => Ok(Self { lines }),
        }
    }

    /// The lines with these numbers, in a form that can be sent again and kept: without passwords, and with nothing
    /// that a database does not take. No line, no names.
    pub fn without_passwords(&self, is_kept: impl Fn(usize) -> bool) -> String {
        let kept: Vec<String> = self
            .lines
            .iter()
            .filter(|line| is_kept(line.number))
            .filter_map(|line| {
                let cells = line.cells.as_ref()?;
                let cells: Vec<String> = cells
                    .iter()
                    .zip(COLUMNS)
                    .map(|(cell, column)| match column {
                        "password" => String::new(),
                        _ => storable(cell),
                    })
                    .collect();
                Some(csv::line(cells.iter().map(String::as_str)))
            })
            .collect();
        match kept.is_empty() {
            true => String::new(),
            false => csv::line(COLUMNS) + &kept.concat(),
        }
    }

    /// Parses the lines.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` where they are too many.
    pub fn rows(&self, places: &Places) -> Result<Vec<Row>, AppError> {
        if self.lines.len() > MAX_ROWS {
            return Err(AppError::invalid(Field::Lines, FieldProblem::TooLong));
        }
        Ok(self.lines.iter().map(|line| line.row(places)).collect())
    }
}

/// The character that separates the cells, the text without a line that says so, and the number of lines before it: some
/// spreadsheets begin with `sep=;`.
fn separator(text: &str) -> (char, &str, usize) {
    let (first, rest) = text.split_at(text.find(['\n', '\r']).unwrap_or(text.len()));
    let said = first.trim_start().trim_matches('"').to_ascii_lowercase();
    if let Some(said) = said.strip_prefix("sep=") {
        let rest = rest.strip_prefix('\r').unwrap_or(rest);
        let rest = rest.strip_prefix('\n').unwrap_or(rest);
        return (said.chars().next().unwrap_or(','), rest, 1);
    }
    let separator = text
        .lines()
        .find(|line| line.chars().any(char::is_alphabetic))
        .and_then(|first| first.chars().find(|c| [',', ';', '\t'].contains(c)))
        .unwrap_or(',');
    (separator, text, 0)
}

/// The cells of a row in the order of [`COLUMNS`]. Cells that may be empty may be left out at its end. None where others
/// are missing, or where a cell without a name has something in it: then nobody knows which cell is which.
fn in_order(cells: &[String], places: &[usize; COLUMNS.len()]) -> Option<[String; COLUMNS.len()]> {
    let is_complete = places
        .iter()
        .zip(COLUMNS)
        .all(|(&place, column)| place < cells.len() || OPTIONAL.contains(&column));
    let has_no_others = cells
        .iter()
        .enumerate()
        .all(|(place, cell)| places.contains(&place) || !text::is_visible(cell));
    (is_complete && has_no_others).then(|| places.map(|place| cells.get(place).cloned().unwrap_or_default()))
}

impl Line {
    fn row(&self, places: &Places) -> Row {
        let Some(cells) = &self.cells else {
            return Row {
                line: self.number,
                name: String::new(),
                doctor: Err(vec![AppError::invalid(Field::Body, FieldProblem::Malformed)]),
            };
        };
        let filled = filled(cells, places);
        let doctor = match (filled.new_doctor(), filled.new_password()) {
            (Ok(doctor), Ok(password)) => Ok((doctor, password)),
            (doctor, password) => Err(doctor.err().into_iter().flatten().chain(password.err()).collect()),
        };
        Row {
            line: self.number,
            name: text::line(filled.text(Field::Title.name())),
            doctor,
        }
    }
}

/// The form for one doctor, as the cells fill it in.
fn filled(cells: &[String; COLUMNS.len()], places: &Places) -> Filled {
    let [
        name,
        speciality,
        languages,
        email,
        password,
        clinic,
        services,
        days,
        from,
        until,
        break_from,
        break_until,
    ] = cells;
    let id = |ids: &HashMap<String, i64>, name: &str| ids.get(name).map_or(NONE.to_owned(), i64::to_string);
    let clinic = match text::line(clinic) {
        name if name.is_empty() => name,
        name => id(&places.clinics, &name),
    };
    Filled::default()
        .with(Field::Title.name(), name)
        .with(Field::Speciality.name(), speciality)
        .with(MORE_LANGUAGES, languages)
        .with(Field::Email.name(), email)
        .with(Field::NewPassword.name(), password)
        .with(Field::Clinic.name(), clinic)
        .tick(SERVICES, words(services).map(|key| id(&places.services, key)))
        .tick(DAYS, days_of(days))
        .with(Field::Hours.name(), from)
        .with(UNTIL, until)
        .with(BREAK_FROM, break_from)
        .with(BREAK_UNTIL, break_until)
}

fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
}

/// `mon-wed fri` as the days that the form has ticked, each of them once.
fn days_of(cell: &str) -> Vec<String> {
    let number = |name: &str| {
        WEEKDAYS
            .iter()
            .position(|weekday| name.eq_ignore_ascii_case(weekday))
    };
    let mut days: Vec<String> = words(cell)
        .flat_map(|word| {
            // Programs that write for people make a longer dash of it.
            let (first, last) = word.split_once(is_dash).unwrap_or((word, word));
            match (number(first), number(last)) {
                (Some(first), Some(last)) if first <= last => {
                    (first..=last).map(|day| (day + 1).to_string()).collect()
                }
                _ => vec![NONE.to_owned()],
            }
        })
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// The names that lines can use: ids of clinics by name, and of services by key.
#[derive(Clone, Debug, Default)]
pub struct Places {
    clinics: HashMap<String, i64>,
    services: HashMap<String, i64>,
}

impl Places {
    pub fn new(clinics: Vec<Versioned<Clinic>>, services: Vec<Versioned<Service>>) -> Self {
        Self {
            clinics: clinics
                .into_iter()
                .map(|clinic| (text::line(&clinic.what.name), clinic.id))
                .collect(),
            services: services
                .into_iter()
                .filter(|service| service.what.active)
                .map(|service| (service.what.key, service.id))
                .collect(),
        }
    }
}

/// A parsed line.
#[derive(Clone, Debug)]
pub struct Row {
    pub line: usize,
    /// As it was typed.
    pub name: String,
    /// The doctor with the first password, or all errors of the line.
    pub doctor: Result<(NewDoctor, String), Vec<AppError>>,
}
