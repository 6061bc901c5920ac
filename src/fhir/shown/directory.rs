//! Clinics, doctors, services and calendars.

use std::collections::{BTreeMap, BTreeSet};

use engine::{
    availability::{Offering, Rostered},
    i18n::Locale,
    organisation::{Clinic, Versioned},
    time,
};
use jiff::Timestamp;

use super::{schedule_of, specialty, type_of};
use crate::fhir::{
    name::{ScheduleName, systems},
    resource::{
        Address, CodeableConcept, Extension, HealthcareService, HumanName, Identifier, Location, Meta,
        Period, Practitioner, PractitionerRole, Reference, Schedule, Telecom,
    },
};

/// The extension of a location with its time zone.
const TIME_ZONE: &str = "http://hl7.org/fhir/StructureDefinition/timezone";

pub fn location(clinic: &Versioned<Clinic>) -> Location {
    let Clinic {
        name,
        address,
        city,
        phone,
        time_zone,
    } = &clinic.what;
    let lines: Vec<&str> = [address.as_str(), city]
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect();
    Location {
        id: clinic.id.to_string(),
        meta: Meta {
            version_id: Some(clinic.version.to_string()),
            tag: Vec::new(),
        },
        extension: vec![Extension {
            url: TIME_ZONE,
            value_code: Some(time_zone.clone()),
        }],
        identifier: vec![Identifier {
            system: systems::CLINIC,
            value: clinic.id.to_string(),
        }],
        status: "active",
        name: name.clone(),
        mode: "instance",
        telecom: Telecom::phone(phone),
        address: Address {
            text: Some(lines.join(", ")),
            line: vec![address.clone()],
            city: Some(city.clone()),
        },
    }
}

pub fn practitioner(doctor: &Rostered) -> Practitioner {
    let languages = doctor.languages.iter();
    Practitioner {
        id: doctor.id.to_string(),
        active: Some(true),
        name: vec![HumanName {
            text: Some(doctor.name.clone()),
            ..HumanName::default()
        }],
        communication: languages
            .map(|tag| CodeableConcept::new("urn:ietf:bcp:47", tag.as_str(), ""))
            .collect(),
    }
}

/// The schedules of a doctor, each with what is offered in it, by clinic.
pub fn schedules_of(doctor: &Rostered) -> BTreeMap<ScheduleName, Vec<&Offering>> {
    let mut schedules: BTreeMap<ScheduleName, Vec<&Offering>> = BTreeMap::new();
    for offering in &doctor.offerings {
        schedules.entry(schedule_of(offering)).or_default().push(offering);
    }
    schedules
}

pub fn role(
    doctor: &Rostered,
    name: ScheduleName,
    offerings: &[&Offering],
    locale: Locale,
) -> PractitionerRole {
    let place = offerings.first().map_or("", |offering| &offering.clinic_name);
    PractitionerRole {
        id: name.to_string(),
        active: true,
        practitioner: Reference::named(format!("Practitioner/{}", doctor.id), &doctor.name),
        specialty: specialty(&doctor.speciality, doctor.speciality(locale)),
        location: vec![Reference::named(format!("Location/{}", name.clinic_id), place)],
        healthcare_service: offerings
            .iter()
            .map(|offering| {
                Reference::named(
                    format!("HealthcareService/{}", offering.service_id),
                    offering.service(locale),
                )
            })
            .collect(),
    }
}

pub fn schedule(
    doctor: &Rostered,
    name: ScheduleName,
    offerings: &[&Offering],
    locale: Locale,
    now: Timestamp,
) -> Option<Schedule> {
    let first = offerings.first()?;
    let today = time::local_date(now, &first.zone);
    let ends = offerings
        .iter()
        .map(|offering| offering.rules.horizon.last_day(today));
    Some(Schedule {
        id: name.to_string(),
        active: true,
        service_type: offerings
            .iter()
            .map(|offering| type_of(offering, locale))
            .collect(),
        specialty: specialty(&doctor.speciality, doctor.speciality(locale)),
        actor: vec![
            Reference::named(format!("Practitioner/{}", doctor.id), &doctor.name),
            Reference::to(format!("PractitionerRole/{name}")),
            Reference::named(format!("Location/{}", name.clinic_id), &first.clinic_name),
        ],
        planning_horizon: Period {
            start: today.to_string(),
            end: ends.max().unwrap_or(today).to_string(),
        },
    })
}

/// The services of these doctors, each with its offerings.
pub fn services_of(doctors: &[Rostered]) -> BTreeMap<i64, Vec<&Offering>> {
    let mut services: BTreeMap<i64, Vec<&Offering>> = BTreeMap::new();
    for offering in doctors.iter().flat_map(|doctor| &doctor.offerings) {
        services.entry(offering.service_id).or_default().push(offering);
    }
    services
}

pub fn service(id: i64, offerings: &[&Offering], locale: Locale) -> Option<HealthcareService> {
    let first = offerings.first()?;
    let clinics: BTreeSet<(i64, &str)> = offerings
        .iter()
        .map(|offering| (offering.clinic_id, offering.clinic_name.as_str()))
        .collect();
    let clinics = clinics.into_iter();
    Some(HealthcareService {
        id: id.to_string(),
        active: true,
        kind: vec![type_of(first, locale)],
        location: clinics
            .map(|(id, name)| Reference::named(format!("Location/{id}"), name))
            .collect(),
        name: first.service(locale).to_owned(),
        characteristic: vec![CodeableConcept::new(systems::MODE, first.mode.as_str(), "")],
        appointment_required: true,
    })
}
