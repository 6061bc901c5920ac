//! Ids and references: a schedule is a doctor at a clinic, and a slot a time of a service in it.

use std::fmt;

use engine::booking::Wanted;

/// The systems of our own codes.
pub mod systems {
    pub const SERVICE: &str = "urn:x-janji:service";
    pub const SPECIALITY: &str = "urn:x-janji:speciality";
    pub const REFERENCE: &str = "urn:x-janji:reference";
    pub const STATUS: &str = "urn:x-janji:status";
    pub const MODE: &str = "urn:x-janji:mode";
    pub const CLINIC: &str = "urn:x-janji:clinic";
    pub const ERROR: &str = "urn:x-janji:error";
    /// An extension of an issue, which names a contained appointment that is free.
    pub const ALTERNATIVE: &str = "urn:x-janji:alternative";
}

/// The id of a schedule, and of the role in which the doctor works there: `<doctor>-<clinic>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScheduleName {
    pub doctor_id: i64,
    pub clinic_id: i64,
}

impl fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.doctor_id, self.clinic_id)
    }
}

impl ScheduleName {
    pub fn parse(text: &str) -> Option<Self> {
        let (doctor, clinic) = text.split_once('-')?;
        Some(Self {
            doctor_id: id(doctor)?,
            clinic_id: id(clinic)?,
        })
    }
}

/// The id of a slot, and of the appointment that is proposed at it: `<doctor>-<clinic>-<service>-<second>`, in the order of
/// lists of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotName {
    /// In seconds since 1970.
    pub starts_at: i64,
    pub schedule: ScheduleName,
    pub service_id: i64,
}

impl fmt::Display for SlotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.schedule, self.service_id, self.starts_at)
    }
}

impl SlotName {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(id);
        let (doctor_id, clinic_id) = (parts.next()??, parts.next()??);
        let (service_id, starts_at) = (parts.next()??, parts.next()??);
        parts.next().is_none().then_some(Self {
            starts_at,
            schedule: ScheduleName { doctor_id, clinic_id },
            service_id,
        })
    }
}

impl From<Wanted> for SlotName {
    fn from(wanted: Wanted) -> Self {
        Self {
            starts_at: wanted.starts_at,
            schedule: ScheduleName {
                doctor_id: wanted.doctor_id,
                clinic_id: wanted.clinic_id,
            },
            service_id: wanted.service_id,
        }
    }
}

impl From<SlotName> for Wanted {
    fn from(name: SlotName) -> Self {
        Self {
            doctor_id: name.schedule.doctor_id,
            clinic_id: name.schedule.clinic_id,
            service_id: name.service_id,
            starts_at: name.starts_at,
        }
    }
}

/// The number that an id is: digits as we write them.
pub fn id(text: &str) -> Option<i64> {
    let is_ours = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_ours)
}

/// The id in a reference to a resource of this kind: `Kind/1`, the same with an address before it, or the id alone.
pub fn referred<'a>(reference: &'a str, kind: &str) -> Option<&'a str> {
    match reference.rsplit_once('/') {
        None => Some(reference),
        Some((before, id)) => {
            let named = before.rsplit('/').next()?;
            (named == kind).then_some(id)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let name = SlotName::parse("3-1-2-1795489200").unwrap();
        assert_eq!(name.to_string(), "3-1-2-1795489200");
        assert_eq!(SlotName::from(Wanted::from(name)), name);
        for text in [
            "",
            "3-1-2",
            "3-1-2-x",
            "3-1-2-1-1",
            "03-1-2-1",
            "3-1-2--1",
            "+3-1-2-1",
            "K7QM-4D2P",
        ] {
            assert_eq!(SlotName::parse(text), None, "{text}");
        }
        assert_eq!(
            ScheduleName::parse("3-1").map(|name| name.to_string()),
            Some("3-1".to_owned())
        );
        assert_eq!(ScheduleName::parse("K7QM-4D2P"), None);
    }

    #[test]
    fn a_reference_is_of_one_kind() {
        for (reference, expected) in [
            ("Slot/1", Some("1")),
            ("https://a.example/fhir/r4/Slot/1", Some("1")),
            ("1", Some("1")),
            ("Patient/1", None),
            ("1/Slot/Patient/2", None),
        ] {
            assert_eq!(referred(reference, "Slot"), expected, "{reference}");
        }
    }
}
