//! Any doctor: those who are free at a time are asked in turn, until one of them can be booked.
//!
//! Whoever wants a service with any doctor waits for the one before, and then sees what that one was given: many at once
//! are spread as evenly as many one after the other. The doctors are asked each in a transaction of its own, a hold or a
//! booking like any other, that takes its locks in the usual order and holds those of one doctor alone. So nobody can wait
//! in a circle here, in whichever order doctors are asked; and who names a doctor waits for nobody who does not mind.
//!
//! An attempt that failed leaves nothing behind, the idempotency key included. A twin of the request may get a
//! doctor meanwhile: the next attempt claims the key again, finds that one, and answers with it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;

use super::{
    Wanted,
    book::{Book, must_be_theirs, place},
    hold::{Hold, admit, take_in},
};
use crate::{
    account::Caller,
    appointment::Summary,
    availability::{Turns, Wanting, whose_turn},
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    idempotency,
};

/// The doctor who was asked in an attempt, for whoever makes the next one; [`Wanted::ANY`] where nobody was.
type Asked = Arc<AtomicI64>;

/// Holds a time with the doctor whose turn it is, and answers with the reference. The doctor in the command does not
/// count.
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
    let turns = Arc::new(turns);
    let ask = |refused: Vec<i64>, asked: Asked| {
        let (turns, command) = (turns.clone(), command.clone());
        database.write("booking.hold", move |tx| {
            let (turns, refused, asked) = (turns.clone(), refused.clone(), asked.clone());
            attempt_hold(tx, turns, refused, asked, command.clone(), now)
        })
    };
    one_of(turns.wanted, ask).await
}

async fn attempt_hold(
    mut tx: Tx,
    turns: Arc<Turns>,
    refused: Vec<i64>,
    asked: Asked,
    command: Hold,
    now: Timestamp,
) -> Result<String, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let wanting = Wanting {
        visitor: Some(&command.visitor),
        patient_id: command.patient_id,
    };
    let wanted = next(&mut tx, &turns, &refused, &asked, wanting, now).await?;
    let hold = Hold {
        wanted,
        ..command.clone()
    };
    let held = take_in(&mut tx, &hold, now).await?;
    idempotency::answer(&mut tx, key, &held.reference, &[held.at_its_time()]).await?;
    tx.commit().await?;
    Ok(held.reference)
}

/// Books a time with the doctor whose turn it is. The doctor in the command does not count.
///
/// # Errors
/// `BOOKING_FAILED` where nobody is left; otherwise those of [`super::book()`].
pub async fn book_any(
    database: &Database,
    turns: Turns,
    command: Book,
    now: Timestamp,
) -> Result<Summary, AppError> {
    // Whoever is not theirs is so with every doctor: nobody waits for a turn to be told that.
    if matches!(command.caller, Caller::Patient { .. }) {
        must_be_theirs(&command.caller, command.patient_id, Wanted::ANY, None)?;
    }
    let turns = Arc::new(turns);
    let ask = |refused: Vec<i64>, asked: Asked| {
        let (turns, command) = (turns.clone(), command.clone());
        database.write("booking.book", move |tx| {
            let (turns, refused, asked) = (turns.clone(), refused.clone(), asked.clone());
            attempt_book(tx, turns, refused, asked, command.clone(), now)
        })
    };
    one_of(turns.wanted, ask).await
}

async fn attempt_book(
    mut tx: Tx,
    turns: Arc<Turns>,
    refused: Vec<i64>,
    asked: Asked,
    command: Book,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let wanting = Wanting {
        visitor: None,
        patient_id: Some(command.patient_id),
    };
    let wanted = next(&mut tx, &turns, &refused, &asked, wanting, now).await?;
    must_be_theirs(
        &command.caller,
        command.patient_id,
        wanted.doctor_id,
        Some(wanted.clinic_id),
    )?;
    let book = Book {
        wanted,
        ..command.clone()
    };
    let summary = place(&mut tx, &book, None, now).await?;
    idempotency::answer(&mut tx, key, &summary, &[summary.at_its_time()]).await?;
    tx.commit().await?;
    Ok(summary)
}

/// The doctor to ask.
///
/// # Errors
/// `BOOKING_FAILED` where nobody is left.
async fn next(
    tx: &mut Tx,
    turns: &Turns,
    refused: &[i64],
    asked: &Asked,
    wanting: Wanting<'_>,
    now: Timestamp,
) -> Result<Wanted, Failure> {
    asked.store(Wanted::ANY, Ordering::Relaxed);
    let Some(wanted) = whose_turn(tx, turns, refused, wanting, now).await? else {
        let reason = match turns.doctors.is_empty() {
            true => turns.reason,
            false => Refusal::SlotTaken,
        };
        return Err(reason.of(turns.wanted).into());
    };
    asked.store(wanted.doctor_id, Ordering::Relaxed);
    Ok(wanted)
}

/// Asks one doctor after the other.
async fn one_of<T, Fut>(wanted: Wanted, ask: impl Fn(Vec<i64>, Asked) -> Fut) -> Result<T, AppError>
where
    Fut: Future<Output = Result<T, AppError>>,
{
    let mut refused: Vec<i64> = Vec::new();
    let mut last = None;
    loop {
        let asked = Asked::new(AtomicI64::new(Wanted::ANY));
        let error = match ask(refused.clone(), asked.clone()).await {
            Ok(done) => return Ok(done),
            Err(AppError::BookingFailed { reason, .. }) => reason.of(wanted),
            Err(error) => error,
        };
        let doctor_id = asked.load(Ordering::Relaxed);
        let is_about_the_doctor = match error {
            AppError::BookingFailed { reason, .. } => {
                matches!(reason, Refusal::SlotTaken | Refusal::SlotClosed)
            }
            // A doctor who takes no bookings any more.
            error => error == AppError::NotFound,
        };
        if doctor_id == Wanted::ANY || refused.contains(&doctor_id) {
            // Nobody was left to ask.
            return Err(last.filter(|_| is_about_the_doctor).unwrap_or(error));
        }
        if !is_about_the_doctor {
            return Err(error);
        }
        last = Some(error);
        refused.push(doctor_id);
    }
}
