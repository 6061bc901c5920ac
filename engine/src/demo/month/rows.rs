//! Rows of the appointments of a month, and of their changes.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Appointment, DAY, history::By};
use crate::{
    appointment::Status,
    database::{Failure, Tx},
    demo::{Ids, people},
    time::{plus_minutes, wall_time},
};

/// A reference that looks like any other, and is the same whenever the demo is made: multiplying by an
/// odd number maps 40 bits to 40 bits, one to one.
fn reference(number: usize) -> String {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut bits = (number as u64 + 1).wrapping_mul(0x9E_3779_B97F) & 0xFF_FFFF_FFFF;
    let mut half = || -> String {
        (0..4)
            .map(|_| {
                let letter = char::from(ALPHABET[usize::try_from(bits & 31).unwrap_or(0)]);
                bits >>= 5;
                letter
            })
            .collect()
    };
    format!("{}-{}", half(), half())
}

/// Returns the time until which a request waits for its answer. Every second one waits until its appointment, so that
/// a demo that was started yesterday still has some.
fn answer_until(number: usize, appointment: &Appointment) -> Option<Timestamp> {
    let asked = appointment
        .history
        .iter()
        .find(|change| change.to == Status::Pending)?;
    let start = appointment.visit.start;
    let may_wait = appointment.status() == Status::Pending && number.is_multiple_of(2);
    Some(if may_wait {
        start
    } else {
        plus_minutes(asked.at, DAY).min(start)
    })
}

pub(super) async fn insert_appointments(
    tx: &mut Tx,
    ids: &Ids,
    month: &[Appointment],
) -> Result<(), Failure> {
    let (mut references, mut status, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    let (mut doctors, mut clinics, mut services, mut patients) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut starts_at, mut ends_at) = (Vec::new(), Vec::new());
    let (mut blocks_from, mut blocks_until) = (Vec::new(), Vec::new());
    let (mut created_at, mut answer_until, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    let mut wall_times = Vec::new();
    for (number, appointment) in month.iter().enumerate() {
        references.push(reference(number));
        status.push(appointment.status().as_str().to_owned());
        reasons.push(appointment.reason.to_owned());
        doctors.push(ids.doctors[appointment.doctor].0);
        clinics.push(ids.clinics[appointment.clinic]);
        services.push(ids.services[appointment.service]);
        patients.push(ids.patients[appointment.patient]);
        starts_at.push(appointment.visit.start.to_sqlx());
        ends_at.push(appointment.visit.end.to_sqlx());
        let zone = people::zone(appointment.clinic);
        wall_times.push(wall_time(appointment.visit.start, &zone).to_sqlx());
        blocks_from.push(appointment.blocked.start.to_sqlx());
        blocks_until.push(appointment.blocked.end.to_sqlx());
        created_at.push(appointment.history[0].at.to_sqlx());
        answer_until.push(self::answer_until(number, appointment).map(ToSqlx::to_sqlx));
        versions.push(i32::try_from(appointment.history.len()).unwrap_or(i32::MAX));
    }
    sqlx::query!(
        "insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
              blocks_from, blocks_until, duration_minutes, mode, reason, held_until, answer_until, version, created_at,
              wall_time)
         select made.reference, made.doctor_id, made.clinic_id, made.service_id, made.patient_id, made.status,
                made.starts_at, made.ends_at, made.blocks_from, made.blocks_until,
                services.duration_minutes, services.mode, made.reason,
                made.created_at + interval '10 minutes', made.answer_until, made.version, made.created_at,
                made.wall_time
         from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
                     $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[],
                     $11::text[], $12::timestamptz[], $13::integer[], $14::timestamptz[],
                     $15::timestamp[])
              as made (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
                       blocks_from, blocks_until, reason, answer_until, version, created_at, wall_time)
         join services on services.id = made.service_id
         order by made.created_at, made.reference",
        &references,
        &doctors,
        &clinics,
        &services,
        &patients,
        &status,
        &starts_at as _,
        &ends_at as _,
        &blocks_from as _,
        &blocks_until as _,
        &reasons,
        &answer_until as _,
        &versions,
        &created_at as _,
        &wall_times as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn insert_changes(tx: &mut Tx, ids: &Ids, month: &[Appointment]) -> Result<(), Failure> {
    let (mut references, mut versions, mut changed_at) = (Vec::new(), Vec::new(), Vec::new());
    let (mut from, mut to, mut roles) = (Vec::new(), Vec::new(), Vec::new());
    let (mut staff, mut patients, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for (number, appointment) in month.iter().enumerate() {
        let mut before = None;
        for (version, change) in (1i32..).zip(&appointment.history) {
            references.push(reference(number));
            versions.push(version);
            changed_at.push(change.at.to_sqlx());
            from.push(before.map(|status: Status| status.as_str().to_owned()));
            to.push(change.to.as_str().to_owned());
            roles.push(change.by.role().as_str().to_owned());
            staff.push(match change.by {
                By::Doctor => Some(ids.doctors[appointment.doctor].1),
                By::Admin => Some(ids.admin),
                By::Visitor | By::Patient => None,
            });
            patients.push(match change.by {
                By::Patient => Some(ids.patients[appointment.patient]),
                By::Visitor | By::Doctor | By::Admin => None,
            });
            reasons.push(change.reason.to_owned());
            before = Some(change.to);
        }
    }
    sqlx::query!(
        "insert into appointment_changes
             (appointment_id, changed_at, from_status, to_status, to_starts_at, version, actor, staff_id,
              patient_id, for_doctor, reason)
         select appointments.id, made.changed_at, made.from_status, made.to_status, appointments.starts_at,
                made.version, made.actor, made.staff_id, made.patient_id, made.actor = 'admin', made.reason
         from unnest($1::text[], $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                     $7::bigint[], $8::bigint[], $9::text[])
              as made (reference, version, changed_at, from_status, to_status, actor, staff_id, patient_id, reason)
         join appointments on appointments.reference = made.reference
         order by made.changed_at, appointments.id",
        &references,
        &versions,
        &changed_at as _,
        &from as _,
        &to,
        &roles,
        &staff as _,
        &patients as _,
        &reasons,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn references_differ() {
        let references: HashSet<String> = (0..10_000).map(reference).collect();
        assert_eq!(references.len(), 10_000);
    }
}
