//! Bodies: an appointment, and the parameters of an operation. Members of FHIR that nothing here depends on are let through.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    name::{SlotName, id, referred, systems},
    refusal::not_supported,
    resource::{CodeableConcept, HumanName, Reference},
};
use crate::server::api::Fault;

/// An appointment that is to be made or changed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppointmentInput {
    pub resource_type: String,
    pub id: Option<String>,
    pub meta: MetaInput,
    pub status: Option<String>,
    pub cancelation_reason: Option<CodeableConcept>,
    pub service_type: Vec<CodeableConcept>,
    pub reason_code: Vec<CodeableConcept>,
    pub comment: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    pub slot: Vec<Reference>,
    pub participant: Vec<ParticipantInput>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MetaInput {
    pub version_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ParticipantInput {
    pub actor: Option<Reference>,
}

impl AppointmentInput {
    /// # Errors
    /// `VALIDATION_FAILED` for another resource.
    pub fn checked(self) -> Result<Self, Fault> {
        match self.resource_type.as_str() {
            "Appointment" => Ok(self),
            "" => Err(Fault::missing("resourceType")),
            _ => Err(Fault::malformed("resourceType")),
        }
    }

    /// The version of what was read before.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn version(&self) -> Result<Option<i32>, Fault> {
        self.meta
            .version_id
            .as_deref()
            .map(|version| version.parse().map_err(|_| Fault::malformed("meta.versionId")))
            .transpose()
    }

    /// The id that a participant of this kind has, if there is one.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` where there are several, and for what is no id of ours.
    pub fn participant(&self, kind: &str) -> Result<Option<i64>, Fault> {
        let named = |text: &&str| text.contains(&format!("{kind}/"));
        let actors = self.participant.iter().filter_map(|one| one.actor.as_ref());
        let mut references = actors
            .filter_map(|actor| actor.reference.as_deref())
            .filter(named);
        let first = references.next();
        if references.next().is_some() {
            return Err(not_supported("participant"));
        }
        first
            .map(|reference| {
                referred(reference, kind)
                    .and_then(id)
                    .ok_or_else(|| Fault::malformed("participant"))
            })
            .transpose()
    }

    /// The slot that it names.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn slot(&self) -> Result<Option<SlotName>, Fault> {
        match self.slot.as_slice() {
            [] => Ok(None),
            [one] => slot_of(one, "Slot")
                .map(Some)
                .ok_or_else(|| Fault::malformed("slot")),
            _ => Err(not_supported("slot")),
        }
    }

    /// The key of the service.
    pub fn service(&self) -> Option<&str> {
        let codings = self.service_type.iter().flat_map(|concept| &concept.coding);
        codings
            .filter(|coding| {
                coding
                    .system
                    .as_deref()
                    .is_none_or(|system| system == systems::SERVICE)
            })
            .find_map(|coding| coding.code.as_deref())
    }

    /// Why the patient comes, in their words.
    pub fn reason(&self) -> &str {
        let words = self.reason_code.iter().find_map(|reason| reason.text.as_deref());
        words.or(self.comment.as_deref()).unwrap_or_default()
    }

    /// Why it is cancelled.
    pub fn why_cancelled(&self) -> &str {
        let reason = self.cancelation_reason.as_ref();
        reason
            .and_then(|reason| reason.text.as_deref())
            .unwrap_or_default()
    }
}

/// The time that a reference names: a slot, or the appointment that is proposed at it.
pub fn slot_of(reference: &Reference, kind: &str) -> Option<SlotName> {
    referred(reference.reference.as_deref()?, kind).and_then(SlotName::parse)
}

/// The inputs of an operation.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Parameters {
    pub resource_type: String,
    pub parameter: Vec<Input>,
}

/// An input of an operation, with the types of values that the operations here take.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Input {
    pub name: String,
    pub value_reference: Option<Reference>,
    pub value_codeable_concept: Option<CodeableConcept>,
    pub value_string: Option<String>,
    pub value_date: Option<String>,
    pub value_date_time: Option<String>,
    pub value_instant: Option<String>,
    pub value_timing: Option<Value>,
    pub resource: Option<Value>,
}

impl Input {
    /// The text of a value that is a text or a time.
    pub fn text(&self) -> Option<&str> {
        [
            &self.value_date_time,
            &self.value_instant,
            &self.value_date,
            &self.value_string,
        ]
        .into_iter()
        .find_map(|value| value.as_deref())
    }
}

impl Parameters {
    /// # Errors
    /// `VALIDATION_FAILED` for another resource, and for an input that the operation does not have.
    pub fn checked(self, known: &[&str]) -> Result<Self, Fault> {
        match self.resource_type.as_str() {
            "Parameters" => {}
            "" => return Err(Fault::missing("resourceType")),
            _ => return Err(Fault::malformed("resourceType")),
        }
        let unknown = self
            .parameter
            .iter()
            .find(|input| !known.contains(&input.name.as_str()));
        match unknown {
            Some(input) => Err(not_supported(&input.name)),
            None => Ok(self),
        }
    }

    /// The inputs of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Input> {
        self.parameter.iter().filter(move |input| input.name == name)
    }

    /// The input of this name, if there is one.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for more than one.
    pub fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a Input>, Fault> {
        let mut inputs = self.all(name);
        let first = inputs.next();
        match inputs.next() {
            None => Ok(first),
            Some(_) => Err(Fault::too_long(name)),
        }
    }
}

/// A patient, by id or by name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PatientInput {
    pub resource_type: String,
    pub id: Option<String>,
    pub name: Vec<HumanName>,
}

impl PatientInput {
    /// The name as people write it.
    pub fn name(&self) -> String {
        let Some(name) = self.name.first() else {
            return String::new();
        };
        match &name.text {
            Some(text) => text.clone(),
            None => {
                let parts = name.given.iter().chain(&name.family);
                parts.map(String::as_str).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_appointment_says_who_what_and_when() {
        let input: AppointmentInput = serde_json::from_value(json!({
            "resourceType": "Appointment",
            "status": "proposed",
            "priority": 5,
            "serviceType": [{ "coding": [{ "system": "urn:other", "code": "x" }, { "code": "visit" }] }],
            "reasonCode": [{ "text": "A cough" }],
            "slot": [{ "reference": "Slot/3-1-2-1795489200" }],
            "participant": [
                { "actor": { "reference": "Patient/7" }, "status": "accepted" },
                { "actor": { "reference": "Practitioner/3" } },
            ],
        }))
        .unwrap();
        let input = input.checked().unwrap();
        assert_eq!(input.participant("Patient").unwrap(), Some(7));
        assert_eq!(input.participant("Practitioner").unwrap(), Some(3));
        assert_eq!(input.participant("Location").unwrap(), None);
        assert_eq!(input.service(), Some("visit"));
        assert_eq!(input.reason(), "A cough");
        assert_eq!(
            input.slot().unwrap().map(|slot| slot.starts_at),
            Some(1_795_489_200)
        );
        assert!(AppointmentInput::default().checked().is_err());
    }

    #[test]
    fn a_name_is_a_text_or_its_parts() {
        let name = |value: Value| {
            let input: PatientInput = serde_json::from_value(json!({ "name": [value] })).unwrap();
            input.name()
        };
        assert_eq!(name(json!({ "text": "Dewi Lestari" })), "Dewi Lestari");
        assert_eq!(
            name(json!({ "given": ["Dewi", "A."], "family": "Lestari" })),
            "Dewi A. Lestari"
        );
    }
}
