//! Where, who and what: the resources that everybody may read.

use serde::Serialize;

use super::{Address, CodeableConcept, Extension, HumanName, Identifier, Meta, Period, Reference, Telecom};

/// A clinic.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    pub id: String,
    pub meta: Meta,
    pub extension: Vec<Extension>,
    pub identifier: Vec<Identifier>,
    pub status: &'static str,
    pub name: String,
    pub mode: &'static str,
    pub telecom: Vec<Telecom>,
    pub address: Address,
}

/// A doctor.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Practitioner {
    pub id: String,
    /// None of who is not known to work here today.
    pub active: Option<bool>,
    pub name: Vec<HumanName>,
    pub communication: Vec<CodeableConcept>,
}

/// A doctor at a clinic.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PractitionerRole {
    pub id: String,
    pub active: bool,
    pub practitioner: Reference,
    pub specialty: Vec<CodeableConcept>,
    pub location: Vec<Reference>,
    pub healthcare_service: Vec<Reference>,
}

/// A service that can be booked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthcareService {
    pub id: String,
    pub active: bool,
    #[serde(rename = "type")]
    pub kind: Vec<CodeableConcept>,
    pub location: Vec<Reference>,
    pub name: String,
    pub characteristic: Vec<CodeableConcept>,
    pub appointment_required: bool,
}

/// The calendar of a doctor at a clinic.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    pub id: String,
    pub active: bool,
    pub service_type: Vec<CodeableConcept>,
    pub specialty: Vec<CodeableConcept>,
    pub actor: Vec<Reference>,
    /// The dates that can be booked, in the zone of the clinic.
    pub planning_horizon: Period,
}
