//! Changing appointments: locked first, checked then, and never without a row in their history (A1).

use std::ops::Deref;

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{Actor, Status, Transition, Which};
use crate::{
    account::Caller,
    availability::{MARGIN_MINUTES, hours::LockedHours},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    event::Event,
    time::{self, Range, plus_minutes},
};

/// An appointment as its transactions need it.
#[derive(Clone, Debug)]
pub struct Appointment {
    pub id: i64,
    pub reference: String,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub patient_id: Option<i64>,
    pub status: Status,
    pub visit: Range,
    /// With the buffers that it was made with.
    pub blocked: Range,
    pub held_by: Option<Vec<u8>>,
    pub held_until: Option<Timestamp>,
    pub answer_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub version: i32,
    /// Staff booked it although the doctor had no such time (B13).
    pub overbooked: bool,
    /// Until how long before the start its patient may cancel or move it, in minutes.
    pub cutoff_minutes: i64,
    pub zone: TimeZone,
}

impl Appointment {
    /// Whether this caller may know that it exists (I4).
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Patient { id, .. } => self.patient_id == Some(*id),
            Caller::Doctor { doctor_id, .. } => self.doctor_id == *doctor_id && self.status != Status::Held,
            Caller::Admin { .. } => true,
        }
    }

    pub fn has_started(&self, now: Timestamp) -> bool {
        self.visit.start <= now
    }

    /// Whether nobody answered the request while there was time.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        self.status == Status::Pending && self.answer_until.is_some_and(|until| until <= now)
    }

    pub fn is_past_cutoff(&self, now: Timestamp) -> bool {
        now > time::plus_minutes(self.visit.start, -self.cutoff_minutes)
    }

    /// The change to this status, with what its rules need to know.
    pub fn transition(&self, to: Status, now: Timestamp) -> Transition {
        Transition {
            from: self.status,
            to,
            started: self.has_started(now),
            past_cutoff: self.is_past_cutoff(now),
        }
    }
}

/// What an appointment became by a change: the answer of whoever changes one, and of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: i64,
    pub reference: String,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub patient_id: Option<i64>,
    pub status: Status,
    pub version: i32,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// Staff booked it although the doctor had no such time (B13).
    #[serde(default)]
    pub overbooked: bool,
}

impl From<&Appointment> for Summary {
    fn from(appointment: &Appointment) -> Self {
        Self {
            id: appointment.id,
            reference: appointment.reference.clone(),
            doctor_id: appointment.doctor_id,
            clinic_id: appointment.clinic_id,
            service_id: appointment.service_id,
            patient_id: appointment.patient_id,
            status: appointment.status,
            version: appointment.version,
            starts_at: appointment.visit.start,
            ends_at: appointment.visit.end,
            overbooked: appointment.overbooked,
        }
    }
}

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
    cutoff_minutes: i32,
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
            visit: Range::new(self.starts_at.to_jiff(), self.ends_at.to_jiff()),
            blocked: Range::new(self.blocks_from.to_jiff(), self.blocks_until.to_jiff()),
            held_by: self.held_by,
            held_until: self.held_until.map(jiff_sqlx::Timestamp::to_jiff),
            answer_until: self.answer_until.map(jiff_sqlx::Timestamp::to_jiff),
            created_at: self.created_at.to_jiff(),
            version: self.version,
            overbooked: self.overbooked,
            cutoff_minutes: self.cutoff_minutes.into(),
            zone: time::zone(&self.time_zone).ok_or(AppError::Internal)?,
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
                    appointments.version, overbooked_because is not null as "overbooked!", cutoff_minutes,
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

/// Reads an appointment without locking it: enough to know what to lock.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn peek(connection: &mut PgConnection, which: &Which) -> Result<Appointment, Failure> {
    let row = match which {
        Which::Id(id) => {
            appointments!("where appointments.id = $1", id)
                .fetch_optional(connection)
                .await?
        }
        Which::Reference(reference) if crate::booking::reference::is_one(reference) => {
            appointments!("where reference = $1", reference)
                .fetch_optional(connection)
                .await?
        }
        Which::Reference(_) => None,
    };
    row.ok_or(AppError::NotFound)?.into_appointment()
}

