//! Named constraints: what their violation means to a caller.

use super::{failure::Failure, statistics::constraint_hit};
use crate::error::AppError;

/// Gives the violation of a named constraint its meaning.
pub trait OnConstraint<T> {
    /// `error`, where the database refused because of this constraint.
    ///
    /// # Errors
    /// The given error, or the database's own.
    fn on_constraint(self, name: &str, error: AppError) -> Result<T, Failure>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint(self, name: &str, error: AppError) -> Result<T, Failure> {
        self.map_err(Failure::from).on_constraint(name, error)
    }
}

impl<T> OnConstraint<T> for Result<T, Failure> {
    fn on_constraint(self, name: &str, error: AppError) -> Result<T, Failure> {
        self.map_err(|failure| match failure {
            Failure::Database(sqlx::Error::Database(ref violation))
                if violation.constraint() == Some(name) =>
            {
                constraint_hit(name);
                Failure::Refused(error)
            }
            other => other,
        })
    }
}
