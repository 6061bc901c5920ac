//! Moving an appointment: the old time is free if and only if the new one is taken (B10).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Rules, Wanted,
    limit::Asked,
    locks::{LockedTime, Locks},
};
use crate::{
    account::{Caller, Role},
    appointment::{
        Actor, Appointment, AppointmentName, Entry, Locked, Status, Summary, peek, write_with_history,
    },
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Refusal},
    event::Event,
    idempotency::{self, Key},
    time::{local_date, wall_time},
};

/// A move of an appointment to another time.
#[derive(Clone, Debug)]
pub struct Reschedule {
    pub caller: Caller,
    pub which: AppointmentName,
    /// The version that the caller was looking at; `None` accepts any.
    pub version: Option<i32>,
    pub starts_at: Timestamp,
    /// SHA-256 of the token of the browser, whose hold of the new time is ended.
    pub visitor: Option<Vec<u8>>,
    pub rules: Rules,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Moves an appointment to another time of the same doctor, place and service. A second request changes nothing.
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
    let promise = Promise {
        since: None,
        by: command.caller.role(),
    };
    let summary = move_in(&mut tx, &command, promise, now).await?;
    idempotency::answer(&mut tx, key, &summary, &[summary.at_its_time()]).await?;
    tx.commit().await?;
    Ok(summary)
}

/// What a time was promised by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Promise {
    /// Since when the time is kept for the patient, where it is: the notice and the horizon of that moment stand.
    pub since: Option<Timestamp>,
    /// By whose rules it is asked for.
    pub by: Role,
}

/// Locks, checks and moves. Does not commit.
///
/// # Errors
/// Those of [`reschedule`], without the key's.
pub(crate) async fn move_in(
    tx: &mut Tx,
    command: &Reschedule,
    promise: Promise,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let seen = peek(tx, &command.which).await?;
    if !seen.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    if seen.group_id.is_some() {
        // Its time is that of the session.
        return Err(AppError::InvalidTransition {
            appointment_id: seen.id,
            from: seen.status,
            to: seen.status,
        }
        .into());
    }
    let wanted = Wanted {
        starts_at: command.starts_at.as_second(),
        ..Wanted::from(&seen)
    };
    let locks = Locks {
        visitor: command.visitor.as_deref(),
        patient_id: seen.patient_id,
        ..Locks::of_move(&seen, wanted)
    };
    let mut time = locks.take(tx, now).await?.single()?;
    let own = time.take_appointment()?;
    if is_there_already(&own, wanted, command, now)? {
        return Ok(Summary::from(&*own));
    }
    time.calendar.rules = time.calendar.rules.asked_of(promise.by);
    if let Some(since) = promise.since {
        time.calendar.now = since;
    }
    time.check()?;
    time.refuse_overlap()?;
    let exceeds = match own.patient_id {
        Some(patient_id) => {
            let asked = Asked {
                patient_id,
                caller: Some(&command.caller),
                rules: command.rules,
                times: vec![&time],
                moved: Some((own.id, own.time.start)),
            };
            Some(asked.check(tx, now).await?)
        }
        None => None,
    };
    let summary = write(tx, &time, &own, command, now).await?;
    if let Some(exceeds) = exceeds {
        exceeds.record(tx, std::slice::from_ref(&summary)).await?;
    }
    Ok(summary)
}

/// Checks that the caller may move the appointment as it is now. Answers whether it has the time already.
fn is_there_already(
    own: &Appointment,
    wanted: Wanted,
    command: &Reschedule,
    now: Timestamp,
) -> Result<bool, AppError> {
    let is_there = own.time.start == wanted.starts_at();
    if let Some(seen) = command.version.filter(|seen| *seen != own.version) {
        // The second click of two finds the next version.
        return match is_there && own.version == seen.saturating_add(1) {
            true => Ok(true),
            false => Err(AppError::StaleVersion {
                appointment_id: own.id,
                to: None,
            }),
        };
    }
    // A request that ran out has no time that it could take along.
    let from = match own.has_run_out(now) {
        true => Status::Expired,
        false => own.status,
    };
    let may = matches!(from, Status::Pending | Status::Confirmed)
        && !own.has_started(now)
        && (command.caller.role() != Role::Patient
            || own.status == Status::Pending
            || !own.is_past_cutoff(now));
    match may {
        true => Ok(is_there && command.version.is_none()),
        false => Err(AppError::InvalidTransition {
            appointment_id: own.id,
            from,
            to: own.status,
        }),
    }
}

/// Moves the locked appointment to the locked time, with its row of history. A request waits for its answer as one that is
/// made now for the new time (PRODUCT §2).
async fn write(
    tx: &mut Tx,
    time: &LockedTime,
    own: &Locked<Appointment>,
    command: &Reschedule,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let (range, blocked, version) = (time.range(), time.hours.range(), own.version + 1);
    // Who waits for another time of the same day is here all the same.
    let date = |at| local_date(at, &time.offering.zone);
    let is_same_day = date(own.time.start) == date(range.start);
    let entry = Entry {
        from_status: Some(own.status),
        to_status: own.status,
        from_starts_at: Some(own.time.start),
        to_starts_at: range.start,
        version,
        actor: Actor::from(&command.caller),
        for_doctor: false,
        reason: "",
        note: None,
    };
    // Who moves late what is paid first gets no more back by that: its rule goes on counting from `refund_from`.
    write_with_history!(
        "update appointments set
             starts_at = $14, ends_at = $15, blocks_from = $16, blocks_until = $17,
             answer_until = case status when 'pending' then $19 else answer_until end,
             overbooked_because = null, coming_at = null, version = $18, wall_time = $20,
             arrived_at = case when $21 then arrived_at end,
             refund_from = case
                 when $7 = 'patient' and pay_minor is not null
                      and starts_at - make_interval(mins => refund_minutes) < $1
                 then least(refund_from, starts_at, $14) else refund_from end
         where id = $13",
        entry,
        now,
        own.id,
        range.start.to_sqlx(),
        range.end.to_sqlx(),
        blocked.start.to_sqlx(),
        blocked.end.to_sqlx(),
        version,
        command.rules.answer_until(range, now).to_sqlx() as _,
        wall_time(range.start, &time.offering.zone).to_sqlx() as _,
        is_same_day,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("appointments_no_overlap", Refusal::SlotTaken.of(time.wanted))
    .on_constraint(
        "appointments_patient_no_overlap",
        Refusal::PatientOverlap.of(time.wanted),
    )?;
    tx.tell(Event::TimesChanged {
        doctor_id: own.doctor_id,
    });
    tx.tell(Event::TimeFreed {
        doctor_id: own.doctor_id,
        clinic_id: own.clinic_id,
        service_id: own.service_id,
        time: own.time,
        blocked: own.blocked,
        was_only_held: false,
        of_patient: own.patient_id,
    });
    entry.tell(tx, own.id);
    Ok(Summary {
        version,
        starts_at: range.start,
        ends_at: range.end,
        arrived_at: own.arrived_at.filter(|_| is_same_day),
        // It has a time of its own now.
        overbooked: false,
        ..Summary::from(&**own)
    })
}