/// Reads an appointment that the caller may see.
///
/// # Errors
/// `NOT_FOUND`, also for what is somebody else's.
pub async fn look_up(database: &Database, caller: Caller, which: Which) -> Result<Appointment, AppError> {
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

/// Locks, in the order of their ids, what stands in the way of a booking in these hours and is there
/// to be ended: holds and requests of the doctor and the patient that have run out, the other holds of the
/// same visitor; and with them the claimant's own appointments that the booking is about.
///
/// # Errors
/// Those of the database.
pub async fn lock_in_the_way(
    tx: &mut Tx,
    hours: &LockedHours,
    visitor: Option<&[u8]>,
    patient_id: Option<i64>,
    own: &[i64],
    now: Timestamp,
) -> Result<Vec<Locked<Appointment>>, Failure> {
    let locked = appointments!(
        "where appointments.id = any($1)
            or status = 'held' and held_by = $2
            or status in ('held', 'pending')
               and (doctor_id = $3 or patient_id = $7)
               and blocks_from > $8 and blocks_from < $5 and blocks_until > $4
               and not occupies(appointments, $6)
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
    locking(Lock::Appointments, locked.fetch_all(&mut **tx))
        .await?
        .into_iter()
        .map(|row| row.into_appointment().map(Locked))
        .collect()
}

/// As [`lock_in_the_way`], of a booking in the hours of several doctors, and what the booking is about: what has run out, and these.
///
/// # Errors
/// Those of the database.
pub async fn lock_all_in_the_way(
    tx: &mut Tx,
    hours: &[LockedHours],
    patient_id: i64,
    own: &[i64],
    now: Timestamp,
) -> Result<Vec<Locked<Appointment>>, Failure> {
    let doctors: Vec<i64> = hours.iter().map(LockedHours::doctor_id).collect();
    let ranges = hours.iter().map(LockedHours::range);
    let starts: Vec<_> = ranges.clone().map(|range| range.start.to_sqlx()).collect();
    let ends: Vec<_> = ranges.clone().map(|range| range.end.to_sqlx()).collect();
    let whole = ranges.reduce(|one, other| Range::new(one.start.min(other.start), one.end.max(other.end)));
    let whole = whole.unwrap_or(Range::new(now, now));
    let locked = appointments!(
        "where appointments.id = any($6)
            or status in ('held', 'pending')
               and (doctor_id = any($3) or patient_id = $2)
               and blocks_from > $7 and blocks_from < $8
               and not occupies(appointments, $1)
               and exists (
                   select from unnest($3::bigint[], $4::timestamptz[], $5::timestamptz[]) as hours (of_doctor, start, until)
                   where (doctor_id = of_doctor or patient_id = $2) and blocks_from < until and blocks_until > start)
         order by appointments.id
         for no key update of appointments",
        now.to_sqlx(),
        patient_id,
        &doctors,
        &starts as _,
        &ends as _,
        own,
        plus_minutes(whole.start, -MARGIN_MINUTES).to_sqlx(),
        whole.end.to_sqlx()
    );
    locking(Lock::Appointments, locked.fetch_all(&mut **tx))
        .await?
        .into_iter()
        .map(|row| row.into_appointment().map(Locked))
        .collect()
}

/// Locks all parts of a visit (B7), in the order of their ids.
///
/// # Errors
/// Those of the database.
pub async fn lock_visit(tx: &mut Tx, visit_id: i64) -> Result<Vec<Locked<Appointment>>, Failure> {
    let locked = appointments!(
        "where visit_id = $1 order by appointments.id for no key update of appointments",
        visit_id
    );
    locking(Lock::Appointments, locked.fetch_all(&mut **tx))
        .await?
        .into_iter()
        .map(|row| row.into_appointment().map(Locked))
        .collect()
}

/// What is booked with these doctors and still ahead, in the order of its times.
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

/// Locks, in the order of their ids, what was booked with a doctor at a clinic, begins in this range, and waits for
/// an answer or for its time.
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
    locking(Lock::Appointments, locked.fetch_all(&mut **tx))
        .await?
        .into_iter()
        .map(|row| row.into_appointment().map(Locked))
        .collect()
}

/// What else is written with a change of status.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// Why, in the words of who did it.
    pub reason: String,
    /// Whose it becomes.
    pub patient_id: Option<i64>,
    /// Why the patient comes.
    pub visit_reason: Option<String>,
    pub answer_until: Option<Timestamp>,
}

/// Changes the status of a locked appointment, by the rules, with its row of history. The slot
/// follows: what the exclusion constraints count is the status (A3).
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
    use crate::{booking::Wanted, database::OnConstraint, error::Refusal};

    let transition = appointment.transition(to, now);
    // A visitor holds a time the way a patient does.
    let role = match actor.role {
        crate::account::Role::Visitor => crate::account::Role::Patient,
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
        extra.visit_reason,
        extra.answer_until.map(ToSqlx::to_sqlx) as _,
    )
    .execute(&mut **tx)
    .await
    .on_constraint(
        "appointments_patient_no_overlap",
        AppError::BookingFailed {
            reason: Refusal::PatientOverlap,
            wanted: Wanted {
                doctor_id: appointment.doctor_id,
                clinic_id: appointment.clinic_id,
                service_id: appointment.service_id,
                starts_at: appointment.visit.start.as_second(),
            },
        },
    )?;
    let for_doctor = role == crate::account::Role::Admin && transition.is_the_doctors();
    record(
        tx,
        Entry {
            appointment_id: appointment.id,
            from_status: Some(appointment.status),
            to_status: to,
            from_starts_at: None,
            to_starts_at: appointment.visit.start,
            version,
            actor,
            for_doctor,
            reason: &extra.reason,
        },
        now,
    )
    .await?;
    tell_change(tx, &appointment, to, now);
    let mut changed = appointment.0;
    changed.status = to;
    changed.version = version;
    changed.patient_id = extra.patient_id.or(changed.patient_id);
    Ok(Locked(changed))
}

/// Tells that the times of a doctor changed, and the time that became free if the appointment occupied one that is still
/// ahead and does so no more.
fn tell_change(tx: &mut Tx, appointment: &Appointment, to: Status, now: Timestamp) {
    let doctor_id = appointment.doctor_id;
    tx.tell(Event::TimesChanged { doctor_id });
    if appointment.status.occupies() && !to.occupies() && appointment.visit.start > now {
        tx.tell(Event::TimeFreed {
            doctor_id,
            clinic_id: appointment.clinic_id,
            service_id: appointment.service_id,
            time: appointment.visit,
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
