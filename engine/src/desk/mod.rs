//! The desk: staff book for patients who call or stand in front of them. They book at zero notice, give walk-ins the
//! next free time, and overbook in urgent cases (B13).
//!
//! A patient is found by phone, which is typed into a form and never part of a URL; from then on it is a number.

mod card;
pub mod merge;
mod patient;
pub mod sheet;

pub use self::{card::*, patient::*};
use std::fmt;

use jiff::Timestamp;

use crate::{availability::Offering, booking::Wanted};

/// A service of a doctor at a clinic, in a form: `doctor-clinic-service`.
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
