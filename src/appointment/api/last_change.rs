//! The details of a change that came too late: the present status, and who changed it.

use engine::{appointment::last_change, error::AppError};
use serde_json::{Value, json};

use crate::server::{
    AppState, Problem,
    api::{Adding, Details},
};

/// The last change of an appointment.
#[derive(Debug)]
pub struct LastChange(i64);

impl LastChange {
    /// Finds the details of this error, if an appointment was changed before.
    pub fn of(error: AppError) -> Option<Self> {
        match error {
            AppError::StaleVersion { appointment_id, .. }
            | AppError::InvalidTransition { appointment_id, .. } => Some(Self(appointment_id)),
            _ => None,
        }
    }
}

impl Details for LastChange {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            let Ok(last) = last_change(&state.database, self.0).await else {
                return problem;
            };
            let role = last.role.as_str();
            problem
                .detail("status", last.status.as_str())
                .detail("version", last.version)
                .detail("changed_at", last.changed_at.to_string())
                .detail("changed_by", last.changed_by.unwrap_or_else(|| role.to_owned()))
                .detail("changed_by_role", role)
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("status", json!("completed")),
            ("version", json!(4)),
            ("changed_at", json!("2026-11-24T03:20:00Z")),
            ("changed_by", json!("dr. Sari Wijaya")),
            ("changed_by_role", json!("doctor")),
        ]
    }
}
