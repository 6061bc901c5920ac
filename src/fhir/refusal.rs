//! Refusals that FHIR has a status and a code for, and what is free in place of a time that was not to be had.

use axum::http::StatusCode;
use engine::{
    account::Caller,
    availability::{Asker, Except, alternatives},
    booking::Wanted,
    error::{AppError, Refusal},
    i18n::Locale,
};
use serde_json::Value;

use super::{answer::json, outcome::CONTAINED, shown::proposed};
use crate::server::{
    AppState, Problem,
    api::{Adding, Details, Fault},
};

/// Refuses a search that would read too much.
pub fn too_costly(input: &str) -> Fault {
    Fault::foreign(StatusCode::BAD_REQUEST, "too-costly", "fhir-too-costly", input)
}

/// Refuses what there is not here.
pub fn not_supported(input: &str) -> Fault {
    Fault::foreign(
        StatusCode::BAD_REQUEST,
        "not-supported",
        "fhir-not-supported",
        input,
    )
}

/// Refuses a body that asks for two things at once, or for what a change cannot do.
pub fn not_changed(input: &str) -> Fault {
    Fault::foreign(
        StatusCode::UNPROCESSABLE_ENTITY,
        "business-rule",
        "fhir-not-changed",
        input,
    )
}

/// The fault of a time that this caller could not have, with appointments that are proposed in its place.
pub fn not_had(error: AppError, caller: &Caller, moved: Option<i64>, locale: Locale) -> Fault {
    match error {
        AppError::BookingFailed { reason, wanted } => Fault::from(error).with(Proposals {
            wanted,
            reason,
            moved,
            asker: caller.into(),
            locale,
        }),
        _ => error.into(),
    }
}

/// The details of a time that cannot be had: contained appointments that are free.
#[derive(Debug)]
struct Proposals {
    wanted: Wanted,
    reason: Refusal,
    /// The appointment that was to be moved, which stays with its doctor, clinic and service.
    moved: Option<i64>,
    asker: Asker,
    locale: Locale,
}

impl Proposals {
    async fn look_up(&self, state: &AppState) -> Vec<Value> {
        if self.reason.is_limit_of_service() {
            // The times nearby do not help.
            return Vec::new();
        }
        let except = Except {
            appointment_id: self.moved,
            holds_of: None,
        };
        let found = alternatives(
            &state.database,
            self.wanted,
            except,
            self.asker.clone(),
            state.now(),
        )
        .await;
        let found = found.unwrap_or_default();
        let fits = found.iter().filter(|offer| {
            (self.moved.is_none() || offer.offering.doctor_id == self.wanted.doctor_id)
                && (self.reason != Refusal::PatientOverlap || offer.starts_at != self.wanted.starts_at())
        });
        fits.map(|offer| json(&proposed(&offer.offering, offer.starts_at, self.locale)))
            .collect()
    }
}

impl Details for Proposals {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            let problem = problem.detail(CONTAINED, self.look_up(state).await);
            match self.reason.again() {
                Some(again) => problem.detail("again_at", again.to_string()),
                None => problem,
            }
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}
