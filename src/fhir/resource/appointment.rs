//! Times, whoever has them, and patients.

use serde::Serialize;

use super::{CodeableConcept, HumanName, Identifier, Meta, Reference, Telecom};

/// A time of a service in a schedule.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    pub id: String,
    pub service_type: Vec<CodeableConcept>,
    pub specialty: Vec<CodeableConcept>,
    pub schedule: Reference,
    /// `free`, `busy`, `busy-tentative` or `busy-unavailable`.
    pub status: &'static str,
    pub start: String,
    pub end: String,
}

/// An appointment, or one that is proposed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Appointment {
    pub id: String,
    pub meta: Meta,
    pub identifier: Vec<Identifier>,
    pub status: &'static str,
    pub cancelation_reason: Option<CodeableConcept>,
    pub service_type: Vec<CodeableConcept>,
    pub specialty: Vec<CodeableConcept>,
    pub reason_code: Vec<CodeableConcept>,
    pub start: String,
    pub end: String,
    pub minutes_duration: i64,
    pub slot: Vec<Reference>,
    pub created: Option<String>,
    pub participant: Vec<Participant>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Participant {
    pub actor: Reference,
    pub required: &'static str,
    /// `accepted`, `declined` or `needs-action`.
    pub status: &'static str,
}

/// A patient, for themselves and for staff who have to do with them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Patient {
    pub id: String,
    pub active: bool,
    pub name: Vec<HumanName>,
    pub telecom: Vec<Telecom>,
}
