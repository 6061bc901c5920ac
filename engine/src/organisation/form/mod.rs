//! The values of the forms of the organisation: kept as typed until they can be parsed.

mod clinic;
mod doctor;
mod room_type;
mod service;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    account::{check_new_password, required, storable},
    error::{AppError, Field, FieldProblem},
};

/// The lengths of inputs, in characters.
pub const MAX_NAME: usize = 120;
pub const MAX_LINE: usize = 200;
pub const MAX_ABOUT: usize = 2000;

/// The fields that are no [`Field`] of their own.
pub const HORIZON_UNIT: &str = "horizon_unit";
pub const MODE: &str = "mode";
pub const INSTANT: &str = "instant";
pub const ACTIVE: &str = "active";
pub const UNTIL: &str = "until";
pub const BREAK_FROM: &str = "break_from";
pub const BREAK_UNTIL: &str = "break_until";
pub const MORE_LANGUAGES: &str = "more_languages";

/// The names of checkboxes.
pub const DAYS: &str = "days";
pub const SERVICES: &str = "services";
pub const OFFERS: &str = "offers";
pub const LANGUAGES: &str = "languages";

/// A form, as it was filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filled {
    fields: BTreeMap<String, String>,
    ticked: BTreeMap<String, Vec<String>>,
}

impl Filled {
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub fn is(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    pub fn ticked(&self, group: &str) -> &[String] {
        self.ticked.get(group).map_or(&[], Vec::as_slice)
    }

    pub fn has(&self, group: &str, value: &str) -> bool {
        self.ticked(group).iter().any(|ticked| ticked == value)
    }

    #[must_use]
    pub fn with(mut self, name: &str, text: impl Into<String>) -> Self {
        self.fields.insert(name.to_owned(), text.into());
        self
    }

    #[must_use]
    pub fn tick(mut self, group: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.ticked.insert(group.to_owned(), values.into_iter().collect());
        self
    }

    /// Returns the values that a session may store: no password, and no characters that PostgreSQL refuses.
    #[must_use]
    pub fn without_password(mut self) -> Self {
        self.fields.remove(Field::NewPassword.name());
        self.fields.remove(Field::OwnPassword.name());
        Self {
            fields: self
                .fields
                .into_iter()
                .map(|(name, text)| (storable(&name), storable(&text)))
                .collect(),
            ticked: self
                .ticked
                .into_iter()
                .map(|(group, values)| {
                    (
                        storable(&group),
                        values.iter().map(|value| storable(value)).collect(),
                    )
                })
                .collect(),
        }
    }

    /// A password for an account, which is not trimmed and not kept.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn new_password(&self) -> Result<String, AppError> {
        let password = self.text(Field::NewPassword.name());
        let own = [Field::Title, Field::Email].map(|field| self.text(field.name()));
        check_new_password(password, &own)?;
        Ok(password.to_owned())
    }

    /// The password of whoever sends the form, which is not kept either.
    pub fn own_password(&self) -> Option<String> {
        let password = self.text(Field::OwnPassword.name());
        (!password.is_empty()).then(|| password.to_owned())
    }

    /// One line that must not be empty.
    fn clinic_id(&self) -> Result<i64, AppError> {
        match self.text(Field::Clinic.name()) {
            "" => Err(AppError::invalid(Field::Clinic, FieldProblem::Missing)),
            id => id
                .parse()
                .map_err(|_| AppError::invalid(Field::Clinic, FieldProblem::Malformed)),
        }
    }

    fn line(&self, field: Field, most: usize) -> Result<String, AppError> {
        required(field, self.text(field.name()), most)
    }

    fn number(&self, field: Field, least: i32, most: i32) -> Result<i32, AppError> {
        let text = self.text(field.name()).trim();
        text.parse()
            .ok()
            .filter(|number| (least..=most).contains(number) && !text.starts_with('+'))
            .ok_or(AppError::invalid(field, FieldProblem::Malformed))
    }
}

/// Everything that is not right, instead of the first thing.
#[derive(Default)]
struct Checks(Vec<AppError>);

impl Checks {
    fn take<T: Default>(&mut self, result: Result<T, AppError>) -> T {
        result.unwrap_or_else(|error| {
            self.0.push(error);
            T::default()
        })
    }

    fn finish<T>(self, read: T) -> Result<T, Vec<AppError>> {
        match self.0.is_empty() {
            true => Ok(read),
            false => Err(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a form that are not right, each with its problem.
    pub(super) fn problems<T>(read: Result<T, Vec<AppError>>) -> Vec<(Field, FieldProblem)> {
        read.err()
            .unwrap_or_default()
            .into_iter()
            .map(|error| match error {
                AppError::ValidationFailed { field, problem } => (field, problem),
                other => panic!("{other}"),
            })
            .collect()
    }

    #[test]
    fn a_password_is_long_enough_and_not_kept() {
        let with = |password: &str| Filled::default().with("new_password", password);
        assert!(with("a rather long one ").new_password().is_ok());
        for (password, problem) in [
            ("", FieldProblem::Missing),
            ("too short", FieldProblem::Malformed),
            ("password1234", FieldProblem::Common),
            (&"x".repeat(201), FieldProblem::TooLongBy(1)),
        ] {
            assert_eq!(
                with(password).new_password(),
                Err(AppError::invalid(Field::NewPassword, problem))
            );
        }
        let own = with("a rather long one").with("own_password", "another long one");
        assert_eq!(own.without_password(), Filled::default());
    }
}
