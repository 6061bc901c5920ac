//! The details of a booking that failed: times that are free instead.

use engine::{
    account::Role,
    availability::{Alternative, Except, alternatives, visits_instead},
    booking::Wanted,
    error::{AppError, Refusal},
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
}

impl Alternatives {
    /// Finds the details of this error, if a time cannot be booked.
    pub fn of(error: AppError) -> Option<Self> {
        match error {
            AppError::BookingFailed { reason, wanted } => Some(Self {
                wanted,
                reason,
                moved: None,
            }),
            _ => None,
        }
    }

    async fn look_up(&self, state: &AppState) -> Vec<Value> {
        let except = Except {
            appointment_id: self.moved,
            holds_of: None,
        };
        let found = alternatives(&state.database, self.wanted, except, Role::Patient, state.now()).await;
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
        Box::pin(async move { problem.detail("alternatives", self.look_up(state).await) })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        let other = json!({
            "doctor_id": 1, "doctor_name": "dr. Sari Wijaya", "clinic_id": 1, "type": "video_consultation",
            "starts_at": "2026-11-24T03:20:00Z", "ends_at": "2026-11-24T03:40:00Z", "time_zone": "Asia/Jakarta",
        });
        vec![("alternatives", json!([other]))]
    }
}

/// The fault of an appointment that could not be moved.
pub fn not_moved(error: AppError, appointment_id: i64) -> Fault {
    match Alternatives::of(error) {
        Some(details) => Fault::from(error).with(Alternatives {
            moved: Some(appointment_id),
            ..details
        }),
        None => error.into(),
    }
}

/// The details of a visit that could not be booked: which of its appointments was in the way, and other visits.
#[derive(Debug)]
struct OtherVisits {
    wanted: Wanted,
    segments: Vec<Wanted>,
}

impl Details for OtherVisits {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            let place = self.segments.iter().position(|segment| *segment == self.wanted);
            let visits = visits_instead(&state.database, self.segments.clone(), state.now()).await;
            let offers: Vec<Vec<Value>> = visits
                .unwrap_or_default()
                .iter()
                .map(|visit| visit.iter().map(offered).collect())
                .collect();
            problem
                .detail("segment", place.map_or(Value::Null, Value::from))
                .detail("alternatives", offers)
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// The fault of a visit that could not be booked.
pub fn visit_not_booked(error: AppError, segments: Vec<Wanted>) -> Fault {
    match error {
        AppError::BookingFailed { wanted, .. } => Fault::from(error).with(OtherVisits { wanted, segments }),
        _ => error.into(),
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
