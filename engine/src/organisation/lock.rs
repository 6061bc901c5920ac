//! The transactions of the organisation: who describes something locks it, and the doctors whose bookings go by it, so
//! that a booking goes by what was there before or by what is there after, and never by what nobody sees any more.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use crate::{
    account::Caller,
    database::{Failure, Tx},
    error::AppError,
    idempotency::{Changed, Made},
};

/// The id and the version of something that was added or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub id: i64,
    pub version: i32,
}

impl Saved {
    /// What a request made that changed it.
    pub(super) fn made(&self, changed: Changed) -> Made {
        Made::Version {
            changed,
            id: self.id,
            version: self.version,
        }
    }
}

/// A subject with a version, which a change must name (C7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Service(i64),
    Clinic(i64),
    Doctor(i64),
    /// The name, the phone number and the pages of the organisation.
    Identity,
    Logo,
}

/// Remembers who made this version of it.
pub(super) async fn record(
    tx: &mut Tx,
    subject: Subject,
    what: &'static str,
    version: i32,
    caller: &Caller,
    now: Timestamp,
) -> Result<(), Failure> {
    let (service_id, clinic_id, doctor_id) = match subject {
        Subject::Service(id) => (Some(id), None, None),
        Subject::Clinic(id) => (None, Some(id), None),
        Subject::Doctor(id) => (None, None, Some(id)),
        Subject::Identity | Subject::Logo => (None, None, None),
    };
    sqlx::query!(
        "insert into organisation_changes (changed_at, staff_id, what, service_id, clinic_id, doctor_id, version)
         values ($1, $2, $3, $4, $5, $6, $7)",
        now.to_sqlx(),
        caller.staff_id().ok_or(AppError::NotFound)?,
        what,
        service_id,
        clinic_id,
        doctor_id,
        version,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Remembers who let patients book a doctor, or no longer.
///
/// # Errors
/// Those of the database.
pub async fn record_activity(
    tx: &mut Tx,
    doctor_id: i64,
    active: bool,
    version: i32,
    caller: &Caller,
    now: Timestamp,
) -> Result<(), Failure> {
    let what = match active {
        true => "doctor_activated",
        false => "doctor_deactivated",
    };
    record(tx, Subject::Doctor(doctor_id), what, version, caller, now).await
}
