//! Any doctor: those who are free at a time are asked in turn, until one of them is had.
//!
//! Each is asked in a transaction of its own, a hold or a booking like any other, that takes its locks in the usual
//! order and holds those of one doctor alone. So nobody can wait in a circle here, in whichever order doctors are
//! asked. One transaction for all of them would have to lock the hours of every candidate, by id, before it could look
//! at the first: everybody who wants a moment would wait for everybody else, also where there are doctors enough; and
//! locks that were taken in the order of turns, which is another one for everybody, would end in deadlocks.
//!
//! An attempt that came to nothing leaves nothing behind, the idempotency key included. A twin of the request may get a
//! doctor meanwhile: the next attempt claims the key again, finds that one, and answers with it.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    Wanted,
    book::{Book, book},
    hold::{Hold, admit, take},
};
use crate::{
    appointment::Summary,
    availability::Turns,
    database::Database,
    error::{AppError, Refusal},
    idempotency::{self, Key},
};

/// Holds a time with the first of these doctors who can be had, and answers with the reference. What the command wants
/// is any of them.
///
/// # Errors
/// As [`super::hold`]; `BOOKING_FAILED` where nobody is left.
pub async fn hold_any(
    database: &Database,
    turns: Turns,
    command: Hold,
    now: Timestamp,
) -> Result<String, AppError> {
    admit(database, &command, now).await?;
    let key = command.key.clone();
    let ask = |wanted| {
        take(
            database,
            Hold {
                wanted,
                ..command.clone()
            },
            now,
        )
    };
    one_of(database, turns, key, ask, now).await
}

/// Books a time with the first of these doctors who can be had. What the command wants is any of them.
///
/// # Errors
/// As [`book`]; `BOOKING_FAILED` where nobody is left.
pub async fn book_any(
    database: &Database,
    turns: Turns,
    command: Book,
    now: Timestamp,
) -> Result<Summary, AppError> {
    let key = command.key.clone();
    let ask = |wanted| {
        book(
            database,
            Book {
                wanted,
                ..command.clone()
            },
            now,
        )
    };
    one_of(database, turns, key, ask, now).await
}

async fn one_of<T, Fut>(
    database: &Database,
    turns: Turns,
    key: Option<Key>,
    ask: impl Fn(Wanted) -> Fut,
    now: Timestamp,
) -> Result<T, AppError>
where
    T: DeserializeOwned + Send + 'static,
    Fut: Future<Output = Result<T, AppError>>,
{
    let refused = |reason| AppError::BookingFailed {
        reason,
        wanted: turns.wanted,
    };
    let mut last = refused(turns.reason);
    for (offering, starts_at) in &turns.doctors {
        last = match ask(offering.at(*starts_at)).await {
            Err(AppError::BookingFailed {
                reason: reason @ (Refusal::SlotTaken | Refusal::SlotClosed),
                ..
            }) => refused(reason),
            // Whoever takes no bookings any more.
            Err(error @ AppError::NotFound) => error,
            Err(AppError::BookingFailed { reason, .. }) => return Err(refused(reason)),
            other => return other,
        };
    }
    // It may be the twin of this request who has the last one of them.
    match first_answer(database, key, now).await? {
        Some(first) => Ok(first),
        None => Err(last),
    }
}

/// What was answered under a key, if anything was.
async fn first_answer<T>(database: &Database, key: Option<Key>, now: Timestamp) -> Result<Option<T>, AppError>
where
    T: DeserializeOwned + Send + 'static,
{
    let look = move |mut tx| {
        let key = key.clone();
        // Never commits.
        async move { idempotency::claim(&mut tx, key.as_ref(), now).await }
    };
    database.write("booking.first_answer", look).await
}
