//! Words for what is wrong with a cell of an import.

use engine::{
    error::{AppError, Field},
    i18n::Texts,
};

use crate::ui::message;

/// Returns the error of a cell in the words of the form, except where those speak of choosing.
pub fn wrong(error: AppError, texts: Texts) -> String {
    match error {
        AppError::ValidationFailed {
            field: field @ (Field::Clinic | Field::Services | Field::Day | Field::Body),
            problem,
        } => texts.text(&format!("import-{}-{}", field.name(), problem.name())),
        error => message(error, texts),
    }
}
