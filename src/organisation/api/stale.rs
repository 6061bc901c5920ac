//! The details of a change that came too late: the newest version, and who made it.

use engine::{
    error::AppError,
    organisation::{Subject, newest},
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
            let problem = problem.detail("version", version);
            match last {
                Some(last) => problem
                    .detail("changed_at", last.at.to_string())
                    .detail("changed_by", last.by)
                    .detail("change", last.what),
                None => problem,
            }
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// The fault of a change of `what` that failed.
pub fn not_changed(error: AppError, what: Subject) -> Fault {
    match error {
        AppError::StaleDoctor | AppError::StaleOrganisation => Fault::from(error).with(Newest(what)),
        _ => error.into(),
    }
}
