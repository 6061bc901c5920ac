//! Changing appointments: checked by the rules, and never without a row in their history (A1).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Actor, Appointment, Entry, Locked, Status, write_with_history};
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
    /// Whether the group session that it has seats in ends with it, so that nobody can have them.
    pub with_its_group: bool,
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
    // Whoever holds a time in a browser lets go of it alone.
    let is_foreign = appointment.status == Status::Held && role.is_staff() && !appointment.is_offer();
    if !transition.is_allowed(role) || is_foreign {
        return Err(AppError::InvalidTransition {
            appointment_id: appointment.id,
            from: appointment.status,
            to,
        }
        .into());
    }
    let version = appointment.version + 1;
    let entry = Entry {
        from_status: Some(appointment.status),
        to_status: to,
        from_starts_at: None,
        to_starts_at: appointment.time.start,
        version,
        actor,
        for_doctor: role.is_at_desk() && transition.is_the_doctors(),
        reason: &extra.reason,
        note: None,
    };
    let written = write_with_history!(
        "update appointments set
             status = $14, version = $15,
             patient_id = coalesce($16, patient_id),
             reason = coalesce($17, reason),
             answer_until = coalesce($18, answer_until),
             -- Who did not come was not here.
             arrived_at = case when $14 <> 'no_show' then arrived_at end
         where id = $13",
        entry,
        now,
        appointment.id,
        to.as_str(),
        version,
        extra.patient_id,
        extra.complaint,
        extra.answer_until.map(ToSqlx::to_sqlx) as _,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint(
        "appointments_patient_no_overlap",
        Refusal::PatientOverlap.of(Wanted::from(&*appointment)),
    )?;
    entry.tell(tx, written);
    tell_change(tx, &appointment, to, extra.with_its_group, now);
    Ok(appointment.written(|changed| {
        changed.status = to;
        changed.version = version;
        changed.arrived_at = changed.arrived_at.filter(|_| to != Status::NoShow);
        changed.patient_id = extra.patient_id.or(changed.patient_id);
    }))
}

/// Tells that the times of a doctor changed; and the time that became free, where the appointment occupied one that is
/// still ahead and does so no more. Of a group session, its seats became free.
fn tell_change(tx: &mut Tx, appointment: &Appointment, to: Status, with_its_group: bool, now: Timestamp) {
    let (doctor_id, clinic_id, service_id) = (
        appointment.doctor_id,
        appointment.clinic_id,
        appointment.service_id,
    );
    let time = appointment.time;
    tx.tell(Event::TimesChanged { doctor_id });
    if appointment.is_offer() && !to.occupies() {
        tx.tell(Event::OfferEnded {
            appointment_id: appointment.id,
            to,
        });
    }
    if !appointment.status.occupies() || to.occupies() || time.start <= now || with_its_group {
        return;
    }
    let let_go = appointment.status == Status::Held && to == Status::Cancelled;
    tx.tell(match appointment.group_id {
        Some(group_id) => Event::SeatsFreed {
            group_id,
            doctor_id,
            clinic_id,
            service_id,
            time,
            of_patient: appointment.patient_id,
        },
        None => Event::TimeFreed {
            doctor_id,
            clinic_id,
            service_id,
            time,
            blocked: appointment.blocked,
            was_only_held: let_go && !appointment.is_offer(),
            of_patient: appointment.patient_id,
        },
    });
}
