//! Arrived: a patient is here, which is a moment on a confirmed appointment and no status of its own (A6).

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use super::{Actor, Appointment, AppointmentName, Locked, Status, Summary, lock, peek};
use crate::{
    account::{Caller, Role},
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
    idempotency::{self, Key},
    time::{Range, plus_minutes},
};

/// Minutes before the start from which a patient may say to be here.
pub const PATIENTS_EARLY_MINUTES: i64 = 2 * 60;

/// Minutes before the start and after the end within which staff may say that a patient is here.
const STAFF_MARGIN_MINUTES: i64 = 12 * 60;

/// Minutes within which whoever said it may take it back.
pub const MAX_UNDO_MINUTES: i64 = 1;

/// When the patient of an appointment can arrive.
#[derive(Clone, Copy, Debug)]
pub struct Arrival(Range);

impl Arrival {
    /// The arrival for an appointment at this time.
    pub fn of(time: Range) -> Self {
        Self(time)
    }

    /// Whether somebody in this role may say now that the patient is here.
    pub fn is_open_to(self, role: Role, now: Timestamp) -> bool {
        let (from, until) = match role.is_staff() {
            true => (
                plus_minutes(self.0.start, -STAFF_MARGIN_MINUTES),
                plus_minutes(self.0.end, STAFF_MARGIN_MINUTES),
            ),
            false => (plus_minutes(self.0.start, -PATIENTS_EARLY_MINUTES), self.0.end),
        };
        from <= now && now < until
    }
}

/// Who says of which appointment that its patient is here, or takes it back.
#[derive(Clone, Debug)]
pub struct Arrive {
    pub caller: Caller,
    pub which: AppointmentName,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Says that the patient of a confirmed appointment is here. Who says it of somebody who is here already changes nothing.
///
/// # Errors
/// `NOT_FOUND` for an appointment of somebody else; `INVALID_TRANSITION` where it is not confirmed, or it is too early or too
/// late to say so; `IDEMPOTENCY_CONFLICT`.
pub async fn arrive(database: &Database, command: Arrive, now: Timestamp) -> Result<Summary, AppError> {
    database
        .write("appointment.arrive", move |tx| {
            attempt(tx, command.clone(), true, now)
        })
        .await
}

/// Takes back, within a minute, what the same person said last: that the patient is here. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND` for an appointment of somebody else; `INVALID_TRANSITION` where somebody else said it, it was longer ago, or
/// something happened since; `IDEMPOTENCY_CONFLICT`.
pub async fn take_back_arrival(
    database: &Database,
    command: Arrive,
    now: Timestamp,
) -> Result<Summary, AppError> {
    database
        .write("appointment.take_back_arrival", move |tx| {
            attempt(tx, command.clone(), false, now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: Arrive, is_here: bool, now: Timestamp) -> Result<Summary, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let id = peek(&mut tx, &command.which).await?.id;
    let appointment = lock(&mut tx, id).await?;
    if !appointment.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    let actor = Actor::from(&command.caller);
    let may = appointment.status == Status::Confirmed
        && match is_here {
            true => {
                appointment.arrived_at.is_some() || Arrival::of(appointment.time).is_open_to(actor.role, now)
            }
            false => said_last(&mut tx, &appointment, actor, now).await?,
        };
    if !may {
        return Err(AppError::InvalidTransition {
            appointment_id: id,
            from: appointment.status,
            to: Status::Confirmed,
        }
        .into());
    }
    let appointment = match appointment.arrived_at.is_some() == is_here {
        true => appointment,
        false => write(&mut tx, appointment, is_here.then_some(now), actor, now).await?,
    };
    let summary = Summary::from(&*appointment);
    idempotency::answer(&mut tx, key, &summary, &[summary.as_it_waits()]).await?;
    tx.commit().await?;
    Ok(summary)
}

/// Whether the last change is this person's word about the arrival: that the patient is here, just now, or that it is taken
/// back already.
async fn said_last(
    tx: &mut Tx,
    appointment: &Appointment,
    actor: Actor,
    now: Timestamp,
) -> Result<bool, Failure> {
    let last = sqlx::query!(
        "select changed_at, arrived, staff_id, patient_id from appointment_changes
         where appointment_id = $1 and version = $2",
        appointment.id,
        appointment.version,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let is_just_now = |at: Timestamp| now.duration_since(at) <= SignedDuration::from_mins(MAX_UNDO_MINUTES);
    Ok(last.is_some_and(|last| {
        last.staff_id == actor.staff_id
            && last.patient_id == actor.patient_id
            && match last.arrived {
                Some(true) => is_just_now(last.changed_at.to_jiff()),
                Some(false) => true,
                None => false,
            }
    }))
}

/// Writes since when the patient is here, with its row of history.
async fn write(
    tx: &mut Tx,
    appointment: Locked<Appointment>,
    arrived_at: Option<Timestamp>,
    actor: Actor,
    now: Timestamp,
) -> Result<Locked<Appointment>, Failure> {
    let version = appointment.version + 1;
    sqlx::query!(
        "with written as (
             update appointments set arrived_at = $2, version = $3 where id = $1 returning id, status, starts_at
         )
         insert into appointment_changes
             (appointment_id, changed_at, from_status, to_status, to_starts_at, version, actor, staff_id, patient_id, arrived)
         select id, $4, status, status, starts_at, $3, $5, $6, $7, $8 from written",
        appointment.id,
        arrived_at.map(ToSqlx::to_sqlx) as _,
        version,
        now.to_sqlx(),
        actor.role.as_str(),
        actor.staff_id,
        actor.patient_id,
        arrived_at.is_some(),
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::ArrivalChanged {
        appointment_id: appointment.id,
        doctor_id: appointment.doctor_id,
        version,
        is_here: arrived_at.is_some(),
    });
    Ok(appointment.written(|changed| {
        changed.arrived_at = arrived_at;
        changed.version = version;
    }))
}

/// Whether nothing happened to an appointment since this version but that its patient came: no reason to keep a doctor from
/// starting.
///
/// # Errors
/// Those of the database.
pub(super) async fn only_arrived_since(
    tx: &mut Tx,
    appointment: &Appointment,
    seen: i32,
) -> Result<bool, Failure> {
    if seen > appointment.version {
        return Ok(false);
    }
    let only = sqlx::query_scalar!(
        r#"select coalesce(bool_and(arrived is not null), false) as "only!" from appointment_changes
           where appointment_id = $1 and version > $2"#,
        appointment.id,
        seen,
    );
    Ok(only.fetch_one(&mut **tx).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_arrives_shortly_before_and_until_the_end() {
        let now = Timestamp::UNIX_EPOCH;
        for (minutes, patient, staff) in [
            (-13 * 60, false, false),
            (-12 * 60, false, true),
            (-121, false, true),
            (-120, true, true),
            (0, true, true),
            (29, true, true),
            (30, false, true),
            (30 + 12 * 60, false, false),
        ] {
            let start = plus_minutes(now, -minutes);
            let arrival = Arrival::of(Range::new(start, plus_minutes(start, 30)));
            assert_eq!(arrival.is_open_to(Role::Patient, now), patient, "{minutes}");
            assert_eq!(arrival.is_open_to(Role::Doctor, now), staff, "{minutes}");
            assert_eq!(arrival.is_open_to(Role::Admin, now), staff, "{minutes}");
        }
    }
}
