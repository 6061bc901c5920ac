//! Holding a time that somebody chooses (B5).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Rules, Wanted,
    locks::{LockedTime, Locks},
    open::refuse_too_many_holds,
};
use crate::{
    account::limit::{self, Action},
    appointment::{Actor, NewAppointment, OFFER_HOLDER, PAYER, Status, Summary},
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    idempotency::{self, Key},
};

/// A hold of a time for a browser.
#[derive(Clone, Debug)]
pub struct Hold {
    pub wanted: Wanted,
    /// SHA-256 of the token of the browser.
    pub visitor: Vec<u8>,
    pub patient_id: Option<i64>,
    /// The network address of the request, and the number of holds that it may ask for. It is not counted for patients
    /// who have signed in.
    pub address: String,
    pub holds_per_address: u32,
    pub rules: Rules,
    /// The references of holds of this browser that stay, since they and this one are segments of a visit (B7).
    pub keeps: Vec<String>,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Holds a time, ends the other holds of the same browser, and answers with the reference.
///
/// # Errors
/// `NOT_FOUND`, `BOOKING_FAILED`, `RATE_LIMITED`, `IDEMPOTENCY_CONFLICT`.
pub async fn hold(database: &Database, command: Hold, now: Timestamp) -> Result<String, AppError> {
    admit(database, &command, now).await?;
    take(database, command, now).await
}

/// Counts a hold of a visitor who has not signed in.
///
/// # Errors
/// `RATE_LIMITED`.
pub(super) async fn admit(database: &Database, command: &Hold, now: Timestamp) -> Result<(), AppError> {
    if command.patient_id.is_some() {
        return Ok(());
    }
    let (address, most) = (command.address.clone(), command.holds_per_address);
    let counted = database
        .write("booking.count_hold", move |mut tx| {
            let address = address.clone();
            async move {
                let counted = limit::count(&mut tx, Action::HoldByAddress, &address, most, now).await?;
                tx.commit().await?;
                Ok(counted)
            }
        })
        .await?;
    limit::check(counted)
}

/// Holds a time for a visitor who has been counted.
///
/// # Errors
/// `NOT_FOUND`, `BOOKING_FAILED`, `IDEMPOTENCY_CONFLICT`.
async fn take(database: &Database, command: Hold, now: Timestamp) -> Result<String, AppError> {
    database
        .write("booking.hold", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Hold, now: Timestamp) -> Result<String, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let held = take_in(&mut tx, &command, now).await?;
    idempotency::answer(&mut tx, key, &held.reference, &[held.at_its_time()]).await?;
    tx.commit().await?;
    Ok(held.reference)
}

/// Locks, checks and inserts. Does not commit.
///
/// # Errors
/// `NOT_FOUND`, `BOOKING_FAILED`.
pub(super) async fn take_in(tx: &mut Tx, command: &Hold, now: Timestamp) -> Result<Summary, Failure> {
    debug_assert!(
        ![OFFER_HOLDER, PAYER]
            .iter()
            .any(|holder| *holder == *command.visitor),
        "no browser's token has this hash"
    );
    let locks = Locks {
        visitor: Some(&command.visitor),
        keeps: &command.keeps,
        locks_visitor: true,
        patient_id: command.patient_id,
        ..Locks::of(command.wanted)
    };
    let time = locks.take(tx, now).await?.single()?;
    refuse_overlap_of_segments(tx, &time, command).await?;
    time.check()?;
    if let Some(patient_id) = command.patient_id {
        refuse_too_many_holds(tx, patient_id, command.rules, command.wanted, now).await?;
    }
    let until = command.rules.held_until(now);
    insert(tx, &time, &command.visitor, command.patient_id, until, now).await
}

/// Refuses a time at which the patient is at another segment of the visit.
async fn refuse_overlap_of_segments(tx: &mut Tx, time: &LockedTime, command: &Hold) -> Result<(), Failure> {
    if command.keeps.is_empty() {
        return Ok(());
    }
    let range = time.range();
    let overlaps = sqlx::query_scalar!(
        r#"select exists (
               select from appointments
               where held_by = $1 and status = 'held' and reference = any($2) and starts_at < $4 and ends_at > $3
           ) as "exists!""#,
        &command.visitor,
        &command.keeps,
        range.start.to_sqlx(),
        range.end.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    match overlaps {
        true => Err(Refusal::PatientOverlap.of(command.wanted).into()),
        false => Ok(()),
    }
}

/// Writes a hold of a locked time.
pub(super) async fn insert(
    tx: &mut Tx,
    time: &LockedTime,
    visitor: &[u8],
    patient_id: Option<i64>,
    until: Timestamp,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let hold = NewAppointment {
        offering: &time.offering,
        starts_at: time.wanted.starts_at(),
        status: Status::Held,
        patient_id,
        held: Some((visitor, until)),
        complaint: "",
        answer_until: None,
        overbooked_because: None,
        actor: patient_id.map_or(Actor::VISITOR, Actor::patient),
        for_doctor: false,
    };
    hold.insert(tx, &time.hours, now).await
}
