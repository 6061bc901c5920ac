//! People and roles: patients by phone and code, staff by e-mail and password.

pub mod access;
pub mod acquaintance;
mod address;
mod caller;
pub mod choose;
pub mod clinics;
mod doer;
pub mod factor;
pub mod family;
pub mod integrity;
pub mod invite;
pub mod limit;
pub mod link;
mod mail;
pub mod new_phone;
pub mod number;
pub mod otp;
pub mod own_sessions;
mod password;
mod place;
pub mod reads;
pub mod rename;
pub mod renumber;
pub(crate) mod role;
pub mod roster;
pub mod scope;
pub mod secret;
pub mod session;
mod staff;
mod tidy;
pub mod token;
pub mod tries;

use jiff::Timestamp;

pub use self::address::{MAX_EMAIL, email_address};
pub(crate) use self::caller::staff_caller;
pub use self::caller::{find_caller, must_be_admin, must_be_at_desk, must_plan};
pub use self::clinics::Clinics;
pub use self::doer::{note_by, note_of};
pub use self::password::{MAX_PASSWORD, MIN_PASSWORD, check_new_password, hash_password, password_hash};
pub use self::place::place;
pub use self::role::Role;
pub use self::staff::*;
pub use self::tidy::tidy;
pub use crate::phone::{Country, Phone};

pub use crate::text::{required, storable, typed};

use crate::error::AppError;

/// Somebody who has signed in, or a program that acts for them. Only the guard of the pages, [`token`] and the links in
/// messages make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    Patient {
        id: i64,
        name: Option<String>,
        /// The ids of those who share the phone, for whom its holder acts.
        family: Vec<i64>,
        /// Since when what was booked is open to them; `None` where all of it is. See [`number`].
        opened_since: Option<Timestamp>,
    },
    Doctor {
        staff_id: i64,
        doctor_id: i64,
        name: String,
    },
    Admin {
        staff_id: i64,
        name: String,
        clinics: Clinics,
    },
    Reception {
        staff_id: i64,
        name: String,
        clinics: Clinics,
    },
}

impl Caller {
    pub fn role(&self) -> Role {
        match self {
            Self::Patient { .. } => Role::Patient,
            Self::Doctor { .. } => Role::Doctor,
            Self::Admin { .. } => Role::Admin,
            Self::Reception { .. } => Role::Reception,
        }
    }

    /// Returns the caller's name, if it is known.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Patient { name, .. } => name.as_deref(),
            Self::Doctor { name, .. } | Self::Admin { name, .. } | Self::Reception { name, .. } => Some(name),
        }
    }

    pub fn patient_id(&self) -> Option<i64> {
        match self {
            Self::Patient { id, .. } => Some(*id),
            Self::Doctor { .. } | Self::Admin { .. } | Self::Reception { .. } => None,
        }
    }

    /// Returns the patients for whom this caller acts as a patient: themselves, and who shares their phone.
    pub fn patient_ids(&self) -> Vec<i64> {
        match self {
            Self::Patient { id, family, .. } => std::iter::once(*id).chain(family.iter().copied()).collect(),
            Self::Doctor { .. } | Self::Admin { .. } | Self::Reception { .. } => Vec::new(),
        }
    }

    /// Whether this caller is this patient, or the holder of the patient's phone.
    pub fn acts_for(&self, patient_id: Option<i64>) -> bool {
        match (self, patient_id) {
            (Self::Patient { id, family, .. }, Some(patient_id)) => {
                *id == patient_id || family.contains(&patient_id)
            }
            _ => false,
        }
    }

    /// Since when what was booked is open to a patient whose number the clinic has not confirmed lately.
    pub fn opened_since(&self) -> Option<Timestamp> {
        match self {
            Self::Patient { opened_since, .. } => *opened_since,
            Self::Doctor { .. } | Self::Admin { .. } | Self::Reception { .. } => None,
        }
    }

    /// Refuses whoever may have the number of somebody else to change what is kept of its patient.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn must_be_confirmed(&self) -> Result<(), AppError> {
        match self.opened_since() {
            None => Ok(()),
            Some(_) => Err(AppError::Forbidden),
        }
    }

    /// Whether what was made then is not too old for whoever may have a number of somebody else.
    pub fn opens(&self, made_at: Timestamp) -> bool {
        self.opened_since().is_none_or(|since| made_at >= since)
    }

    pub fn staff_id(&self) -> Option<i64> {
        match self {
            Self::Patient { .. } => None,
            Self::Doctor { staff_id, .. }
            | Self::Admin { staff_id, .. }
            | Self::Reception { staff_id, .. } => Some(*staff_id),
        }
    }

    /// Returns the clinics that this caller is limited to; none where it is not clinics that limit them.
    pub fn clinics(&self) -> Option<&[i64]> {
        match self {
            Self::Admin { clinics, .. } | Self::Reception { clinics, .. } => clinics.named(),
            Self::Patient { .. } | Self::Doctor { .. } => None,
        }
    }

    /// Whether what belongs to this clinic is out of this caller's sight.
    pub fn is_kept_from(&self, clinic_id: i64) -> bool {
        self.clinics()
            .is_some_and(|clinics| !clinics.contains(&clinic_id))
    }

    /// Refuses whoever is limited to other clinics.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub fn must_be_of(&self, clinic_id: i64) -> Result<(), AppError> {
        match self.is_kept_from(clinic_id) {
            true => Err(AppError::NotFound),
            false => Ok(()),
        }
    }

    /// Returns the path of the page that follows signing in.
    pub fn home(&self) -> &'static str {
        match self {
            Self::Patient { .. } => "/appointments",
            Self::Doctor { .. } => "/doctor",
            Self::Admin { .. } => "/admin",
            Self::Reception { .. } => "/admin/day",
        }
    }
}

/// The numbers of requests that are allowed in a quarter of an hour; 0 means no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    pub codes_per_phone: u32,
    pub codes_per_address: u32,
    /// Per ten thousand numbers in a row, for phones that nobody is known by.
    pub codes_per_prefix: u32,
    /// Patients who are known have a quarter more.
    pub codes_overall: u32,
    /// Wrong passwords per account and address, after which the next ones are slowed down.
    pub sign_ins: u32,
    pub holds_per_address: u32,
    /// Phone numbers that a member of staff types to find or add a patient.
    pub phones_per_staff: u32,
    /// New browsers, each of which has a row of its own.
    pub sessions_per_address: u32,
}

/// A path of this site to go to after signing in; anything that could lead elsewhere becomes `/`.
pub fn local_path(next: &str) -> &str {
    let safe = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.bytes().all(|b| b.is_ascii_graphic());
    if safe { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed_after_signing_in() {
        assert_eq!(local_path("/appointments?x=1"), "/appointments?x=1");
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a b",
            "",
            "javascript:alert(1)",
        ] {
            assert_eq!(local_path(bad), "/", "{bad}");
        }
    }
}
