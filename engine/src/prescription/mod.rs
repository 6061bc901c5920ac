//! Prescriptions: at most one that stands for an appointment, by its doctor, during the visit or after it (A4). One that is
//! wrong is withdrawn, and both are kept.

pub mod integrity;
mod prescribe;
mod read;
mod template;
mod withdraw;

use self::read::standing;
pub use self::{prescribe::*, read::*, template::*, withdraw::*};
use serde::{Deserialize, Serialize};

use crate::{
    account::{required, typed},
    error::{AppError, Field, FieldProblem},
    text,
};

/// The number of medications in a prescription.
pub const MAX_MEDICATIONS: usize = 20;

/// The lengths of the fields of a medication, in characters.
pub const MAX_NAME: usize = 120;
pub const MAX_PART: usize = 80;
pub const MAX_NOTE: usize = 500;

/// The length of the reason of a withdrawal, in characters.
pub const MAX_REASON: usize = 500;

/// A medication, in the words of the doctor; also a row of the form, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Medication {
    pub name: String,
    /// The amount of one dose.
    pub dose: String,
    /// The number of doses in a time.
    pub frequency: String,
    /// The duration of the treatment.
    pub duration: String,
    pub note: String,
}

impl Medication {
    /// Whether nothing was typed into the row.
    pub fn is_empty(&self) -> bool {
        [
            &self.name,
            &self.dose,
            &self.frequency,
            &self.duration,
            &self.note,
        ]
        .iter()
        .all(|part| !text::is_visible(part))
    }

    /// The medication that a row says.
    pub fn checked(&self) -> Result<Self, AppError> {
        Ok(Self {
            name: required(Field::MedicationName, &self.name, MAX_NAME)?,
            dose: required(Field::Dose, &self.dose, MAX_PART)?,
            frequency: required(Field::Frequency, &self.frequency, MAX_PART)?,
            duration: required(Field::Duration, &self.duration, MAX_PART)?,
            note: typed(Field::MedicationNote, &self.note, MAX_NOTE)?,
        })
    }

    /// Returns the problem of a field of a row, if it has one.
    pub fn problem(&self, field: Field) -> Option<AppError> {
        if self.is_empty() {
            return None;
        }
        match field {
            Field::MedicationName => required(field, &self.name, MAX_NAME),
            Field::Dose => required(field, &self.dose, MAX_PART),
            Field::Frequency => required(field, &self.frequency, MAX_PART),
            Field::Duration => required(field, &self.duration, MAX_PART),
            _ => typed(field, &self.note, MAX_NOTE),
        }
        .err()
    }
}

/// The typed values of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// Rows that were left empty stand between the others.
    pub medications: Vec<Medication>,
    pub note: String,
}

impl Typed {
    /// What was typed, with another prescription's medications after it. A note that was typed stays.
    #[must_use]
    pub fn with(self, added: Self) -> Self {
        let rows = self.medications.into_iter().filter(|row| !row.is_empty());
        Self {
            medications: rows.chain(added.medications).collect(),
            note: match text::is_visible(&self.note) {
                true => self.note,
                false => added.note,
            },
        }
    }

    /// Whether a prescription would not say letter by letter what was typed, but for white space around it.
    pub fn reads_otherwise(&self) -> bool {
        let parts = self.medications.iter().flat_map(|row| {
            [
                (Field::MedicationName, &row.name),
                (Field::Dose, &row.dose),
                (Field::Frequency, &row.frequency),
                (Field::Duration, &row.duration),
                (Field::MedicationNote, &row.note),
            ]
        });
        parts.chain([(Field::Note, &self.note)]).any(|(field, text)| {
            let understood = match field.has_lines() {
                true => text::lines(text),
                false => text::line(text),
            };
            // Browsers write line breaks with a carriage return.
            understood != text.trim().replace("\r\n", "\n")
        })
    }

    /// The medications and the note that the form says. Rows that were left empty do not count; a row in
    /// which there is anything must say it all.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for the first thing that is wrong.
    pub fn checked(&self) -> Result<(Vec<Medication>, String), AppError> {
        let medications = self
            .medications
            .iter()
            .filter(|row| !row.is_empty())
            .map(Medication::checked)
            .collect::<Result<Vec<_>, _>>()?;
        if medications.is_empty() {
            return Err(AppError::invalid(Field::Medications, FieldProblem::Missing));
        }
        if medications.len() > MAX_MEDICATIONS {
            return Err(AppError::invalid(Field::Medications, FieldProblem::TooLong));
        }
        Ok((medications, typed(Field::Note, &self.note, MAX_NOTE)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, dose: &str, frequency: &str, duration: &str) -> Medication {
        Medication {
            name: name.to_owned(),
            dose: dose.to_owned(),
            frequency: frequency.to_owned(),
            duration: duration.to_owned(),
            note: String::new(),
        }
    }

    pub fn checked(medications: &[Medication]) -> Result<Vec<Medication>, AppError> {
        let medications = medications.to_vec();
        Typed {
            medications,
            note: String::new(),
        }
        .checked()
        .map(|(medications, _)| medications)
    }

    #[test]
    fn what_is_added_stands_after_what_was_typed() {
        let (one, other) = (
            row("Amoxicillin", "500 mg", "3", "7"),
            row("Ibuprofen", "1", "", ""),
        );
        let typed = Typed {
            medications: vec![Medication::default(), other.clone()],
            note: " ".to_owned(),
        };
        let added = Typed {
            medications: vec![one.clone()],
            note: "After meals".to_owned(),
        };
        let all = typed.with(added.clone());
        assert_eq!(all.medications, [other, one]);
        assert_eq!(all.note, "After meals");
        let noted = Typed {
            note: "Mine".to_owned(),
            ..Typed::default()
        };
        assert_eq!(noted.with(added).note, "Mine");
    }

    #[test]
    fn rows_that_were_left_empty_do_not_count() {
        let full = row("Amoxicillin", "500 mg", "3 × daily", "7 days");
        // What nobody can see is not there.
        let blank = row(" ", "\0", "", "\t");
        let rows = [Medication::default(), full.clone(), blank];
        assert_eq!(checked(&rows), Ok(vec![full]));
    }

    #[test]
    fn a_row_that_is_not_empty_must_be_complete() {
        for (rows, field, problem) in [
            (vec![], Field::Medications, FieldProblem::Missing),
            (
                vec![Medication::default()],
                Field::Medications,
                FieldProblem::Missing,
            ),
            (
                vec![row("", "1", "1", "1")],
                Field::MedicationName,
                FieldProblem::Missing,
            ),
            (vec![row("1", " ", "1", "1")], Field::Dose, FieldProblem::Missing),
            (
                vec![row("1", "1", "", "1")],
                Field::Frequency,
                FieldProblem::Missing,
            ),
            (
                vec![row("1", "1", "1", "")],
                Field::Duration,
                FieldProblem::Missing,
            ),
            (
                vec![row("1", &"1".repeat(81), "1", "1")],
                Field::Dose,
                FieldProblem::TooLongBy(1),
            ),
            (
                vec![row("1", "1", "1", "1"); 21],
                Field::Medications,
                FieldProblem::TooLong,
            ),
        ] {
            assert_eq!(checked(&rows), Err(AppError::invalid(field, problem)), "{rows:?}");
        }
        let only_a_note = Medication {
            note: "with food".to_owned(),
            ..Medication::default()
        };
        assert_eq!(
            checked(&[only_a_note]),
            Err(AppError::invalid(Field::MedicationName, FieldProblem::Missing))
        );
    }
}
