//! Any doctor: those who are free at a time are asked in turn, until one of them can be booked.
//!
//! Each is asked in a transaction of its own, a hold or a booking like any other, that takes its locks in the usual
//! order and holds those of one doctor alone. So nobody can wait in a circle here, in whichever order doctors are
//! asked. One transaction for all of them would have to lock the hours of every candidate, by id, before it could look
//! at the first: all who want a moment would wait for each other, also where there are doctors enough; and locks in the
//! order of turns, which differs between requests, would end in deadlocks.
//!
//! An attempt that failed leaves nothing behind, the idempotency key included. A twin of the request may get a
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

/// Holds a time with the first of these doctors who is free, and answers with the reference. The doctor in the command
/// does not count.
///
/// # Errors
/// `BOOKING_FAILED` where nobody is left; otherwise those of [`super::hold`].
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

/// Books a time with the first of these doctors who is free. The doctor in the command does not count.
///
/// # Errors
/// `BOOKING_FAILED` where nobody is left; otherwise those of [`book`].
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
    let refused = |reason: Refusal| reason.of(turns.wanted);
    let mut last = refused(turns.reason);
    for (offering, starts_at) in &turns.doctors {
        last = match ask(offering.at(*starts_at)).await {
            Err(AppError::BookingFailed {
                reason: reason @ (Refusal::SlotTaken | Refusal::SlotClosed),
                ..
            }) => refused(reason),
            // A doctor who takes no bookings any more.
            Err(error @ AppError::NotFound) => error,
            Err(AppError::BookingFailed { reason, .. }) => return Err(refused(reason)),
            other => return other,
        };
    }
    // The twin of this request may have booked the last one of them.
    match first_answer(database, key, now).await? {
        Some(first) => Ok(first),
        None => Err(last),
    }
}

/// The answer that is stored under a key.
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
