//! Reading and locking appointments. A [`Locked`] one is the proof of its lock.

use std::ops::Deref;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Appointment, AppointmentName, Status};
use crate::{
    account::Caller,
    availability::{MARGIN_MINUTES, hours::LockedHours},
    booking::reference,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    time::{self, Range, plus_minutes},
};

/// The columns of an appointment, as every query of one selects them.
pub(super) struct Row {
    id: i64,
    reference: String,
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
    patient_id: Option<i64>,
    status: String,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    blocks_from: jiff_sqlx::Timestamp,
    blocks_until: jiff_sqlx::Timestamp,
    held_by: Option<Vec<u8>>,
    held_until: Option<jiff_sqlx::Timestamp>,
    answer_until: Option<jiff_sqlx::Timestamp>,
    created_at: jiff_sqlx::Timestamp,
    version: i32,
    overbooked: bool,
    arrived_at: Option<jiff_sqlx::Timestamp>,
    cutoff_minutes: i32,
    group_id: Option<i64>,
    pay_minor: Option<i64>,
    time_zone: String,
}

impl Row {
    fn into_appointment(self) -> Result<Appointment, Failure> {
        let status = Status::parse(&self.status).ok_or(AppError::Internal)?;
        Ok(Appointment {
            id: self.id,
            reference: self.reference,
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            patient_id: self.patient_id,
            status,
            time: Range::new(self.starts_at.to_jiff(), self.ends_at.to_jiff()),
            blocked: Range::new(self.blocks_from.to_jiff(), self.blocks_until.to_jiff()),
            held_by: self.held_by,
            held_until: self.held_until.map(jiff_sqlx::Timestamp::to_jiff),
            answer_until: self.answer_until.map(jiff_sqlx::Timestamp::to_jiff),
            created_at: self.created_at.to_jiff(),
            version: self.version,
            overbooked: self.overbooked,
            arrived_at: self.arrived_at.map(jiff_sqlx::Timestamp::to_jiff),
            cutoff_minutes: self.cutoff_minutes.into(),
            group_id: self.group_id,
            is_paid_first: self.pay_minor.is_some(),
            zone: time::shown_zone(&self.time_zone),
        })
    }
}

/// Reads appointments: one list of columns for every condition.
macro_rules! appointments {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select appointments.id, reference, doctor_id, clinic_id, service_id, patient_id, status,
                    starts_at, ends_at, blocks_from, blocks_until, held_by, held_until, answer_until, created_at,
                    appointments.version, overbooked_because is not null as "overbooked!", arrived_at,
                    cutoff_minutes, group_id, pay_minor,
                    clinics.time_zone
             from appointments
             join clinics on clinics.id = clinic_id "# + $condition,
            $($argument),+
        )
    };
}

/// This appointment is locked in the current transaction, and was read after the lock. Only the
/// locking functions make one, and only with one can an appointment be changed.
#[derive(Debug)]
pub struct Locked<T>(T);

impl<T> Deref for Locked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Locked<T> {
    /// The same row as this transaction has just written it.
    pub(super) fn written(mut self, write: impl FnOnce(&mut T)) -> Self {
        write(&mut self.0);
        self
    }
}

/// Reads an appointment without locking it, to know what has to be locked.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn peek(connection: &mut PgConnection, which: &AppointmentName) -> Result<Appointment, Failure> {
    let row = match which {
        AppointmentName::Id(id) => {
            appointments!("where appointments.id = $1", id)
                .fetch_optional(connection)
                .await?
        }
        AppointmentName::Reference(said) => match reference::read(said) {
            Some(reference) => {
                appointments!("where reference = $1", reference)
                    .fetch_optional(connection)
                    .await?
            }
            None => None,
        },
    };
    row.ok_or(AppError::NotFound)?.into_appointment()
}

/// Reads an appointment that the caller may see.
///
/// # Errors
/// `NOT_FOUND`, also for an appointment of somebody else.
pub async fn look_up(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
) -> Result<Appointment, AppError> {
    database
        .read("appointment.look_up", move |mut connection| async move {
            let appointment = peek(&mut connection, &which).await?;
            if appointment.is_visible_to(&caller) {
                Ok(appointment)
            } else {
                Err(AppError::NotFound.into())
            }
        })
        .await
}

