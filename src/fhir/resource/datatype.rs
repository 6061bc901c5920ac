//! Data types that several resources have.

use serde::{Deserialize, Serialize};

/// The version of a resource, and what it is labelled with.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    pub version_id: Option<String>,
    pub tag: Vec<Coding>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Coding {
    pub system: Option<String>,
    pub code: Option<String>,
    pub display: Option<String>,
}

impl Coding {
    pub fn new(system: &str, code: impl Into<String>) -> Self {
        Self {
            system: Some(system.to_owned()),
            code: Some(code.into()),
            display: None,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CodeableConcept {
    pub coding: Vec<Coding>,
    pub text: Option<String>,
}

impl CodeableConcept {
    /// One code, with the words for people.
    pub fn new(system: &str, code: impl Into<String>, text: &str) -> Self {
        Self {
            coding: vec![Coding::new(system, code)],
            text: Some(text.to_owned()),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Reference {
    pub reference: Option<String>,
    pub display: Option<String>,
}

impl Reference {
    pub fn to(address: impl Into<String>) -> Self {
        Self {
            reference: Some(address.into()),
            display: None,
        }
    }

    pub fn named(address: impl Into<String>, display: impl Into<String>) -> Self {
        Self {
            reference: Some(address.into()),
            display: Some(display.into()),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Identifier {
    pub system: &'static str,
    pub value: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Telecom {
    pub system: &'static str,
    pub value: String,
}

impl Telecom {
    /// A phone number; nothing where there is none.
    pub fn phone(number: &str) -> Vec<Self> {
        match number.trim() {
            "" => Vec::new(),
            number => vec![Self {
                system: "phone",
                value: number.to_owned(),
            }],
        }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Address {
    pub text: Option<String>,
    pub line: Vec<String>,
    pub city: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct HumanName {
    pub text: Option<String>,
    pub family: Option<String>,
    pub given: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Period {
    pub start: String,
    pub end: String,
}

/// An extension with one of the values that we write.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Extension {
    pub url: &'static str,
    pub value_code: Option<String>,
}
