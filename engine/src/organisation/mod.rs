//! How the organisation is described: its services and clinics, its doctors, and who of them offers what where.
//!
//! What was booked stays as it was booked: an appointment has its own copy of what was promised (PRODUCT §2).

pub mod csv;
mod doctor;
pub mod form;
pub mod import;
mod import_doctors;
mod lock;
mod put_clinic;
mod put_offers;
mod put_service;
mod read;

pub use self::lock::*;
pub use self::{
    doctor::{AddDoctor, EditDoctor, add_doctor, edit_doctor},
    import_doctors::{ImportDoctors, import_doctors},
    put_clinic::{PutClinic, put_clinic},
    put_offers::{PutOffers, put_offers},
    put_service::{PutService, put_service},
    read::{Desk, Next, Seen, clinic, clinics, desk, newest, service, services},
};
use crate::{
    account::Caller,
    availability::{Horizon, ServiceRules, Weekly},
    error::AppError,
    money::Price,
};

/// The ways to meet.
pub const MODES: [&str; 3] = ["in_person", "video", "text"];

/// Whether this is somebody who describes the organisation (I4).
///
/// # Errors
/// `NOT_FOUND`.
pub fn must_be_admin(caller: &Caller) -> Result<(), AppError> {
    match caller {
        Caller::Admin { .. } => Ok(()),
        Caller::Doctor { .. } | Caller::Patient { .. } => Err(AppError::NotFound),
    }
}

/// Something that patients can book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// What programs call it.
    pub key: String,
    pub name: String,
    /// One of [`MODES`].
    pub mode: String,
    pub rules: ServiceRules,
    pub cutoff_minutes: i32,
    /// Booked at once, without waiting for the doctor's answer.
    pub instant: bool,
    /// Where it is said.
    pub price: Option<Price>,
    /// Whether it can be booked. What was booked stays.
    pub active: bool,
}

impl Service {
    /// How the horizon is kept: its unit, and how many of them.
    pub fn horizon(&self) -> (&'static str, i32) {
        match self.rules.horizon {
            Horizon::CalendarDays(days) => ("calendar_days", days),
            Horizon::WorkingDays(days) => ("working_days", days),
        }
    }
}

/// Where patients are seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clinic {
    pub name: String,
    pub address: String,
    pub city: String,
    pub phone: String,
    /// The IANA name of the zone that all planning there is in.
    pub time_zone: String,
}

/// A doctor, as patients see one, and how they sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub speciality: String,
    pub about: String,
    /// BCP 47 codes.
    pub languages: Vec<String>,
    /// In lower case.
    pub email: String,
}

/// Everything that makes somebody bookable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDoctor {
    pub profile: Profile,
    pub clinic_id: i64,
    /// Of this clinic, by id.
    pub services: Vec<i64>,
    pub week: Vec<Weekly>,
}

/// A service at a clinic: the ids of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Offer {
    pub clinic_id: i64,
    pub service_id: i64,
}
