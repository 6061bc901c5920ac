//! Privacy: a person is forgotten, takes a copy of their data along, and what is kept is kept for as long as it must be.
//!
//! # Erasing a person
//!
//! It has three steps, each a transaction that can be repeated. [`request`] closes the record under the lock of the patient:
//! from then on nobody signs in as it and nothing is booked for it, and its owner is given a [`Certificate`]. Then [`work`]
//! calls off what is ahead, which is told as any other cancellation. When that has been told, and no request that was let in
//! before the record was closed can still run, it erases, in one transaction. So nothing comes back: not by a booking, a
//! sign-in, or a reminder.
//!
//! What the law keeps stays: records of care, without a name. Which, and until when, [`preview`] says before.
//!
//! The ledger of who was erased has nothing of them, and is applied again to a copy that was restored from before
//! ([`replay`]).

mod called_off;
mod certificate;
pub mod consent;
mod erase;
pub mod export;
pub mod glass;
mod hold;
pub mod integrity;
mod ledger;
mod people;
mod preview;
mod proved;
mod request;
pub mod retention;
mod words;
mod work;

use crate::{account::Caller, error::AppError};

pub use self::{
    certificate::{Certificate, certificate},
    hold::{Hold, SetHold, hold_of, set_hold},
    ledger::{Entry, ledger, of_text, replay, to_text},
    people::called,
    preview::{Obstacle, Preview, preview},
    proved::{phone_of, prove},
    request::{RequestErasure, Requested, request},
    work::{MAX_WAIT_MINUTES, QUIET_MINUTES, work},
};

/// The name of a record that was erased.
pub const ERASED: &str = "Erased";

/// Refuses everybody but the patient, the holder of their phone, and admins of all clinics.
///
/// # Errors
/// `NOT_FOUND`; `FORBIDDEN` for whoever has a number that the clinic has not made sure of for too long.
pub(crate) fn must_be_theirs(caller: &Caller, patient_id: i64) -> Result<(), AppError> {
    match caller {
        Caller::Patient { .. } if caller.acts_for(Some(patient_id)) => caller.must_be_confirmed(),
        Caller::Patient { .. } => Err(AppError::NotFound),
        _ => crate::account::must_be_admin(caller),
    }
}
