//! The transactions of a booking. Every way to a time, be it a hold, a booking or a move, goes through
//! [`claim`].

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Wanted;
use crate::{
    appointment::{Actor, Appointment, Extra, Locked, Status, change, lock_in_the_way},
    availability::{
        Calendar, Except, MARGIN_MINUTES, NotOffered, Offering, calendar_around,
        hours::{self, LockedHours},
        lock_offering,
    },
    database::{Failure, Lock, Tx, locking},
    error::{AppError, Refusal},
    time::{Range, plus_minutes},
};

/// Who takes a time, and what is theirs already.
#[derive(Clone, Debug, Default)]
pub(super) struct Claimant {
    /// SHA-256 of the token of the browser: its other holds end, but for those that are kept.
    pub(super) visitor: Option<Vec<u8>>,
    /// The references of holds of that browser.
    pub(super) keeps: Vec<String>,
    pub(super) patient_id: Option<i64>,
    /// The appointment that is booked or moved.
    pub(super) appointment_id: Option<i64>,
    /// The one that is given up for it.
    pub(super) instead_of: Option<i64>,
    /// Whether it does not matter who has the time.
    pub(super) overbooks: bool,
}

/// A time that is locked, checked and free: what a booking may write to.
pub(super) struct Claim {
    pub(super) offering: Offering,
    pub(super) hours: LockedHours,
    /// What was locked in the way of this booking and has not been ended: the claimant's own
    /// appointment.
    pub(super) own: Option<Locked<Appointment>>,
    /// The claimant's other appointment that is given up.
    pub(super) instead_of: Option<Locked<Appointment>>,
    pub(super) calendar: Calendar,
}

/// Takes a time for somebody, under the locks and by the rules: the doctor, the hours, the patient,
/// then the appointments; and only then does it look (B1, B3).
///
/// `keeps` is the blocked range of an appointment that keeps the length it was made with.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that; `BOOKING_FAILED`.
pub(super) async fn claim(
    tx: &mut Tx,
    wanted: Wanted,
    claimant: &Claimant,
    keeps: Option<&Appointment>,
    now: Timestamp,
) -> Result<Claim, Failure> {
    let starts_at = wanted.starts_at();
    let mut offering = lock_offering(tx, wanted).await.map_err(|failure| match failure {
        // Who has an appointment is not told that there is no such thing.
        Failure::Refused(AppError::NotFound) if claimant.appointment_id.is_some() => {
            Failure::Refused(AppError::BookingFailed {
                reason: Refusal::SlotClosed,
                wanted,
            })
        }
        other => other,
    })?;
    if let Some(appointment) = keeps {
        offering.rules = offering.rules.of_visit(appointment.visit, appointment.blocked);
    }
    let blocked = offering.rules.blocked(starts_at);
    // Whose own appointment it is about is judged under its lock: it may have been booked by another click.
    if claimant.appointment_id.is_none()
        && !claimant.overbooks
        && is_taken(tx, wanted.doctor_id, blocked, claimant.visitor.as_deref(), now).await?
    {
        return Err(AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted,
        }
        .into());
    }
    let hours = hours::lock(tx, wanted.doctor_id, blocked).await?;
    if let Some(patient_id) = claimant.patient_id {
        lock_patient(tx, patient_id).await?;
    }
    let (own, instead_of) = end_what_is_in_the_way(tx, &hours, claimant, now).await?;
    let except = Except {
        appointment_id: claimant.appointment_id,
        holds_of: None,
    };
    let calendar = calendar_around(tx, &offering, starts_at, &except, now).await?;
    Ok(Claim {
        offering,
        hours,
        own,
        instead_of,
        calendar,
    })
}

/// Whether somebody else has the time already. Who comes too late is told so at once, instead of waiting in line for
/// the hours only to hear it then; for who goes on it decides nothing, since others may be in front of them.
pub(super) async fn is_taken(
    tx: &mut Tx,
    doctor_id: i64,
    blocked: Range,
    visitor: Option<&[u8]>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let taken = sqlx::query_scalar!(
        r#"select exists (
               select from appointments
               where doctor_id = $1 and starts_at > $2 and starts_at < $3
                 and blocks_from < $5 and blocks_until > $4
                 and occupies(appointments, $6)
                 and (status <> 'held' or held_by is distinct from $7)
           ) as "taken!""#,
        doctor_id,
        plus_minutes(blocked.start, -MARGIN_MINUTES).to_sqlx(),
        plus_minutes(blocked.end, MARGIN_MINUTES).to_sqlx(),
        blocked.start.to_sqlx(),
        blocked.end.to_sqlx(),
        now.to_sqlx(),
        visitor,
    );
    Ok(taken.fetch_one(&mut **tx).await?)
}

