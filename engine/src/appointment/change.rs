//! Changing appointments: checked by the rules, and never without a row in their history (A1).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Actor, Appointment, Locked, Status};
use crate::{
    account::Role,
    booking::Wanted,
    database::{Failure, OnConstraint, Tx},
    error::{AppError, Refusal},
    event::Event,
};

/// Further values that are written with a change of status.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// The reason for the change, in the words of the person who made it.
    pub reason: String,
    /// The patient, from now on.
    pub patient_id: Option<i64>,
    /// The patient's reason to come.
    pub complaint: Option<String>,
    pub answer_until: Option<Timestamp>,
}

/// Changes the status of a locked appointment, by the rules, with its row of history. Its time is taken or free by the
/// status alone, which the exclusion constraints count (A3).
///
/// # Errors
/// `INVALID_TRANSITION`; `BOOKING_FAILED` where the patient has another appointment then.
pub async fn change(
    tx: &mut Tx,
    appointment: Locked<Appointment>,
    to: Status,
    actor: Actor,
    extra: Extra,
    now: Timestamp,
) -> Result<Locked<Appointment>, Failure> {
    let transition = appointment.transition(to, now);
    // A visitor holds a time the way a patient does.
    let role = match actor.role {
        Role::Visitor => Role::Patient,
        role => role,
    };
    if !transition.is_allowed(role) {
        return Err(AppError::InvalidTransition {
            appointment_id: appointment.id,
            from: appointment.status,
            to,
        }
        .into());
    }
    let version = appointment.version + 1;
    sqlx::query!(
        "update appointments set
             status = $2, version = $3,
             patient_id = coalesce($4, patient_id),
             reason = coalesce($5, reason),
             answer_until = coalesce($6, answer_until)
         where id = $1",
        appointment.id,
        to.as_str(),
        version,
        extra.patient_id,
        extra.complaint,
        extra.answer_until.map(ToSqlx::to_sqlx) as _,
    )
    .execute(&mut **tx)
    .await
    .on_constraint(
        "appointments_patient_no_overlap",
        Refusal::PatientOverlap.of(Wanted::from(&*appointment)),
    )?;
    let for_doctor = role == Role::Admin && transition.is_the_doctors();
    record(
        tx,
        Entry {
            appointment_id: appointment.id,
            from_status: Some(appointment.status),
            to_status: to,
            from_starts_at: None,
            to_starts_at: appointment.time.start,
            version,
            actor,
            for_doctor,
            reason: &extra.reason,
        },
        now,
    )
    .await?;
    tell_change(tx, &appointment, to, now);
    Ok(appointment.written(|changed| {
        changed.status = to;
        changed.version = version;
        changed.patient_id = extra.patient_id.or(changed.patient_id);
    }))
}

/// Tells that the times of a doctor changed; and the time that became free, where the appointment occupied one that is
/// still ahead and does so no more.
fn tell_change(tx: &mut Tx, appointment: &Appointment, to: Status, now: Timestamp) {
    let doctor_id = appointment.doctor_id;
    tx.tell(Event::TimesChanged { doctor_id });
    if appointment.status.occupies() && !to.occupies() && appointment.time.start > now {
        tx.tell(Event::TimeFreed {
            doctor_id,
            clinic_id: appointment.clinic_id,
            service_id: appointment.service_id,
            time: appointment.time,
        });
    }
}

/// A row of history.
#[derive(Debug)]
pub struct Entry<'a> {
    pub appointment_id: i64,
    pub from_status: Option<Status>,
    pub to_status: Status,
    /// Where it was before it was moved.
    pub from_starts_at: Option<Timestamp>,
    pub to_starts_at: Timestamp,
    pub version: i32,
    pub actor: Actor,
    pub for_doctor: bool,
    pub reason: &'a str,
}

/// Writes a row of history, in the transaction of the change.
///
/// # Errors
/// Those of the database.
pub async fn record(tx: &mut Tx, entry: Entry<'_>, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "insert into appointment_changes
             (appointment_id, changed_at, from_status, to_status, from_starts_at, to_starts_at,
              version, actor, staff_id, patient_id, for_doctor, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        entry.appointment_id,
        now.to_sqlx(),
        entry.from_status.map(Status::as_str),
        entry.to_status.as_str(),
        entry.from_starts_at.map(ToSqlx::to_sqlx) as _,
        entry.to_starts_at.to_sqlx(),
        entry.version,
        entry.actor.role.as_str(),
        entry.actor.staff_id,
        entry.actor.patient_id,
        entry.for_doctor,
        entry.reason,
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::AppointmentChanged {
        appointment_id: entry.appointment_id,
        version: entry.version,
    });
    Ok(())
}
