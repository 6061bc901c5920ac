//! What somebody wishes a webhook to be told.

use std::collections::BTreeSet;

use super::{target::Target, topic::Topic};
use crate::{
    account::{Caller, required},
    error::{AppError, Field, FieldProblem},
};

/// The length of a description, in characters.
pub const MAX_DESCRIPTION: usize = 120;

/// Where what is told, and of whom.
#[derive(Clone, Debug)]
pub struct Wishes {
    pub(super) target: Target,
    pub(super) description: String,
    pub(super) topics: BTreeSet<Topic>,
    pub(super) doctor_id: Option<i64>,
    pub(super) clinic_id: Option<i64>,
    pub(super) with_details: bool,
}

impl Wishes {
    /// Reads what is told where. `allows_private` is the choice of the installation.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`: an address of the public internet, a description and at least one known event are needed.
    pub fn new(
        url: &str,
        description: &str,
        events: &[String],
        allows_private: bool,
    ) -> Result<Self, AppError> {
        let wrong = |problem| AppError::invalid(Field::WebhookEvents, problem);
        let target = Target::parse(url, allows_private)?;
        let description = required(Field::WebhookDescription, description, MAX_DESCRIPTION)?;
        let topics = events.iter().map(|name| {
            let topic = Topic::parse(name).filter(|topic| Topic::ALL.contains(topic));
            topic.ok_or(wrong(FieldProblem::Malformed))
        });
        let topics: BTreeSet<Topic> = topics.collect::<Result<_, _>>()?;
        if topics.is_empty() {
            return Err(wrong(FieldProblem::Missing));
        }
        Ok(Self {
            target,
            // One line.
            description: description.replace('\n', " "),
            topics,
            doctor_id: None,
            clinic_id: None,
            with_details: false,
        })
    }

    /// The same for this doctor or clinic alone, where one is named.
    #[must_use]
    pub fn only_of(self, doctor_id: Option<i64>, clinic_id: Option<i64>) -> Self {
        Self {
            doctor_id,
            clinic_id,
            ..self
        }
    }

    /// The same with the patient, the service and the times, where that is asked for.
    #[must_use]
    pub fn with_details(self, with_details: bool) -> Self {
        Self { with_details, ..self }
    }

    /// Refuses a doctor what is of another doctor, of which nothing would ever be told.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub(super) fn must_be_for(&self, caller: &Caller) -> Result<(), AppError> {
        match (caller, self.doctor_id) {
            (Caller::Doctor { doctor_id, .. }, Some(other)) if other != *doctor_id => {
                Err(AppError::invalid(Field::Doctor, FieldProblem::Malformed))
            }
            _ => Ok(()),
        }
    }

    /// The names of the topics, as they are stored.
    pub(super) fn events(&self) -> Vec<String> {
        self.topics.iter().map(|topic| topic.name().to_owned()).collect()
    }
}
