//! The resources of FHIR R4 that are answered, with the members that we fill. What is empty is left out when it is written.

mod appointment;
mod bundle;
mod datatype;
mod directory;

use serde::Serialize;

pub use self::{
    appointment::{Appointment, Participant, Patient, Slot},
    bundle::{Bundle, Entry, Link, SearchMode},
    datatype::{
        Address, CodeableConcept, Coding, Extension, HumanName, Identifier, Meta, Period, Reference, Telecom,
    },
    directory::{HealthcareService, Location, Practitioner, PractitionerRole, Schedule},
};

/// A resource of any of our kinds.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "resourceType")]
pub enum Resource {
    Appointment(Appointment),
    HealthcareService(HealthcareService),
    Location(Location),
    Patient(Patient),
    Practitioner(Practitioner),
    PractitionerRole(PractitionerRole),
    Schedule(Schedule),
    Slot(Slot),
}

impl Resource {
    /// The relative address, such as `Slot/1-1-1-1795489200`.
    pub fn address(&self) -> String {
        let (kind, id) = match self {
            Self::Appointment(one) => ("Appointment", &one.id),
            Self::HealthcareService(one) => ("HealthcareService", &one.id),
            Self::Location(one) => ("Location", &one.id),
            Self::Patient(one) => ("Patient", &one.id),
            Self::Practitioner(one) => ("Practitioner", &one.id),
            Self::PractitionerRole(one) => ("PractitionerRole", &one.id),
            Self::Schedule(one) => ("Schedule", &one.id),
            Self::Slot(one) => ("Slot", &one.id),
        };
        format!("{kind}/{id}")
    }
}
