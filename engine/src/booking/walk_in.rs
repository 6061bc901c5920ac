//! Booking the first time that is free today, for who stands in front of the desk.

use jiff::Timestamp;

use super::{
    Book, Wanted,
    book::{must_be_theirs, place},
};
use crate::{
    account::Caller,
    appointment::Summary,
    availability::first_free_today,
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    idempotency::{self, Key},
};

/// Who wants the next free time of which doctor for whom.
#[derive(Clone, Debug)]
pub struct WalkIn {
    /// A doctor with their own calendar, or an admin.
    pub caller: Caller,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub patient_id: i64,
    /// Why the patient comes.
    pub reason: String,
    pub answer_minutes: i64,
    /// Under which a replay is given the first answer (B6).
    pub key: Option<Key>,
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

/// How often another time is looked for: each time, somebody else has got one, so there is one less to look at.
const MAX_TRIES: usize = 100;

/// Books the first time of today that is free, as staff book.
///
/// # Errors
/// `BOOKING_FAILED` with `slot_closed` where nothing is free today, and with `patient_overlap` where the patient is
/// somewhere else at the first time that is; otherwise as [`super::book`].
pub async fn walk_in(database: &Database, command: WalkIn, now: Timestamp) -> Result<Summary, AppError> {
    must_be_theirs(&command.caller, command.patient_id, command.doctor_id)?;
    if !command.caller.role().is_staff() {
        return Err(AppError::NotFound);
    }
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
    let starts_at =
        first_free_today(&mut tx, command.at(now), now)
            .await?
            .ok_or(AppError::BookingFailed {
                reason: Refusal::SlotClosed,
                wanted: command.at(now),
            })?;
    let book = Book {
        wanted: command.at(starts_at),
        caller: command.caller,
        patient_id: command.patient_id,
        reason: command.reason,
        overbook: None,
        answer_minutes: command.answer_minutes,
        key: None,
    };
    let summary = place(&mut tx, &book, now).await?;
    idempotency::answer(&mut tx, key, &summary, Some(summary.id)).await?;
    tx.commit().await?;
    Ok(summary)
}
