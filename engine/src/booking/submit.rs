//! Booking what is held: `held → pending`, or `confirmed` where the service books at once.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Claimant, Wanted, claim,
    hold::{Holder, insert},
    refuse_overlap,
};
use crate::{
    account::name_patient,
    appointment::{Actor, Appointment, Extra, Locked, Status, Summary, change, lock, peek},
    availability::{Calendar, MARGIN_MINUTES, WhyNot},
    database::{Database, Failure, Tx},
    error::{AppError, Refusal},
    idempotency::{self, Key},
    time::{Range, plus_minutes},
};

/// Who books which hold.
#[derive(Clone, Debug)]
pub struct Submit {
    pub reference: String,
    pub visitor: Vec<u8>,
    pub patient_id: i64,
    /// What a patient without a name shall be called.
    pub name: String,
    /// Why the patient comes.
    pub reason: String,
    pub hold_minutes: i64,
    pub answer_minutes: i64,
    /// Another appointment of the patient, at the version that was looked at: it is cancelled if, and only if, this
    /// one is booked.
    pub instead_of: Option<(String, i32)>,
    /// Under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Books what is held. Sent twice, it books once.
///
/// # Errors
/// `NOT_FOUND`; `BOOKING_FAILED` where the hold ran out and somebody else has the time, where the
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
    if seen.patient_id == Some(command.patient_id) && is_booked(seen.status) {
        // The second click of two.
        return Ok(Summary::from(&seen));
    }
    if seen.held_by.as_ref() != Some(&command.visitor) {
        return Err(AppError::NotFound.into());
    }
    let wanted = Wanted {
        doctor_id: seen.doctor_id,
        clinic_id: seen.clinic_id,
        service_id: seen.service_id,
        starts_at: seen.visit.start.as_second(),
    };
    let instead_of = match &command.instead_of {
        Some((reference, _)) => Some(peek(&mut tx, &reference.as_str().into()).await?.id),
        None => None,
    };
    let claimant = Claimant {
        visitor: Some(command.visitor.clone()),
        patient_id: Some(command.patient_id),
        appointment_id: Some(seen.id),
        instead_of,
        ..Claimant::default()
    };
    let mut claim = claim(&mut tx, wanted, &claimant, Some(&seen), now).await?;
    let own = claim.own.take().ok_or(AppError::NotFound)?;
    if own.patient_id == Some(command.patient_id) && is_booked(own.status) {
        // The other click came first, and has committed meanwhile.
        return Ok(Summary::from(&*own));
    }
    if own.status == Status::Expired
        && let Some(reference) = booked_instead(&mut tx, &own, &command).await?
    {
        return Ok(Summary::from(&peek(&mut tx, &reference.into()).await?));
    }
    let is_held = own.status == Status::Held && own.held_until.is_some_and(|until| until > now);
    if is_held {
        // What was promised when the time was chosen holds: the notice and the horizon are those
        // of that moment. The start must still be ahead.
        claim.calendar.now = own.created_at;
    }
    if let Err(error) = claim.check(wanted)
        && !(is_held && is_only_overbooked(&mut tx, &claim.calendar, &own, claim.hours.range(), now).await?)
    {
        return Err(hold_ran_out(error, is_held).into());
    }
    if own.visit.start <= now {
        return Err(AppError::BookingFailed {
            reason: Refusal::SlotClosed,
            wanted,
        }
        .into());
    }
    match claim.instead_of.take() {
        Some(other) if other.visit.overlaps(own.visit) => give_up(&mut tx, other, &command, now).await?,
        // It is not in the way, so nobody asked for it to be given up.
        Some(_) => return Err(AppError::NotFound.into()),
        None => {}
    }
    refuse_overlap(&mut tx, command.patient_id, own.visit, Some(own.id), wanted, now).await?;

    let held = match own.status {
        // Also where it ran out: nobody has taken the time, so it is held again.
        Status::Held => own,
        // It ran out and was ended, but the time is free: a new hold takes its place.
        Status::Expired => {
            let holder = Holder {
                visitor: &command.visitor,
                patient_id: Some(command.patient_id),
                until: plus_minutes(now, command.hold_minutes),
            };
            let held = insert(&mut tx, &claim.hours, &claim.offering, wanted, holder, now).await?;
            lock(&mut tx, held.id).await?
        }
        _ => {
            return Err(AppError::BookingFailed {
                reason: Refusal::HoldExpired,
                wanted,
            }
            .into());
        }
    };
    name_patient(&mut tx, command.patient_id, &command.name).await?;
    let (to, answer_until) = if claim.offering.instant {
        (Status::Confirmed, None)
    } else {
        let answer_until = plus_minutes(now, command.answer_minutes).min(held.visit.start);
        (Status::Pending, Some(answer_until))
    };
    let extra = Extra {
        patient_id: Some(command.patient_id),
        visit_reason: Some(command.reason),
        answer_until,
        ..Extra::default()
    };
    let booked = change(&mut tx, held, to, Actor::patient(command.patient_id), extra, now).await?;
    let summary = Summary::from(&*booked);
    idempotency::answer(&mut tx, key, &summary, Some(summary.id)).await?;
    tx.commit().await?;
    Ok(summary)
}

/// Cancels the appointment that is given up for this one.
async fn give_up(
    tx: &mut Tx,
    other: Locked<Appointment>,
    command: &Submit,
    now: Timestamp,
) -> Result<(), Failure> {
    if other.patient_id != Some(command.patient_id) {
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
    let actor = Actor::patient(command.patient_id);
    change(tx, other, Status::Cancelled, actor, Extra::default(), now).await?;
    Ok(())
}

/// What an earlier click on this hold has booked in its place, after it had run out and was ended.
async fn booked_instead(tx: &mut Tx, own: &Appointment, command: &Submit) -> Result<Option<String>, Failure> {
    let reference = sqlx::query_scalar!(
        "select reference from appointments
         where doctor_id = $1 and starts_at = $2 and service_id = $3 and patient_id = $4 and held_by = $5
           and status not in ('held', 'cancelled', 'rejected', 'expired')",
        own.doctor_id,
        own.visit.start.to_sqlx(),
        own.service_id,
        command.patient_id,
        command.visitor,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(reference)
}

/// Whether nobody has this time but whoever staff put there knowingly (B13): who holds it was promised it first.
pub(super) async fn is_only_overbooked(
    tx: &mut Tx,
    calendar: &Calendar,
    own: &Appointment,
    blocked: Range,
    now: Timestamp,
) -> Result<bool, Failure> {
    if calendar.why_not(own.visit.start) != Some(WhyNot::Taken) {
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

/// Whether a hold has become an appointment that stands.
fn is_booked(status: Status) -> bool {
    matches!(
        status,
        Status::Pending | Status::Confirmed | Status::InProgress | Status::Completed
    )
}

/// Who lost a time that was held for them is told so.
fn hold_ran_out(error: AppError, is_held: bool) -> AppError {
    match error {
        AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted,
        } if !is_held => AppError::BookingFailed {
            reason: Refusal::HoldExpired,
            wanted,
        },
        other => other,
    }
}
