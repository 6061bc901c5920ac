//! The details of a change that came too late: the newest version, and who made it.

use engine::{
    error::AppError,
    organisation::{Subject, newest},
    schedule::LastChange,
};
use serde_json::Value;

use crate::server::{
    AppState, Problem,
    api::{Adding, Details, Fault},
};

/// The newest version of a service, a clinic or a doctor.
#[derive(Debug)]
struct Newest(Subject);

impl Details for Newest {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            let Ok((version, last)) = newest(&state.database, self.0).await else {
                return problem;
            };
            with_newest(problem, version, last)
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// Adds the newest version of something to the problem of a change that came too late, and who made it.
pub fn with_newest(problem: Problem, version: i32, last: Option<LastChange>) -> Problem {
    let problem = problem.detail("version", version);
    match last {
        Some(last) => problem
            .detail("changed_at", last.at.to_string())
            .detail("changed_by", last.by)
            .detail("change", last.what),
        None => problem,
    }
}

/// The fault of a change of `what` that failed.
pub fn not_changed(error: AppError, what: Subject) -> Fault {
    match error {
        AppError::StaleDoctor | AppError::StaleOrganisation => Fault::from(error).with(Newest(what)),
        _ => error.into(),
    }
}