/// Locks an appointment and reads it.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<Locked<Appointment>, Failure> {
    let locked = appointments!("where appointments.id = $1 for no key update of appointments", id);
    locking(Lock::Appointments, locked.fetch_optional(&mut **tx))
        .await?
        .ok_or(AppError::NotFound)?
        .into_appointment()
        .map(Locked)
}

/// Locks, in the order of their ids, the appointments in the way of a booking in these hours that are there to be ended,
/// and with them those in `own`, which the booking is about. In the way are holds and requests of the doctors and the
/// patient that have run out, all holds of the visitor, and those of the patient with the doctors.
///
/// # Errors
/// Those of the database.
pub async fn lock_in_the_way(
    tx: &mut Tx,
    hours: &[LockedHours],
    visitor: Option<&[u8]>,
    patient_id: Option<i64>,
    own: &[i64],
    now: Timestamp,
) -> Result<Vec<Locked<Appointment>>, Failure> {
    let rows = match hours {
        [hours] => lock_in_the_way_of_one(tx, hours, visitor, patient_id, own, now).await?,
        several => lock_in_the_way_of_several(tx, several, visitor, patient_id, own, now).await?,
    };
    let mut locked = into_locked(rows)?;
    // Seats that are kept for somebody block no time. Whoever ends them has locked their session before.
    locked.retain(|one| !one.is_kept_seats() || own.contains(&one.id));
    Ok(locked)
}

/// Locks the session in which an appointment has seats, before the appointment itself; nothing for one that has none. Whoever
/// ends an appointment that may have some does this first: what it frees can be offered to who waits.
///
/// # Errors
/// Those of the database.
pub async fn lock_session_of(tx: &mut Tx, appointment: &Appointment) -> Result<(), Failure> {
    let Some(group_id) = appointment.group_id else {
        return Ok(());
    };
    let locked = sqlx::query_scalar!("select id from groups where id = $1 for no key update", group_id);
    locking(Lock::Groups, locked.fetch_one(&mut **tx)).await?;
    Ok(())
}

async fn lock_in_the_way_of_one(
    tx: &mut Tx,
    hours: &LockedHours,
    visitor: Option<&[u8]>,
    patient_id: Option<i64>,
    own: &[i64],
    now: Timestamp,
) -> Result<Vec<Row>, sqlx::Error> {
    let locked = appointments!(
        "where appointments.id = any($1)
            or status = 'held' and held_by = $2
            or status in ('held', 'pending')
               and (doctor_id = $3 or patient_id = $7)
               and blocks_from > $8 and blocks_from < $5 and blocks_until > $4
               and (not occupies(appointments, $6) or status = 'held' and doctor_id = $3 and patient_id = $7)
         order by appointments.id
         for no key update of appointments",
        own,
        visitor,
        hours.doctor_id(),
        hours.range().start.to_sqlx(),
        hours.range().end.to_sqlx(),
        now.to_sqlx(),
        patient_id,
        plus_minutes(hours.range().start, -MARGIN_MINUTES).to_sqlx()
    );
    locking(Lock::Appointments, locked.fetch_all(&mut **tx)).await
}

