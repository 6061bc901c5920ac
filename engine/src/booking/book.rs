//! Booking a time at once, without holding it first: what programs and staff do (B1), and staff also where it is not
//! free (B13).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Claim, Claimant, Wanted, claim, reference, refuse_overlap};
use crate::{
    account::{Caller, Role},
    appointment::{Actor, Entry, Status, Summary, record},
    availability::tell_times_changed,
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Refusal},
    idempotency::{self, Key},
    time::{self, plus_minutes},
};

/// Who books which time for whom.
#[derive(Clone, Debug)]
pub struct Book {
    /// The patient, a doctor with this time in their own calendar, or an admin.
    pub caller: Caller,
    pub wanted: Wanted,
    pub patient_id: i64,
    /// Why the patient comes.
    pub reason: String,
    /// Why staff want the time even where the doctor has none then (B13). Where it is free, it is booked as any other.
    pub overbook: Option<String>,
    pub answer_minutes: i64,
    /// Under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Books a free time: it is requested, or confirmed where the service books at once. Staff may book without notice
/// (PRODUCT §2), and what they book is confirmed: the answer that a request waits for is theirs to give.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that, where there is no such patient, and for what is not the caller's to
/// book; `FORBIDDEN` for who overbooks and is not of staff; `BOOKING_FAILED`, `IDEMPOTENCY_CONFLICT`.
pub async fn book(database: &Database, command: Book, now: Timestamp) -> Result<Summary, AppError> {
    database
        .write("booking.book", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Book, now: Timestamp) -> Result<Summary, Failure> {
    must_be_theirs(&command.caller, command.patient_id, command.wanted.doctor_id)?;
    if command.overbook.is_some() && !command.caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let summary = place(&mut tx, &command, now).await?;
    idempotency::answer(&mut tx, key, &summary, Some(summary.id)).await?;
    tx.commit().await?;
    Ok(summary)
}

/// Whether it is for this caller to book this patient with this doctor (I4).
///
/// # Errors
/// `NOT_FOUND`.
pub(super) fn must_be_theirs(caller: &Caller, patient_id: i64, doctor_id: i64) -> Result<(), AppError> {
    let is_theirs = match caller {
        Caller::Patient { id, .. } => *id == patient_id,
        Caller::Doctor { doctor_id: own, .. } => *own == doctor_id,
        Caller::Admin { .. } => true,
    };
    is_theirs.then_some(()).ok_or(AppError::NotFound)
}

/// Takes the locks, looks, and writes; whose it is and what else goes on in the transaction is the caller's affair.
///
/// # Errors
/// As [`book`].
pub(super) async fn place(tx: &mut Tx, command: &Book, now: Timestamp) -> Result<Summary, Failure> {
    let role = command.caller.role();
    let claimant = Claimant {
        patient_id: Some(command.patient_id),
        overbooks: command.overbook.is_some(),
        ..Claimant::default()
    };
    let mut claim =
        claim(tx, command.wanted, &claimant, None, now)
            .await
            .map_err(|failure| match failure {
                // The caller is who they say; it is the patient they name who is not there.
                Failure::Refused(AppError::Unauthenticated) if role != Role::Patient => {
                    AppError::NotFound.into()
                }
                other => other,
            })?;
    claim.calendar.rules = claim.calendar.rules.asked_of(role);
    let overbooked = match (claim.check(command.wanted), &command.overbook) {
        (Ok(()), _) => None,
        (Err(_), Some(why)) if may_be_overbooked(&claim, command.wanted, now) => Some(why.as_str()),
        // What is taken is no obstacle here, but a time that nobody could keep is.
        (Err(_), Some(_)) => {
            return Err(AppError::BookingFailed {
                reason: Refusal::SlotClosed,
                wanted: command.wanted,
            }
            .into());
        }
        (Err(error), None) => return Err(error.into()),
    };
    let visit = claim.offering.rules.visit(command.wanted.starts_at());
    refuse_overlap(tx, command.patient_id, visit, None, command.wanted, now).await?;
    insert(tx, &claim, command, overbooked, now).await
}

/// For how many minutes what is overbooked may have begun: who stands in front of the desk now is seen now.
pub const LATE_MINUTES: i64 = 5;

/// Whether a time is one that can be overbooked: about now or later, and no further ahead than any other.
fn may_be_overbooked(claim: &Claim, wanted: Wanted, now: Timestamp) -> bool {
    let date = time::local_date(wanted.starts_at(), &claim.calendar.zone);
    wanted.starts_at() >= plus_minutes(now, -LATE_MINUTES) && date <= claim.calendar.window().1
}

/// Writes an appointment in locked hours, with the beginning of its history.
pub(super) async fn insert(
    tx: &mut Tx,
    claim: &Claim,
    command: &Book,
    overbooked: Option<&str>,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let wanted = command.wanted;
    let (offering, blocked) = (&claim.offering, claim.hours.range());
    let visit = offering.rules.visit(wanted.starts_at());
    let by_staff = command.caller.role().is_staff();
    let (status, answer_until) = match offering.instant || by_staff {
        true => (Status::Confirmed, None),
        false => (
            Status::Pending,
            Some(plus_minutes(now, command.answer_minutes).min(visit.start)),
        ),
    };
    let reference = reference::new();
    let refused = |reason| AppError::BookingFailed { reason, wanted };
    let id = sqlx::query_scalar!(
        "insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
              blocks_from, blocks_until, duration_minutes, mode, price_minor, currency, reason, answer_until, created_at,
              overbooked_because)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         returning id",
        reference,
        claim.hours.doctor_id(),
        offering.clinic_id,
        offering.service_id,
        command.patient_id,
        status.as_str(),
        visit.start.to_sqlx(),
        visit.end.to_sqlx(),
        blocked.start.to_sqlx(),
        blocked.end.to_sqlx(),
        i32::try_from(offering.rules.duration).unwrap_or(i32::MAX),
        offering.mode,
        offering.price.as_ref().map(|price| price.minor),
        offering.price.as_ref().map(|price| price.currency.as_str()),
        command.reason,
        answer_until.map(ToSqlx::to_sqlx) as _,
        now.to_sqlx(),
        overbooked,
    )
    .fetch_one(&mut **tx)
    .await
    // The locks and the checks have already decided; this is the second layer (B2).
    .on_constraint("appointments_no_overlap", refused(Refusal::SlotTaken))
    .on_constraint(
        "appointments_patient_no_overlap",
        refused(Refusal::PatientOverlap),
    )?;
    tell_times_changed(tx, [wanted.doctor_id]);
    record(
        tx,
        Entry {
            appointment_id: id,
            from_status: None,
            to_status: status,
            from_starts_at: None,
            to_starts_at: visit.start,
            version: 1,
            actor: Actor::from(&command.caller),
            // Where the doctor would have been asked, the admin answers in their place.
            for_doctor: command.caller.role() == Role::Admin && !offering.instant,
            reason: overbooked.unwrap_or_default(),
        },
        now,
    )
    .await?;
    Ok(Summary {
        id,
        reference,
        doctor_id: wanted.doctor_id,
        clinic_id: wanted.clinic_id,
        service_id: wanted.service_id,
        patient_id: Some(command.patient_id),
        status,
        version: 1,
        starts_at: visit.start,
        ends_at: visit.end,
        overbooked: overbooked.is_some(),
    })
}
