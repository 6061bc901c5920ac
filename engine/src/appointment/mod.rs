//! Appointments from the hold to the end of the visit: their status, their history, and the lists of
//! them.

mod board;
mod change_status;
mod expire;
mod history;
pub mod integrity;
mod item;
mod lists;
mod locked;
pub mod status;

pub use self::locked::*;
pub use self::{
    board::{Board, Choices, Filter, PER_PAGE, Search, board, choices},
    change_status::{ChangeStatus, change_status, needs_reason},
    expire::expire,
    history::{Change, History, LastChange, history, last_change},
    item::Item,
    lists::{
        Listing, Order, Place, day_sheet, find, find_by_id, listing, next_of_doctor, of_patient,
        of_patient_with_doctor, of_visit, places, requests, search_of_doctor,
    },
};
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

/// Path of the page of an appointment for somebody in this role.
pub fn path_of(role: Role, reference: &str) -> String {
    match role {
        Role::Doctor => format!("/doctor/appointments/{reference}"),
        Role::Admin => format!("/admin/appointments/{reference}"),
        Role::Visitor | Role::Patient | Role::System => format!("/appointments/{reference}"),
    }
}
