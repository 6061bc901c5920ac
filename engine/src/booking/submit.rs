//! Submitting a hold, which books it: `held → pending`, or `confirmed` where the service books at once.
//!
//! A visit submits several holds by the same steps: [`find`], [`check`] and [`write`].

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Rules, hold,
    limit::Asked,
    locks::{LockedTime, Locks},
    open::{Opened, refuse_too_many},
};
use crate::{
    account::{family::Newcomer, name_patient},
    appointment::{Actor, Appointment, Extra, Locked, Status, Summary, change, lock, peek},
    availability::{Calendar, MARGIN_MINUTES, WhyNot},
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    idempotency::{self, Key},
    time::{Range, plus_minutes},
};

/// A booking of a time that a browser holds.
#[derive(Clone, Debug)]
pub struct Submit {
    pub reference: String,
    /// SHA-256 of the token of the browser.
    pub visitor: Vec<u8>,
    /// The patient; the holder of the phone for a newcomer.
    pub patient_id: i64,
    /// Somebody who shares the phone from now on, for whom it is in place of `patient_id`.
    pub newcomer: Option<Newcomer>,
    /// The patient who books: the same, or the holder of the phone that they share.
    pub booked_by: i64,
    /// The name of a patient who has none yet.
    pub name: String,
    /// The patient's reason to come.
    pub reason: String,
    pub rules: Rules,
    /// Another appointment of the patient, at the version that was looked at: it is cancelled if, and only if, this
    /// one is booked.
    pub instead_of: Option<(String, i32)>,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Books a hold. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND`; `PAYMENT_REQUIRED` for what is paid before it is booked; `BOOKING_FAILED` where the hold ran out and somebody else has the time, where the
/// patient is somewhere else then, or where the time was closed; `IDEMPOTENCY_CONFLICT`; and where another
/// appointment is given up, `STALE_VERSION` and `INVALID_TRANSITION` about that one.
pub async fn submit(database: &Database, command: Submit, now: Timestamp) -> Result<Summary, AppError> {
    database
        .write("booking.submit", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Submit, now: Timestamp) -> Result<Summary, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let seen = peek(&mut tx, &command.reference.as_str().into()).await?;
    if command.newcomer.is_none() && is_booked_by(&seen, command.patient_id) {
        // The second click of two.
        return Ok(Summary::from(&seen));
    }
    must_be_held_by(&seen, &command.visitor)?;
    let replaced_id = match &command.instead_of {
        Some((reference, _)) => Some(peek(&mut tx, &reference.as_str().into()).await?.id),
        None => None,
    };
    let locks = Locks {
        visitor: Some(&command.visitor),
        patient_id: Some(command.patient_id),
        newcomer: command.newcomer.as_ref(),
        replaced_id,
        ..Locks::of_held(std::slice::from_ref(&seen))
    };
    let mut locked = locks.take(&mut tx, now).await?;
    let command = Submit {
        patient_id: locked.patient_id.ok_or(AppError::Internal)?,
        ..command
    };
    let key = command.key.as_ref();
    let replaced = locked.replaced.take();
    let mut time = locked.single()?;
    let own = time.take_appointment()?;
    if let Some(first) = booked_by_the_other_click(&mut tx, &own, &command).await? {
        return Ok(first);
    }
    must_not_be_paid_first(&own)?;
    check(&mut tx, &mut time, &own, now).await?;
    if let Some(replaced) = replaced {
        give_up(&mut tx, replaced, &own, &command, now).await?;
    }
    time.refuse_overlap()?;
    let opened = Opened::of([time.offering.instant]);
    refuse_too_many(
        &mut tx,
        command.patient_id,
        opened,
        command.rules,
        time.wanted,
        now,
    )
    .await?;
    let asked = Asked {
        patient_id: command.patient_id,
        caller: None,
        rules: command.rules,
        times: vec![&time],
        moved: None,
    };
    let exceeds = asked.check(&mut tx, now).await?;
    name_patient(&mut tx, command.patient_id, &command.name).await?;
    let booking = Booking {
        visitor: &command.visitor,
        patient_id: command.patient_id,
        booked_by: Actor::patient(command.booked_by),
        complaint: &command.reason,
        rules: command.rules,
    };
    let summary = write(&mut tx, &time, own, &booking, now).await?;
    exceeds.record(&mut tx, std::slice::from_ref(&summary)).await?;
    idempotency::answer(&mut tx, key, &summary, &[summary.at_its_time()]).await?;
    tx.commit().await?;
    Ok(summary)
}

/// Finds the holds of these references, without a lock.
///
/// # Errors
/// `NOT_FOUND`, also for a hold of another browser.
pub(crate) async fn find(
    tx: &mut Tx,
    references: &[String],
    visitor: &[u8],
) -> Result<Vec<Appointment>, Failure> {
    let mut found = Vec::with_capacity(references.len());
    for reference in references {
        let hold = peek(tx, &reference.as_str().into()).await?;
        must_be_held_by(&hold, visitor)?;
        found.push(hold);
    }
    Ok(found)
}

fn must_be_held_by(hold: &Appointment, visitor: &[u8]) -> Result<(), AppError> {
    match hold.held_by.as_deref() == Some(visitor) {
        true => Ok(()),
        false => Err(AppError::NotFound),
    }
}

/// Refuses to book what its patient pays for first: that is booked by its payment.
///
/// # Errors
/// `PAYMENT_REQUIRED`.
pub(crate) fn must_not_be_paid_first(own: &Appointment) -> Result<(), AppError> {
    match own.is_paid_first {
        true => Err(AppError::PaymentRequired),
        false => Ok(()),
    }
}

/// Checks that a locked hold can be booked: that it runs, or that its time is still free.
///
/// # Errors
/// `BOOKING_FAILED`.
pub(crate) async fn check(
    tx: &mut Tx,
    time: &mut LockedTime,
    own: &Appointment,
    now: Timestamp,
) -> Result<(), Failure> {
    let runs = own.status == Status::Held && own.held_until.is_some_and(|until| until > now);
    if runs {
        // The promise of the moment when the time was chosen stands: its notice and its horizon. The start must still be
        // ahead.
        time.calendar.now = own.created_at;
    }
    if let Err(error) = time.check()
        && !(runs && is_only_overbooked(tx, &time.calendar, own, time.hours.range(), now).await?)
    {
        return Err(hold_ran_out(error, runs).into());
    }
    match own.has_started(now) {
        true => Err(Refusal::SlotClosed.of(time.wanted).into()),
        false => Ok(()),
    }
}

/// The values of a booking that its holds do not have yet.
pub(crate) struct Booking<'a> {
    pub visitor: &'a [u8],
    pub patient_id: i64,
    /// The patient who books, for themselves or for somebody who shares their phone; or the staff for a patient who waits.
    pub booked_by: Actor,
    /// The patient's reason to come.
    pub complaint: &'a str,
    pub rules: Rules,
}

/// Books a locked hold that was checked.
///
/// # Errors
/// `BOOKING_FAILED` where the hold was given up or is booked.
pub(crate) async fn write(
    tx: &mut Tx,
    time: &LockedTime,
    own: Locked<Appointment>,
    booking: &Booking<'_>,
    now: Timestamp,
) -> Result<Summary, Failure> {
    let patient_id = Some(booking.patient_id);
    let held = match own.status {
        // Also where it ran out: nobody has taken the time, so it is held again.
        Status::Held => own,
        // It ran out and was ended, but the time is free: a new hold takes its place.
        Status::Expired => {
            let until = booking.rules.held_until(now);
            let held = hold::insert(tx, time, booking.visitor, patient_id, until, now).await?;
            lock(tx, held.id).await?
        }
        _ => return Err(Refusal::HoldExpired.of(time.wanted).into()),
    };
    let (to, answer_until) = match time.offering.instant || booking.booked_by.role.is_staff() {
        true => (Status::Confirmed, None),
        false => (Status::Pending, Some(booking.rules.answer_until(held.time, now))),
    };
    let extra = Extra {
        patient_id,
        complaint: Some(booking.complaint.to_owned()),
        answer_until,
        ..Extra::default()
    };
    let booked = change(tx, held, to, booking.booked_by, extra, now).await?;
    Ok(Summary::from(&*booked))
}

/// Cancels the appointment that is given up for this one.
async fn give_up(
    tx: &mut Tx,
    other: Locked<Appointment>,
    own: &Appointment,
    command: &Submit,
    now: Timestamp,
) -> Result<(), Failure> {
    // One that is not in the way was not asked to be given up.
    if !other.time.overlaps(own.time) || other.patient_id != Some(command.patient_id) {
        return Err(AppError::NotFound.into());
    }
    if command
        .instead_of
        .as_ref()
        .is_some_and(|(_, version)| *version != other.version)
    {
        return Err(AppError::StaleVersion {
            appointment_id: other.id,
            to: None,
        }
        .into());
    }
    let actor = Actor::patient(command.booked_by);
    change(tx, other, Status::Cancelled, actor, Extra::default(), now).await?;
    Ok(())
}

/// The booking that another click on this hold has made and committed meanwhile: of the hold itself, or in its place
/// after it had run out and was ended.
async fn booked_by_the_other_click(
    tx: &mut Tx,
    own: &Appointment,
    command: &Submit,
) -> Result<Option<Summary>, Failure> {
    if is_booked_by(own, command.patient_id) {
        return Ok(Some(Summary::from(own)));
    }
    if own.status != Status::Expired {
        return Ok(None);
    }
    let reference = sqlx::query_scalar!(
        "select reference from appointments
         where doctor_id = $1 and starts_at = $2 and service_id = $3 and patient_id = $4 and held_by = $5
           and status not in ('held', 'cancelled', 'rejected', 'expired')",
        own.doctor_id,
        own.time.start.to_sqlx(),
        own.service_id,
        command.patient_id,
        command.visitor,
    )
    .fetch_optional(&mut **tx)
    .await?;
    match reference {
        Some(reference) => Ok(Some(Summary::from(&peek(tx, &reference.into()).await?))),
        None => Ok(None),
    }
}

/// Whether only deliberate overbookings conflict with this hold (B13). The hold came first and may be booked.
async fn is_only_overbooked(
    tx: &mut Tx,
    calendar: &Calendar,
    own: &Appointment,
    blocked: Range,
    now: Timestamp,
) -> Result<bool, Failure> {
    if calendar.why_not(own.time.start) != Some(WhyNot::Taken) {
        return Ok(false);
    }
    let others = sqlx::query_scalar!(
        r#"select exists (
               select from appointments
               where doctor_id = $1 and id <> $2 and overbooked_because is null
                 and starts_at > $6 and starts_at < $7 and blocks_from < $4 and blocks_until > $3 and occupies(appointments, $5)
           ) as "others!""#,
        own.doctor_id,
        own.id,
        blocked.start.to_sqlx(),
        blocked.end.to_sqlx(),
        now.to_sqlx(),
        plus_minutes(blocked.start, -MARGIN_MINUTES).to_sqlx(),
        plus_minutes(blocked.end, MARGIN_MINUTES).to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(!others)
}

/// Whether this patient has booked the hold, and the appointment stands.
fn is_booked_by(hold: &Appointment, patient_id: i64) -> bool {
    let is_booked = matches!(
        hold.status,
        Status::Pending | Status::Confirmed | Status::InProgress | Status::Completed
    );
    is_booked && hold.patient_id == Some(patient_id)
}

/// Says that the hold ran out, where its time was lost because of that.
fn hold_ran_out(error: AppError, runs: bool) -> AppError {
    match error {
        AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted,
        } if !runs => Refusal::HoldExpired.of(wanted),
        other => other,
    }
}
