//! iCalendar (RFC 5545): an appointment as a file, and a person's appointments as a feed at a secret address (X3).
//!
//! # What is told
//!
//! A calendar is read by more than its owner: by a provider, on a lock screen, by colleagues. So what is said by
//! default is that there is an appointment, when, and at which street address. The service, the doctor and the clinic
//! tell what somebody has (a clinic's name may say *fertility*, and no program knows), so they are told only where
//! the owner has asked for it. Why the patient comes, phone numbers and prescriptions are never told: nothing here
//! reads them.

mod feed;
pub mod ics;
mod link;
mod session;

pub use self::feed::*;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    account::{Caller, Role, secret::Holder},
    appointment::Status,
    i18n::Names,
};

/// The owner of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Patient(i64),
    Doctor(i64),
}

impl Owner {
    /// The calendar of a caller. Admins have none: nothing is with them.
    pub fn of(caller: &Caller) -> Option<Self> {
        match caller {
            Caller::Patient { id, .. } => Some(Self::Patient(*id)),
            Caller::Doctor { doctor_id, .. } => Some(Self::Doctor(*doctor_id)),
            Caller::Admin { .. } | Caller::Reception { .. } => None,
        }
    }

    pub fn role(self) -> Role {
        match self {
            Self::Patient(_) => Role::Patient,
            Self::Doctor(_) => Role::Doctor,
        }
    }

    /// The id of the patient, and that of the doctor: one of them.
    fn ids(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Patient(id) => (Some(id), None),
            Self::Doctor(id) => (None, Some(id)),
        }
    }
}

/// An appointment, or a group session of a doctor, as far as a calendar may know it.
#[derive(Clone, Debug)]
pub struct Event {
    pub reference: String,
    pub status: Status,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// Counts changes of the appointment, from 1.
    pub version: i32,
    pub changed_at: Timestamp,
    /// Counts changes of what is shown with it: the names of doctor, patient and clinic, the address, and the link.
    pub shown_version: i32,
    /// When the last one of these was.
    pub shown_at: Option<Timestamp>,
    pub answer_until: Option<Timestamp>,
    pub is_at_clinic: bool,
    pub service: String,
    pub service_names: Names,
    pub doctor: String,
    pub clinic: String,
    pub address: String,
    pub patient: Option<String>,
    /// The group session that it is, with all its seats; none for an appointment.
    pub session: Option<Session>,
}

/// A group session, as far as the calendar of its doctor may know it: how many come, and not who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: i64,
    pub title: String,
    /// The number of seats that are taken.
    pub taken: i64,
    pub capacity: i32,
}

impl Event {
    /// The number that grows with every change of the entry, whatever has changed.
    fn sequence(&self) -> i32 {
        self.version.saturating_add(self.shown_version)
    }

    /// When the entry was changed last.
    fn modified_at(&self) -> Timestamp {
        self.shown_at
            .map_or(self.changed_at, |at| at.max(self.changed_at))
    }

    /// The event as time has it. A request that ran out has expired before anybody writes that down, and that will be its
    /// next version: what is told of it then is what is told of it now.
    fn at(&self, now: Timestamp) -> Self {
        let mut event = self.clone();
        let Some(until) = event.answer_until else {
            return event;
        };
        if event.status == Status::Pending && until <= now {
            event.status = Status::Expired;
            event.version += 1;
        }
        // It ran out then, whenever it was written down.
        if event.status == Status::Expired {
            event.changed_at = until;
        }
        event
    }
}

/// Half of the secret of an address that was made. The other half is the [`Holder`]'s: so the answer can be stored under an
/// idempotency key, and told again to who sends the request again, and who reads the database has no address from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    salt: String,
    pub details: bool,
    pub made_at: Timestamp,
}

impl Made {
    /// The secret in the address, for whoever it was made for.
    pub fn secret(&self, holder: &Holder) -> String {
        holder.secret(&self.salt)
    }
}

/// Returns the hash of a secret, which is what the database stores.
fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// Returns the path of the feed with this secret.
pub fn path_of(secret: &str) -> String {
    format!("/calendars/{secret}.ics")
}
