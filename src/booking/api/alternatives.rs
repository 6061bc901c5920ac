//! The details of a booking that failed: times that are free instead.

use engine::{
    account::Caller,
    availability::{Alternative, Asker, Except, alternatives, visits_instead},
    booking::Wanted,
    error::{AppError, Refusal},
    visit::MAX_SEGMENTS,
};
use serde_json::{Value, json};

use crate::server::{
    AppState, Problem,
    api::{Adding, Details, Fault},
};

/// The details of a time that cannot be booked.
#[derive(Debug)]
pub struct Alternatives {
    wanted: Wanted,
    reason: Refusal,
    /// The appointment that was to be moved, which stays with its doctor.
    moved: Option<i64>,
    asker: Asker,
}

impl Alternatives {
    /// Finds the details of this error, if a time cannot be booked.
    pub fn of(error: AppError) -> Option<Self> {
        match error {
            AppError::BookingFailed { reason, wanted } => Some(Self {
                wanted,
                reason,
                moved: None,
                asker: Asker::PATIENT,
            }),
            _ => None,
        }
    }

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
        found
            .unwrap_or_default()
            .iter()
            .filter(|offer| self.moved.is_none() || offer.offering.doctor_id == self.wanted.doctor_id)
            .filter(|offer| {
                self.reason != Refusal::PatientOverlap || offer.starts_at != self.wanted.starts_at()
            })
            .map(offered)
            .collect()
    }
}

impl Details for Alternatives {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            let problem = problem.detail("alternatives", self.look_up(state).await);
            with_again(problem, self.reason)
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        let other = json!({
            "doctor_id": 1, "doctor_name": "dr. Sari Wijaya", "clinic_id": 1, "type": "video_consultation",
            "starts_at": "2026-11-24T03:20:00Z", "ends_at": "2026-11-24T03:40:00Z", "time_zone": "Asia/Jakarta",
        });
        vec![("alternatives", json!([other]))]
    }
}

/// The fault of a time that this caller could not book.
pub fn not_booked(error: AppError, caller: &Caller) -> Fault {
    with_alternatives(error, caller, None)
}

/// The fault of an appointment that this caller could not move.
pub fn not_moved(error: AppError, caller: &Caller, appointment_id: i64) -> Fault {
    with_alternatives(error, caller, Some(appointment_id))
}

fn with_alternatives(error: AppError, caller: &Caller, moved: Option<i64>) -> Fault {
    match Alternatives::of(error) {
        Some(details) => Fault::from(error).with(Alternatives {
            moved,
            asker: caller.into(),
            ..details
        }),
        None => error.into(),
    }
}

/// The details of a visit that could not be booked: which of its appointments was in the way, and other visits.
#[derive(Debug)]
struct OtherVisits {
    wanted: Wanted,
    reason: Refusal,
    segments: Vec<Wanted>,
    asker: Asker,
}

impl Details for OtherVisits {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            let place = self.segments.iter().position(|segment| *segment == self.wanted);
            // Of a course, the preview says which dates are free.
            let is_course = self.segments.len() > MAX_SEGMENTS;
            let visits = match is_course || self.reason.is_limit_of_service() {
                true => Vec::new(),
                false => visits_instead(
                    &state.database,
                    self.segments.clone(),
                    self.asker.clone(),
                    state.now(),
                )
                .await
                .unwrap_or_default(),
            };
            let offers: Vec<Vec<Value>> = visits
                .iter()
                .map(|visit| visit.iter().map(offered).collect())
                .collect();
            let problem = problem
                .detail("segment", place.map_or(Value::Null, Value::from))
                .detail("alternatives", offers);
            with_again(problem, self.reason)
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// The fault of a visit that whoever asked could not book.
pub fn visit_not_booked(error: AppError, asker: Asker, segments: Vec<Wanted>) -> Fault {
    match error {
        AppError::BookingFailed { wanted, reason } => Fault::from(error).with(OtherVisits {
            wanted,
            reason,
            segments,
            asker,
        }),
        _ => error.into(),
    }
}

/// Adds the moment from which a limit of the service has room.
fn with_again(problem: Problem, reason: Refusal) -> Problem {
    match reason.again() {
        Some(again) => problem.detail("again_at", again.to_string()),
        None => problem,
    }
}

fn offered(offer: &Alternative) -> Value {
    let visit = offer.offering.rules.time(offer.starts_at);
    json!({
        "doctor_id": offer.offering.doctor_id,
        "doctor_name": offer.offering.doctor_name,
        "clinic_id": offer.offering.clinic_id,
        "type": offer.offering.service_key,
        "starts_at": visit.start,
        "ends_at": visit.end,
        "time_zone": offer.offering.zone_name,
    })
}
