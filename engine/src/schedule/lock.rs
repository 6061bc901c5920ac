//! The transactions of schedules: the doctors are locked first, so that nobody books them meanwhile, and what is
//! booked is looked at under that lock.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::must_be_theirs;
use crate::{
    account::Caller,
    appointment::{Appointment, coming},
    availability::plans,
    availability::tell_times_changed,
    database::{Failure, Lock, Tx, locking},
    error::AppError,
    nobody::is_nobody,
    time,
};

/// This doctor is locked in the current transaction, to have the schedule changed: until it ends, nobody books
/// them, and whoever booked them before has committed. Only [`lock_doctor`] makes one.
#[derive(Debug)]
pub struct LockedDoctor {
    pub(super) id: i64,
}

impl LockedDoctor {
    pub fn id(&self) -> i64 {
        self.id
    }
}

/// Locks a doctor for a change of their schedule, or of what they offer, by who saw this version of it.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's; `STALE_VERSION` where somebody changed it since.
pub async fn lock_doctor(tx: &mut Tx, caller: &Caller, id: i64, seen: i32) -> Result<LockedDoctor, Failure> {
    must_be_theirs(caller, id)?;
    lock_seen(tx, id, seen).await
}

/// Locks a doctor for whoever may do what is about to be done, which has been asked before.
///
/// # Errors
/// `NOT_FOUND` for who is not there; `STALE_VERSION` where somebody changed the schedule since.
pub(super) async fn lock_seen(tx: &mut Tx, id: i64, seen: i32) -> Result<LockedDoctor, Failure> {
    let locked = sqlx::query_scalar!(
        "select version from doctors where id = $1 and id <> 0 for no key update",
        id
    );
    let version = locking(Lock::Doctor, locked.fetch_optional(&mut **tx))
        .await?
        .ok_or(AppError::NotFound)?;
    if version != seen {
        return Err(AppError::StaleDoctor.into());
    }
    Ok(LockedDoctor { id })
}

/// A way in which an appointment does not fit into a schedule. A group session may be planned outside the hours of the week:
/// a closure hits it all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Misfit {
    /// Not whole in the hours of its date.
    Hours,
    /// On a day off, in an absence or a closure.
    Off,
}

/// Ids of appointments, with the ways in which they do not fit.
pub(super) type Misfits = HashSet<(i64, Misfit)>;

/// The coming appointments of these doctors, and those of them that are outside the schedules.
pub(super) struct Booked {
    pub(super) appointments: Vec<Appointment>,
}

impl Booked {
    pub(super) async fn of(
        connection: &mut PgConnection,
        doctors: &[i64],
        now: Timestamp,
    ) -> Result<Self, Failure> {
        Ok(Self {
            appointments: coming(connection, doctors, now).await?,
        })
    }

    /// The ids of those that do not fit into the plans, as these are at this moment of the transaction.
    pub(super) async fn outside(&self, connection: &mut PgConnection) -> Result<HashSet<i64>, Failure> {
        let misfits = self.misfits(connection).await?;
        Ok(misfits.into_iter().map(|(id, _)| id).collect())
    }

    /// Those that do not fit into the plans, as these are at this moment of the transaction, and how.
    pub(super) async fn misfits(&self, connection: &mut PgConnection) -> Result<Misfits, Failure> {
        let dates = || {
            self.appointments
                .iter()
                .map(|appointment| time::local_date(appointment.time.start, &appointment.zone))
        };
        let (Some(first), Some(last)) = (dates().min(), dates().max()) else {
            return Ok(Misfits::new());
        };
        let places: Vec<(i64, i64)> = self
            .appointments
            .iter()
            .map(|appointment| (appointment.doctor_id, appointment.clinic_id))
            .collect();
        let plans = plans(connection, &places, first, last).await?;
        let mut misfits = Misfits::new();
        for appointment in &self.appointments {
            let plan = plans.get(&(appointment.doctor_id, appointment.clinic_id));
            if plan.is_none_or(|plan| plan.is_off(appointment.time, &appointment.zone)) {
                misfits.insert((appointment.id, Misfit::Off));
            }
            // Nobody has no hours, and is closed as everybody is.
            let has_hours = !is_nobody(appointment.doctor_id);
            if has_hours && plan.is_none_or(|plan| !plan.holds(appointment.time, &appointment.zone)) {
                misfits.insert((appointment.id, Misfit::Hours));
            }
        }
        Ok(misfits)
    }

    /// Lists the appointments that do not fit any more, or for one more reason than before, in the order of their times.
    pub(super) async fn no_longer_held(
        self,
        connection: &mut PgConnection,
        before: &Misfits,
    ) -> Result<Vec<Appointment>, Failure> {
        let after = self.misfits(connection).await?;
        let hit: HashSet<i64> = after.difference(before).map(|(id, _)| *id).collect();
        let mut appointments = self.appointments;
        appointments.retain(|appointment| hit.contains(&appointment.id));
        Ok(appointments)
    }
}

/// Counts a change of a doctor's schedule, and remembers who made it. Answers with the new version.
pub(super) async fn count_change(
    tx: &mut Tx,
    doctor: &LockedDoctor,
    clinic_id: Option<i64>,
    what: &'static str,
    caller: &Caller,
    now: Timestamp,
) -> Result<i32, Failure> {
    let version = sqlx::query_scalar!(
        "update doctors set version = version + 1 where id = $1 returning version",
        doctor.id,
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into schedule_changes (doctor_id, clinic_id, changed_at, staff_id, what, version)
         values ($1, $2, $3, $4, $5, $6)",
        doctor.id,
        clinic_id,
        now.to_sqlx(),
        caller.staff_id().ok_or(AppError::NotFound)?,
        what,
        version,
    )
    .execute(&mut **tx)
    .await?;
    tell_times_changed(tx, [doctor.id]);
    Ok(version)
}
