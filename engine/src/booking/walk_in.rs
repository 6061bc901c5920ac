//! Booking the first time that is free today, for a patient who stands in front of the desk.

use jiff::Timestamp;

use super::{
    Book, Rules, Wanted,
    book::{must_be_theirs, place},
};
use crate::{
    account::{Caller, family::Newcomer},
    appointment::Summary,
    availability::first_free_today,
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    idempotency::{self, Key},
};

/// A booking of a doctor's next free time of today.
#[derive(Clone, Debug)]
pub struct WalkIn {
    /// A doctor with their own calendar, or an admin.
    pub caller: Caller,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub patient: WalksIn,
    /// The patient's reason to come.
    pub reason: String,
    pub rules: Rules,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// The patient who stands in front of the desk.
#[derive(Clone, Debug)]
pub enum WalksIn {
    /// Somebody who is known.
    Known(i64),
    /// Somebody whose phone number was typed; who is not a patient yet is made one, if the booking is made.
    Newcomer(Newcomer),
}

impl WalksIn {
    /// What tells one patient from another in a request that comes without a key.
    pub fn subject(&self) -> String {
        match self {
            Self::Known(id) => id.to_string(),
            Self::Newcomer(newcomer) => format!("{newcomer:?}"),
        }
    }
}

impl WalkIn {
    fn at(&self, starts_at: Timestamp) -> Wanted {
        Wanted {
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            starts_at: starts_at.as_second(),
        }
    }
}

/// Number of times that another free time is looked for. Each time somebody else got one, so that fewer are left.
const MAX_TRIES: usize = 100;

/// No patient's id: who is meant is found under the lock.
const NOBODY: i64 = 0;

/// Books the first time of today that is free.
///
/// # Errors
/// `BOOKING_FAILED` with `slot_closed` where nothing is free today, and with `patient_overlap` where the patient is
/// somewhere else at the first time that is; `PHONE_SHARED` where it has to be said for whom it is; `NOT_FOUND` and
/// `IDEMPOTENCY_CONFLICT`, as for any booking.
pub async fn walk_in(database: &Database, command: WalkIn, now: Timestamp) -> Result<Summary, AppError> {
    if !command.caller.role().is_staff() {
        return Err(AppError::NotFound);
    }
    must_be_theirs(
        &command.caller,
        NOBODY,
        command.doctor_id,
        Some(command.clinic_id),
    )?;
    let mut outcome = Err(AppError::ConcurrencyAbort);
    for _ in 0..MAX_TRIES {
        let command = command.clone();
        outcome = database
            .write("booking.walk_in", move |tx| attempt(tx, command.clone(), now))
            .await;
        // Somebody was faster: the next time is as good.
        if !matches!(
            &outcome,
            Err(AppError::BookingFailed {
                reason: Refusal::SlotTaken,
                ..
            })
        ) {
            break;
        }
    }
    outcome
}

async fn attempt(mut tx: Tx, command: WalkIn, now: Timestamp) -> Result<Summary, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    // Looked at without a lock; whether it is free is decided under the locks, as for any other time.
    let starts_at = first_free_today(&mut tx, command.at(now), now)
        .await?
        .ok_or(Refusal::SlotClosed.of(command.at(now)))?;
    let (patient_id, newcomer) = match &command.patient {
        WalksIn::Known(id) => (*id, None),
        WalksIn::Newcomer(newcomer) => (NOBODY, Some(newcomer)),
    };
    let book = Book {
        wanted: command.at(starts_at),
        caller: command.caller.clone(),
        patient_id,
        reason: command.reason.clone(),
        overbook: None,
        rules: command.rules,
        key: None,
    };
    let summary = place(&mut tx, &book, newcomer, now).await?;
    idempotency::answer(&mut tx, key, &summary, &[summary.until_it_is_over()]).await?;
    tx.commit().await?;
    Ok(summary)
}