async fn lock_in_the_way_of_several(
    tx: &mut Tx,
    hours: &[LockedHours],
    visitor: Option<&[u8]>,
    patient_id: Option<i64>,
    own: &[i64],
    now: Timestamp,
) -> Result<Vec<Row>, sqlx::Error> {
    let doctors: Vec<i64> = hours.iter().map(LockedHours::doctor_id).collect();
    let ranges = hours.iter().map(LockedHours::range);
    let starts: Vec<_> = ranges.clone().map(|range| range.start.to_sqlx()).collect();
    let ends: Vec<_> = ranges.clone().map(|range| range.end.to_sqlx()).collect();
    let whole = ranges.reduce(|one, other| Range::new(one.start.min(other.start), one.end.max(other.end)));
    let whole = whole.unwrap_or(Range::new(now, now));
    let locked = appointments!(
        "where appointments.id = any($6)
            or status = 'held' and held_by = $9
            or status in ('held', 'pending')
               and (doctor_id = any($3) or patient_id = $2)
               and blocks_from > $7 and blocks_from < $8
               and exists (
                   select from unnest($3::bigint[], $4::timestamptz[], $5::timestamptz[]) as hours (of_doctor, start, until)
                   where (doctor_id = of_doctor or patient_id = $2) and blocks_from < until and blocks_until > start
                     and (not occupies(appointments, $1)
                          or status = 'held' and doctor_id = of_doctor and patient_id = $2))
         order by appointments.id
         for no key update of appointments",
        now.to_sqlx(),
        patient_id,
        &doctors,
        &starts as _,
        &ends as _,
        own,
        plus_minutes(whole.start, -MARGIN_MINUTES).to_sqlx(),
        whole.end.to_sqlx(),
        visitor
    );
    locking(Lock::Appointments, locked.fetch_all(&mut **tx)).await
}

/// Turns rows that were read by a statement that locks them into the proof of that lock.
fn into_locked(rows: Vec<Row>) -> Result<Vec<Locked<Appointment>>, Failure> {
    rows.into_iter()
        .map(|row| row.into_appointment().map(Locked))
        .collect()
}

/// Locks all appointments of a visit (B7), in the order of their ids.
///
/// # Errors
/// Those of the database.
pub async fn lock_visit(tx: &mut Tx, visit_id: i64) -> Result<Vec<Locked<Appointment>>, Failure> {
    let locked = appointments!(
        "where visit_id = $1 order by appointments.id for no key update of appointments",
        visit_id
    );
    into_locked(locking(Lock::Appointments, locked.fetch_all(&mut **tx)).await?)
}

/// Locks all appointments and holds of these patients, in the order of their ids.
///
/// # Errors
/// Those of the database.
pub async fn lock_of_patients(tx: &mut Tx, patients: &[i64]) -> Result<Vec<Locked<Appointment>>, Failure> {
    let locked = appointments!(
        "where patient_id = any($1) order by appointments.id for no key update of appointments",
        patients
    );
    into_locked(locking(Lock::Appointments, locked.fetch_all(&mut **tx)).await?)
}

/// The appointments with these doctors that are booked and still ahead, by time.
///
/// # Errors
/// Those of the database.
pub async fn coming(
    connection: &mut PgConnection,
    doctors: &[i64],
    now: Timestamp,
) -> Result<Vec<Appointment>, Failure> {
    appointments!(
        "where doctor_id = any($1) and starts_at > $2
           and status in ('pending', 'confirmed') and occupies(appointments, $2)
         order by starts_at, appointments.id",
        doctors,
        now.to_sqlx()
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_appointment)
    .collect()
}

/// Locks, in the order of their ids, the pending and confirmed appointments with a doctor at a clinic that begin in this
/// range.
///
/// # Errors
/// Those of the database.
pub async fn lock_open_between(
    tx: &mut Tx,
    doctor_id: i64,
    clinic_id: i64,
    range: Range,
) -> Result<Vec<Locked<Appointment>>, Failure> {
    let locked = appointments!(
        "where doctor_id = $1 and clinic_id = $2 and starts_at >= $3 and starts_at < $4
           and status in ('pending', 'confirmed')
         order by appointments.id
         for no key update of appointments",
        doctor_id,
        clinic_id,
        range.start.to_sqlx(),
        range.end.to_sqlx()
    );
    into_locked(locking(Lock::Appointments, locked.fetch_all(&mut **tx)).await?)
}

/// Locks, in the order of their ids, the appointments and the holds of these group sessions that have not come to an end: what
/// is cancelled, declined or expired stays as it is.
///
/// # Errors
/// Those of the database.
pub async fn lock_group(tx: &mut Tx, groups: &[i64]) -> Result<Vec<Locked<Appointment>>, Failure> {
    let locked = appointments!(
        "where group_id = any($1) and status not in ('cancelled', 'rejected', 'expired')
         order by appointments.id
         for no key update of appointments",
        groups
    );
    into_locked(locking(Lock::Appointments, locked.fetch_all(&mut **tx)).await?)
}
