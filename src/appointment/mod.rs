//! Appointments from the hold to the end of the visit: their status, their history, and the lists of
//! them.

pub mod api;
pub mod page;
pub mod rest;
pub mod service;
mod status;

pub use status::{Status, Transition, next_steps};

use crate::{
    account::{Caller, Role},
    booking::reference,
};

/// The name that a caller has for an appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Programs have this one.
    Id(i64),
    /// People have this one.
    Reference(String),
}

impl Which {
    /// Reads either.
    pub fn parse(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(id) => Some(Self::Id(id)),
            Err(_) => reference::is_one(text).then(|| Self::Reference(text.to_owned())),
        }
    }
}

impl From<String> for Which {
    fn from(reference: String) -> Self {
        Self::Reference(reference)
    }
}

impl From<&str> for Which {
    fn from(reference: &str) -> Self {
        Self::Reference(reference.to_owned())
    }
}

/// Who changes an appointment, as its history records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub role: Role,
    pub staff_id: Option<i64>,
    pub patient_id: Option<i64>,
}

impl Actor {
    pub const SYSTEM: Self = Self {
        role: Role::System,
        staff_id: None,
        patient_id: None,
    };

    pub const VISITOR: Self = Self {
        role: Role::Visitor,
        staff_id: None,
        patient_id: None,
    };

    pub fn patient(id: i64) -> Self {
        Self {
            role: Role::Patient,
            staff_id: None,
            patient_id: Some(id),
        }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self {
            role: caller.role(),
            staff_id: caller.staff_id(),
            patient_id: caller.patient_id(),
        }
    }
}
