//! The desk: what staff do for patients who call or stand in front of them. They book at zero notice, give whoever
//! walks in the next free time, and overbook where it cannot wait (PRODUCT §2, B13).
//!
//! A patient is found by phone, which is typed into a form and never part of a URL; from then on it is a number.

pub mod api;
pub mod page;
pub mod rest;
pub mod service;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{account::Caller, availability::service::Offering, booking::Wanted, error::AppError};

/// What a doctor offers at a clinic, as a form says it: `doctor-clinic-service`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
}

impl Offer {
    /// Reads what is shown.
    pub fn parse(text: &str) -> Option<Self> {
        let mut ids = text.split('-').map(|id| id.parse().ok());
        let offer = Self {
            doctor_id: ids.next()??,
            clinic_id: ids.next()??,
            service_id: ids.next()??,
        };
        ids.next().is_none().then_some(offer)
    }

    pub fn at(self, starts_at: Timestamp) -> Wanted {
        Wanted {
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            starts_at: starts_at.as_second(),
        }
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.doctor_id, self.clinic_id, self.service_id)
    }
}

impl From<&Offering> for Offer {
    fn from(offering: &Offering) -> Self {
        Self {
            doctor_id: offering.doctor_id,
            clinic_id: offering.clinic_id,
            service_id: offering.service_id,
        }
    }
}

/// Where the pages of a caller's desk begin.
///
/// # Errors
/// `NOT_FOUND` for who has none.
pub fn base_of(caller: &Caller) -> Result<&'static str, AppError> {
    match caller {
        Caller::Admin { .. } => Ok("/admin"),
        Caller::Doctor { .. } => Ok("/doctor"),
        Caller::Patient { .. } => Err(AppError::NotFound),
    }
}

/// What was typed into a form of the desk, so that no refusal makes anybody type it again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Typed {
    phone: String,
    name: String,
    reason: String,
    /// The offer that was chosen.
    offer: String,
    /// Whom the phone number belongs to.
    patient_id: Option<i64>,
    /// When, and why then, where somebody overbooks.
    day: String,
    hours: String,
    because: String,
}

/// Under which name a session keeps it.
const FORM: &str = "desk";

/// About whom it is, where that is not known yet.
const NOBODY_YET: &str = "new";

/// Likewise, of who walks in.
const WALK_IN: &str = "walk-in";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_three_numbers() {
        let offer = Offer {
            doctor_id: 1,
            clinic_id: 22,
            service_id: 3,
        };
        assert_eq!(Offer::parse(&offer.to_string()), Some(offer));
        for bad in ["", "1-2", "1-2-3-4", "1-2-x", "1--3", "1-2-3 "] {
            assert_eq!(Offer::parse(bad), None, "{bad}");
        }
    }
}
