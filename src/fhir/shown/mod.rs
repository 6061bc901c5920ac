//! What the engine knows, as resources.

mod appointment;
mod directory;
mod slot;

use engine::{availability::Offering, i18n::Locale};
use jiff::{Timestamp, tz::TimeZone};

pub use self::{
    appointment::{appointment, fhir_status, patient, practitioner_of, proposed, statuses},
    directory::{location, practitioner, role, schedule, schedules_of, service, services_of},
    slot::{slot, slot_status},
};
use super::{
    name::{ScheduleName, systems},
    resource::CodeableConcept,
};

/// A moment with the offset that the clock of the clinic has then.
fn instant(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

/// A service as a code.
fn service_type(key: &str, name: &str) -> CodeableConcept {
    CodeableConcept::new(systems::SERVICE, key, name)
}

/// A speciality as a code; nothing where there is none.
fn specialty(main: &str, shown: &str) -> Vec<CodeableConcept> {
    match main {
        "" => Vec::new(),
        main => vec![CodeableConcept::new(systems::SPECIALITY, main, shown)],
    }
}

fn type_of(offering: &Offering, locale: Locale) -> CodeableConcept {
    service_type(&offering.service_key, offering.service(locale))
}

fn schedule_of(offering: &Offering) -> ScheduleName {
    ScheduleName {
        doctor_id: offering.doctor_id,
        clinic_id: offering.clinic_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_seconds_and_the_offset_of_the_clinic() {
        let zone = engine::time::zone("Asia/Jakarta").unwrap();
        let at = "2026-11-24T03:00:00Z".parse().unwrap();
        assert_eq!(instant(at, &zone), "2026-11-24T10:00:00+07:00");
        assert_eq!(instant(at, &TimeZone::UTC), "2026-11-24T03:00:00+00:00");
    }
}
