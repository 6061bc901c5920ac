//! Choosing a time: it is held from now on, for ten minutes (B5).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Claim, Claimant, Wanted, claim, reference};
use crate::{
    account::limit::{self, Action},
    appointment::{Actor, Entry, Status, record},
    availability::{Offering, hours::LockedHours, tell_times_changed},
    database::{Database, Failure, Lock, OnConstraint, Tx, locking},
    error::{AppError, Refusal},
    idempotency::{self, Key},
    time::plus_minutes,
};

/// Who chooses which time.
#[derive(Clone, Debug)]
pub struct Hold {
    pub wanted: Wanted,
    /// SHA-256 of the token of the browser.
    pub visitor: Vec<u8>,
    pub patient_id: Option<i64>,
    /// Where the request comes from, and how many holds that may ask for; the address of who has
    /// signed in is not counted.
    pub address: String,
    pub holds_per_address: u32,
    pub hold_minutes: i64,
    /// The references of holds of this browser that stay, since they and this one are parts of a visit (B7).
    pub keeps: Vec<String>,
    /// Under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Holds a time, lets go of what the same browser held before, and answers with the reference.
///
/// # Errors
/// `NOT_FOUND`, `BOOKING_FAILED`, `RATE_LIMITED`, `IDEMPOTENCY_CONFLICT`.
pub async fn hold(database: &Database, command: Hold, now: Timestamp) -> Result<String, AppError> {
    admit(database, &command, now).await?;
    take(database, command, now).await
}

/// Counts a hold of somebody who has not signed in.
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

/// As [`hold`], of who has been counted.
pub(super) async fn take(database: &Database, command: Hold, now: Timestamp) -> Result<String, AppError> {
    database
        .write("booking.hold", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Hold, now: Timestamp) -> Result<String, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let claimant = Claimant {
        visitor: Some(command.visitor.clone()),
        patient_id: command.patient_id,
        keeps: command.keeps.clone(),
        ..Claimant::default()
    };
    // Two holds of one browser follow each other, so that the second lets the first one go.
    let locked = sqlx::query!(
        r#"select 1 as "locked!" from (select pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))) as visitor"#,
        &command.visitor,
    );
    locking(Lock::Visitor, locked.fetch_one(&mut *tx)).await?;
    let claim = claim(&mut tx, command.wanted, &claimant, None, now).await?;
    refuse_overlap_of_parts(&mut tx, &claim, &command).await?;
    claim.check(command.wanted)?;
    let held = insert(
        &mut tx,
        &claim.hours,
        &claim.offering,
        command.wanted,
        Holder {
            visitor: &command.visitor,
            patient_id: command.patient_id,
            until: plus_minutes(now, command.hold_minutes),
        },
        now,
    )
    .await?;
    idempotency::answer(&mut tx, key, &held.reference, Some(held.id)).await?;
    tx.commit().await?;
    Ok(held.reference)
}

/// Whether the patient is at another part of the visit then.
async fn refuse_overlap_of_parts(tx: &mut Tx, claim: &Claim, command: &Hold) -> Result<(), Failure> {
    if command.keeps.is_empty() {
        return Ok(());
    }
    let visit = claim.offering.rules.visit(command.wanted.starts_at());
    let overlaps = sqlx::query_scalar!(
        r#"select exists (
               select from appointments
               where held_by = $1 and status = 'held' and reference = any($2) and starts_at < $4 and ends_at > $3
           ) as "exists!""#,
        &command.visitor,
        &command.keeps,
        visit.start.to_sqlx(),
        visit.end.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    if overlaps {
        return Err(AppError::BookingFailed {
            reason: Refusal::PatientOverlap,
            wanted: command.wanted,
        }
        .into());
    }
    Ok(())
}

/// Who holds a time, and until when.
pub(super) struct Holder<'a> {
    pub visitor: &'a [u8],
    pub patient_id: Option<i64>,
    pub until: Timestamp,
}

/// A hold that was just written.
pub(super) struct Held {
    pub id: i64,
    pub reference: String,
}

/// Writes a hold in locked hours.
pub(super) async fn insert(
    tx: &mut Tx,
    hours: &LockedHours,
    offering: &Offering,
    wanted: Wanted,
    holder: Holder<'_>,
    now: Timestamp,
) -> Result<Held, Failure> {
    let reference = reference::new();
    let visit = offering.rules.visit(wanted.starts_at());
    let blocked = hours.range();
    let id = sqlx::query_scalar!(
        "insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
              blocks_from, blocks_until, duration_minutes, mode, price_minor, currency, held_by, held_until, created_at)
         values ($1, $2, $3, $4, $5, 'held', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         returning id",
        reference,
        hours.doctor_id(),
        offering.clinic_id,
        offering.service_id,
        holder.patient_id,
        visit.start.to_sqlx(),
        visit.end.to_sqlx(),
        blocked.start.to_sqlx(),
        blocked.end.to_sqlx(),
        i32::try_from(offering.rules.duration).unwrap_or(i32::MAX),
        offering.mode,
        offering.price.as_ref().map(|price| price.minor),
        offering.price.as_ref().map(|price| price.currency.as_str()),
        holder.visitor,
        holder.until.to_sqlx(),
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await
    // The locks and the check have already decided; this is the second layer (B2).
    .on_constraint(
        "appointments_no_overlap",
        AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted,
        },
    )?;
    tell_times_changed(tx, [hours.doctor_id()]);
    record(
        tx,
        Entry {
            appointment_id: id,
            from_status: None,
            to_status: Status::Held,
            from_starts_at: None,
            to_starts_at: visit.start,
            version: 1,
            actor: holder.patient_id.map_or(Actor::VISITOR, Actor::patient),
            for_doctor: false,
            reason: "",
        },
        now,
    )
    .await?;
    Ok(Held { id, reference })
}
