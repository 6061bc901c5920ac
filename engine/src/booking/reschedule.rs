//! Moving an appointment: the old time is free if and only if the new one is taken (B10).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Claimant, Wanted, claim, refuse_overlap};
use crate::{
    account::{Caller, Role},
    appointment::{Actor, Entry, Status, Summary, Which, peek, record},
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Refusal},
    event::Event,
    idempotency::{self, Key},
};

/// Who moves which appointment where.
#[derive(Clone, Debug)]
pub struct Reschedule {
    pub caller: Caller,
    pub which: Which,
    /// The version that the caller was looking at; `None` is what is there when it is locked.
    pub version: Option<i32>,
    pub starts_at: Timestamp,
    /// SHA-256 of the token of the browser, whose hold of the new time is no obstacle.
    pub visitor: Option<Vec<u8>>,
    /// Under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Moves an appointment to another time of the same doctor, place and service. Sent twice, it moves once.
///
/// # Errors
/// `NOT_FOUND`, `STALE_VERSION`, `INVALID_TRANSITION` where it can no longer be moved, `BOOKING_FAILED`,
/// `IDEMPOTENCY_CONFLICT`.
pub async fn reschedule(
    database: &Database,
    command: Reschedule,
    now: Timestamp,
) -> Result<Summary, AppError> {
    database
        .write("booking.reschedule", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Reschedule, now: Timestamp) -> Result<Summary, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let seen = peek(&mut tx, &command.which).await?;
    if !seen.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    let wanted = Wanted {
        doctor_id: seen.doctor_id,
        clinic_id: seen.clinic_id,
        service_id: seen.service_id,
        starts_at: command.starts_at.as_second(),
    };
    let claimant = Claimant {
        visitor: command.visitor.clone(),
        patient_id: seen.patient_id,
        appointment_id: Some(seen.id),
        ..Claimant::default()
    };
    let mut claim = claim(&mut tx, wanted, &claimant, Some(&seen), now).await?;
    let own = claim.own.take().ok_or(AppError::NotFound)?;
    if let Some(seen) = command.version.filter(|seen| *seen != own.version) {
        if own.version == seen.saturating_add(1) && own.visit.start == wanted.starts_at() {
            // The second click of two.
            return Ok(Summary::from(&*own));
        }
        return Err(AppError::StaleVersion {
            appointment_id: own.id,
            to: None,
        }
        .into());
    }
    // A request that ran out has no time that it could take along.
    let from = if own.has_run_out(now) {
        Status::Expired
    } else {
        own.status
    };
    let may = matches!(from, Status::Pending | Status::Confirmed)
        && !own.has_started(now)
        && (command.caller.role() != Role::Patient
            || own.status == Status::Pending
            || !own.is_past_cutoff(now));
    if !may {
        return Err(AppError::InvalidTransition {
            appointment_id: own.id,
            from,
            to: own.status,
        }
        .into());
    }
    if command.version.is_none() && own.visit.start == wanted.starts_at() {
        // It is there already.
        return Ok(Summary::from(&*own));
    }
    claim.check(wanted)?;
    let visit = claim.offering.rules.visit(wanted.starts_at());
    let blocked = claim.hours.range();
    if let Some(patient_id) = own.patient_id {
        refuse_overlap(&mut tx, patient_id, visit, Some(own.id), wanted, now).await?;
    }
    sqlx::query!(
        "update appointments set
             starts_at = $2, ends_at = $3, blocks_from = $4, blocks_until = $5,
             answer_until = least(answer_until, $2), overbooked_because = null, version = $6
         where id = $1",
        own.id,
        visit.start.to_sqlx(),
        visit.end.to_sqlx(),
        blocked.start.to_sqlx(),
        blocked.end.to_sqlx(),
        own.version + 1,
    )
    .execute(&mut *tx)
    .await
    .on_constraint(
        "appointments_no_overlap",
        AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted,
        },
    )
    .on_constraint(
        "appointments_patient_no_overlap",
        AppError::BookingFailed {
            reason: Refusal::PatientOverlap,
            wanted,
        },
    )?;
    tx.tell(Event::TimesChanged {
        doctor_id: own.doctor_id,
    });
    tx.tell(Event::TimeFreed {
        doctor_id: own.doctor_id,
        clinic_id: own.clinic_id,
        service_id: own.service_id,
        time: own.visit,
    });
    record(
        &mut tx,
        Entry {
            appointment_id: own.id,
            from_status: Some(own.status),
            to_status: own.status,
            from_starts_at: Some(own.visit.start),
            to_starts_at: visit.start,
            version: own.version + 1,
            actor: Actor::from(&command.caller),
            for_doctor: false,
            reason: "",
        },
        now,
    )
    .await?;
    let summary = Summary {
        version: own.version + 1,
        starts_at: visit.start,
        ends_at: visit.end,
        // It has a time of its own now.
        overbooked: false,
        ..Summary::from(&*own)
    };
    idempotency::answer(&mut tx, key, &summary, None).await?;
    tx.commit().await?;
    Ok(summary)
}
