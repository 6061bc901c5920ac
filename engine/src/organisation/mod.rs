//! The organisation: services, clinics, doctors, and their offers; and its name, logo and pages.
//!
//! A change does not reach appointments that are booked: each has a copy of what was promised.

mod clinic;
pub mod csv;
mod doctor;
pub mod form;
mod identity;
pub mod import;
mod import_doctors;
pub mod integrity;
mod lock;
mod logo;
pub mod mode;
mod nameplate;
mod picture;
mod put;
mod put_offers;
mod read;
mod service;
mod set_active;
mod setup;
mod speciality;
mod zone;

pub use self::lock::*;
pub use self::{
    doctor::{AddDoctor, EditDoctor, add_doctor, edit_doctor},
    identity::{Identity, MAX_PAGE, OwnPage, PutIdentity, SeenIdentity, Written, identity, put_identity},
    import_doctors::{ImportDoctors, import_doctors},
    logo::{Logo, PutLogo, SeenLogo, logo, logo_file, put_logo},
    nameplate::{Nameplate, Shown},
    picture::{MAX_PICTURE_BYTES, Picture},
    put::{Description, Put, put},
    put_offers::{PutOffers, put_offers},
    read::{DoctorDetails, Next, Versioned, clinic, clinics, doctor_details, newest, service, services},
    set_active::{DoctorAccount, SetActive, doctors, set_doctor_active},
    setup::{Setup, setup},
    speciality::{NameSpeciality, Speciality, name_field, name_speciality, specialities},
    zone::{log_unknown_zones, unknown_zones},
};
pub use crate::account::must_be_admin;
use crate::{
    availability::{Horizon, ServiceLimits, ServiceRules, Weekly},
    i18n::Names,
    money::Price,
    payment::terms::Terms,
};

/// The ways to meet.
pub const MODES: [&str; 3] = ["in_person", "video", "text"];

/// A service that patients can book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The key for programs.
    pub key: String,
    pub name: String,
    pub names: Names,
    /// One of [`MODES`].
    pub mode: String,
    pub rules: ServiceRules,
    pub cutoff_minutes: i32,
    /// Whether a booking is confirmed at once, without waiting for the doctor's answer.
    pub instant: bool,
    /// The price, if it is published.
    pub price: Option<Price>,
    /// When it is paid, and what goes back.
    pub terms: Terms,
    /// How much of it a patient may have.
    pub limits: ServiceLimits,
    /// Whether it can be booked. What was booked stays.
    pub active: bool,
}

impl Service {
    /// Returns the unit of the horizon, and their number.
    pub fn horizon(&self) -> (&'static str, i32) {
        match self.rules.horizon {
            Horizon::CalendarDays(days) => ("calendar_days", days),
            Horizon::WorkingDays(days) => ("working_days", days),
        }
    }
}

/// A clinic, where patients are seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clinic {
    pub name: String,
    pub address: String,
    pub city: String,
    pub phone: String,
    /// The IANA name of the time zone of the clinic's schedules.
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

/// A new doctor: profile, account, services and hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDoctor {
    pub profile: Profile,
    pub clinic_id: i64,
    /// The ids of the services at this clinic.
    pub services: Vec<i64>,
    pub week: Vec<Weekly>,
}

/// A service at a clinic: the ids of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Offer {
    pub clinic_id: i64,
    pub service_id: i64,
}