impl Claim {
    /// Whether the claimed time is one that can be booked, as the list of times has it.
    pub(super) fn check(&self, wanted: Wanted) -> Result<(), AppError> {
        self.calendar
            .check(wanted.starts_at())
            .map_err(|not_offered| AppError::BookingFailed {
                reason: match not_offered {
                    NotOffered::Taken => Refusal::SlotTaken,
                    NotOffered::Closed => Refusal::SlotClosed,
                },
                wanted,
            })
    }
}

/// Bookings of one patient follow each other, so that none is made that overlaps another (B3).
pub(super) async fn lock_patient(tx: &mut Tx, patient_id: i64) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients where id = $1 and active for no key update",
        patient_id,
    );
    locking(Lock::Patient, locked.fetch_optional(&mut **tx))
        .await?
        .map(drop)
        .ok_or(Failure::Refused(AppError::Unauthenticated))
}

/// Ends holds and requests that have run out, and the claimant's other holds. What the claimant books, and what is
/// given up for it, is handed back instead.
pub(super) async fn end_what_is_in_the_way(
    tx: &mut Tx,
    hours: &LockedHours,
    claimant: &Claimant,
    now: Timestamp,
) -> Result<(Option<Locked<Appointment>>, Option<Locked<Appointment>>), Failure> {
    let (mut own, mut instead_of) = (None, None);
    let theirs: Vec<i64> = [claimant.appointment_id, claimant.instead_of]
        .into_iter()
        .flatten()
        .collect();
    let in_the_way = lock_in_the_way(
        tx,
        hours,
        claimant.visitor.as_deref(),
        claimant.patient_id,
        &theirs,
        now,
    )
    .await?;
    for appointment in in_the_way {
        if claimant.appointment_id == Some(appointment.id) {
            own = Some(appointment);
        } else if claimant.instead_of == Some(appointment.id) {
            instead_of = Some(appointment);
        } else if is_kept(&appointment, hours, claimant, now) {
            // A part of the visit that this is a part of.
        } else if appointment.held_until.is_some_and(|until| until > now)
            && appointment.status == Status::Held
        {
            // Still running, so it is here because it is this visitor's: choosing another time lets
            // the first one go.
            change(
                tx,
                appointment,
                Status::Cancelled,
                Actor::VISITOR,
                Extra::default(),
                now,
            )
            .await?;
        } else {
            change(
                tx,
                appointment,
                Status::Expired,
                Actor::SYSTEM,
                Extra::default(),
                now,
            )
            .await?;
        }
    }
    Ok((own, instead_of))
}

/// Whether it is a hold that the claimant keeps: one that ran out as well, unless it has lost its time to this very claim.
pub(super) fn is_kept(
    appointment: &Appointment,
    hours: &LockedHours,
    claimant: &Claimant,
    now: Timestamp,
) -> bool {
    let runs = appointment.held_until.is_some_and(|until| until > now);
    let is_here = appointment.doctor_id == hours.doctor_id() && appointment.blocked.overlaps(hours.range());
    appointment.status == Status::Held
        && claimant.keeps.contains(&appointment.reference)
        && (runs || !is_here)
}

/// Whether the patient, who is locked, is somewhere else then.
pub(super) async fn refuse_overlap(
    tx: &mut Tx,
    patient_id: i64,
    visit: Range,
    except_id: Option<i64>,
    wanted: Wanted,
    now: Timestamp,
) -> Result<(), Failure> {
    let overlaps = sqlx::query_scalar!(
        r#"select exists (
               select from appointments
               where patient_id = $1 and starts_at > $6 and starts_at < $3 and ends_at > $2
                 and status <> 'held' and occupies(appointments, $4)
                 and id is distinct from $5
           ) as "exists!""#,
        patient_id,
        visit.start.to_sqlx(),
        visit.end.to_sqlx(),
        now.to_sqlx(),
        except_id,
        plus_minutes(visit.start, -MARGIN_MINUTES).to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    if overlaps {
        return Err(AppError::BookingFailed {
            reason: Refusal::PatientOverlap,
            wanted,
        }
        .into());
    }
    Ok(())
}
