//! Appointments and their people.

use engine::{
    appointment::{Item, Status},
    availability::Offering,
    booking::Wanted,
    i18n::Locale,
    nobody::is_nobody,
};
use jiff::Timestamp;

use super::{instant, service_type, type_of};
use crate::fhir::{
    name::{SlotName, systems},
    resource::{
        Appointment, CodeableConcept, Coding, HumanName, Identifier, Meta, Participant, Patient,
        Practitioner, Reference, Resource, Telecom,
    },
};

/// The codes of why an appointment was cancelled.
const CANCELLATION: &str = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason";

/// The code of a status.
pub fn fhir_status(status: Status) -> &'static str {
    match status {
        Status::Held | Status::Pending => "pending",
        Status::Confirmed => "booked",
        Status::InProgress => "arrived",
        Status::Completed => "fulfilled",
        Status::Cancelled | Status::Rejected | Status::Expired => "cancelled",
        Status::NoShow => "noshow",
    }
}

/// The statuses that a code stands for among what was booked; `None` for what is no code of FHIR.
pub fn statuses(code: &str) -> Option<Vec<Status>> {
    let is_known = matches!(
        code,
        "proposed"
            | "pending"
            | "booked"
            | "arrived"
            | "fulfilled"
            | "cancelled"
            | "noshow"
            | "entered-in-error"
            | "checked-in"
            | "waitlist"
    );
    let meant = Status::ALL
        .into_iter()
        .filter(|status| *status != Status::Held && fhir_status(*status) == code);
    is_known.then(|| meant.collect())
}

/// Why an appointment is cancelled or missed: by whom, as far as its status says it.
fn reason_of(status: Status) -> Option<CodeableConcept> {
    let code = match status {
        Status::Rejected => "prov",
        Status::Cancelled | Status::Expired => "other",
        _ => return None,
    };
    Some(CodeableConcept {
        coding: vec![
            Coding::new(CANCELLATION, code),
            Coding::new(systems::STATUS, status.as_str()),
        ],
        text: None,
    })
}

/// An appointment as it is at this moment.
pub fn appointment(item: &Item, locale: Locale, now: Timestamp) -> Resource {
    let status = item.status_at(now);
    let of_doctor = match status {
        Status::Held | Status::Pending => "needs-action",
        Status::Rejected | Status::Expired => "declined",
        _ => "accepted",
    };
    let patient = item.patient_id.map(|id| Participant {
        actor: Reference {
            reference: Some(format!("Patient/{id}")),
            display: item.patient_name.clone(),
        },
        required: "required",
        status: "accepted",
    });
    // A seat in a session without a doctor is with nobody.
    let practitioner = (!is_nobody(item.doctor_id)).then(|| Participant {
        actor: Reference::named(format!("Practitioner/{}", item.doctor_id), &item.doctor_name),
        required: "required",
        status: of_doctor,
    });
    let reason = (!item.reason.is_empty()).then(|| CodeableConcept {
        coding: Vec::new(),
        text: Some(item.reason.clone()),
    });
    Resource::Appointment(Appointment {
        id: item.id.to_string(),
        meta: Meta {
            version_id: Some(item.version.to_string()),
            tag: vec![Coding::new(systems::STATUS, status.as_str())],
        },
        identifier: vec![Identifier {
            system: systems::REFERENCE,
            value: item.reference.clone(),
        }],
        status: fhir_status(status),
        cancelation_reason: reason_of(status),
        service_type: vec![service_type(&item.service_key, item.service(locale))],
        specialty: Vec::new(),
        reason_code: reason.into_iter().collect(),
        start: instant(item.starts_at, &item.zone),
        end: instant(item.ends_at, &item.zone),
        minutes_duration: (item.ends_at.as_second() - item.starts_at.as_second()) / 60,
        // What is at no time of the grid, such as a seat of a group, has no slot.
        slot: match item.group {
            None => vec![Reference::to(format!(
                "Slot/{}",
                SlotName::from(Wanted::from(item))
            ))],
            Some(_) => Vec::new(),
        },
        created: Some(instant(item.created_at, &item.zone)),
        participant: patient
            .into_iter()
            .chain(practitioner)
            .chain([Participant {
                actor: Reference::named(format!("Location/{}", item.clinic_id), &item.clinic_name),
                required: "required",
                status: "accepted",
            }])
            .collect(),
    })
}

/// The appointment that could be booked at a free time. It has the id of the slot.
pub fn proposed(offering: &Offering, starts_at: Timestamp, locale: Locale) -> Resource {
    let time = offering.rules.time(starts_at);
    let name = SlotName::from(offering.at(starts_at));
    let participant = |actor: Reference| Participant {
        actor,
        required: "required",
        status: "needs-action",
    };
    Resource::Appointment(Appointment {
        id: name.to_string(),
        meta: Meta::default(),
        identifier: Vec::new(),
        status: "proposed",
        cancelation_reason: None,
        service_type: vec![type_of(offering, locale)],
        specialty: Vec::new(),
        reason_code: Vec::new(),
        start: instant(time.start, &offering.zone),
        end: instant(time.end, &offering.zone),
        minutes_duration: offering.rules.duration,
        slot: vec![Reference::to(format!("Slot/{name}"))],
        created: None,
        participant: vec![
            participant(Reference::named(
                format!("Practitioner/{}", offering.doctor_id),
                &offering.doctor_name,
            )),
            participant(Reference::named(
                format!("Location/{}", offering.clinic_id),
                &offering.clinic_name,
            )),
        ],
    })
}

/// A patient with the name and the phone number that the caller may know.
pub fn patient(id: i64, name: Option<&str>, phone: Option<&str>) -> Resource {
    Resource::Patient(Patient {
        id: id.to_string(),
        active: true,
        name: name
            .map(|name| HumanName {
                text: Some(name.to_owned()),
                ..HumanName::default()
            })
            .into_iter()
            .collect(),
        telecom: phone.map(Telecom::phone).unwrap_or_default(),
    })
}

/// The doctor of an appointment who can no longer be booked.
pub fn practitioner_of(item: &Item) -> Resource {
    Resource::Practitioner(Practitioner {
        id: item.doctor_id.to_string(),
        active: None,
        name: vec![HumanName {
            text: Some(item.doctor_name.clone()),
            ..HumanName::default()
        }],
        communication: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_found_by_its_code() {
        for status in Status::ALL {
            let found = statuses(fhir_status(status)).unwrap();
            assert_eq!(found.contains(&status), status != Status::Held, "{status:?}");
        }
        assert_eq!(statuses("proposed"), Some(Vec::new()));
        assert_eq!(statuses("zzz"), None);
    }
}
