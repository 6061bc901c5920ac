//! Taking the time of a doctor for sessions, by the locks that bookings take.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::Group;
use crate::{
    appointment::{Actor, Appointment, Extra, Locked, Status, change},
    availability::{
        MARGIN_MINUTES,
        hours::{self, LockedHours},
        plans, tell_times_changed,
    },
    database::{Failure, Lock, Tx, locking},
    error::{AppError, Refusal},
    event::Event,
    nobody::is_nobody,
    time::{self, Range, plus_minutes},
};

/// Locks a doctor against changes of the schedule, and checks that there are such a service, and such a doctor, who works at
/// this clinic.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn lock_doctor(
    tx: &mut Tx,
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
) -> Result<(), Failure> {
    match lock_place(tx, doctor_id, clinic_id, service_id).await? {
        true => Ok(()),
        false => Err(AppError::NotFound.into()),
    }
}

/// Locks a doctor against changes of the schedule. Whether there are such a service, and such a doctor, who works at this
/// clinic. Nobody works wherever there is a clinic, and has no schedule.
///
/// # Errors
/// Those of the database.
pub(super) async fn lock_place(
    tx: &mut Tx,
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
) -> Result<bool, Failure> {
    if is_nobody(doctor_id) {
        // Whoever closes a clinic waits for those who take seats, and these for the closure.
        let locked = sqlx::query_scalar!("select id from doctors where id = $1 for share", doctor_id);
        locking(Lock::Doctor, locked.fetch_optional(&mut **tx)).await?;
        return is_there(tx, clinic_id, service_id).await;
    }
    let locked = sqlx::query_scalar!(
        r#"select (exists (select from offers where doctor_id = doctors.id and clinic_id = $2)
                or exists (select from working_hours where doctor_id = doctors.id and clinic_id = $2))
               and exists (select from services where id = $3 and active) as "known!"
           from doctors where id = $1 and active for share"#,
        doctor_id,
        clinic_id,
        service_id,
    );
    let known = locking(Lock::Doctor, locked.fetch_optional(&mut **tx)).await?;
    Ok(known.unwrap_or(false))
}

/// Whether there are such a clinic and such a service.
async fn is_there(tx: &mut Tx, clinic_id: i64, service_id: i64) -> Result<bool, Failure> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from clinics where id = $1)
               and exists (select from services where id = $2 and active) as "known!""#,
        clinic_id,
        service_id,
    );
    Ok(known.fetch_one(&mut **tx).await?)
}

/// Locks the hours of the doctors in which these sessions are. Nobody has no calendar, and so no hours.
///
/// # Errors
/// Those of the database.
pub(super) async fn lock_hours(
    tx: &mut Tx,
    times: impl IntoIterator<Item = (i64, Range)>,
) -> Result<Vec<LockedHours>, Failure> {
    let ranges: Vec<(i64, Range)> = times
        .into_iter()
        .filter(|(doctor_id, _)| !is_nobody(*doctor_id))
        .collect();
    match ranges.is_empty() {
        true => Ok(Vec::new()),
        false => hours::lock(tx, &ranges).await,
    }
}

/// Takes the locked hours for sessions: ends the holds and requests in them that have run out, which are locked as well, checks
/// that nothing else is there, and keeps the time. Sessions without a doctor have no hours, and keep none: all of a call are of
/// one doctor.
///
/// # Errors
/// `BOOKING_FAILED` about the first of them whose doctor has something else then, or is away.
pub(super) async fn occupy(
    tx: &mut Tx,
    groups: &[Group],
    hours: &[LockedHours],
    lapsed: Vec<Locked<Appointment>>,
    (zone, actor): (&TimeZone, Actor),
    now: Timestamp,
) -> Result<(), Failure> {
    for lapsed in lapsed {
        change(tx, lapsed, Status::Expired, Actor::SYSTEM, Extra::default(), now).await?;
    }
    let mut hours = hours.iter();
    for group in groups {
        if group.starts_at <= now || is_off(tx, group, zone).await? {
            return Err(Refusal::SlotClosed.of(group.wanted()).into());
        }
        if is_nobody(group.doctor_id) {
            // Open pages show it.
            tell_times_changed(tx, [group.doctor_id]);
        } else {
            let hours = hours.next().ok_or(AppError::Internal)?;
            if is_taken(tx, group, now).await? {
                return Err(Refusal::SlotTaken.of(group.wanted()).into());
            }
            group.hold(zone).insert(tx, hours, actor, now).await?;
        }
        tell_seats(tx, group);
    }
    Ok(())
}

/// Tells that sessions were published.
pub(super) fn tell_published(tx: &mut Tx, groups: &[Group]) {
    for group in groups {
        tx.tell(Event::GroupPublished { group_id: group.id });
    }
}

/// Tells that there are seats in a session.
pub(super) fn tell_seats(tx: &mut Tx, group: &Group) {
    tx.tell(Event::SeatsFreed {
        group_id: group.id,
        doctor_id: group.doctor_id,
        clinic_id: group.clinic_id,
        service_id: group.service_id,
        time: group.time(),
        of_patient: None,
    });
}

/// Whether the doctor has something else at the time of a session.
async fn is_taken(tx: &mut Tx, group: &Group, now: Timestamp) -> Result<bool, Failure> {
    let taken = sqlx::query_scalar!(
        r#"select exists (
               select from appointments
               where doctor_id = $1 and starts_at > $4 and starts_at < $5
                 and blocks_from < $3 and blocks_until > $2 and occupies(appointments, $6)
                 -- Its own seats block nothing, also where they are still at the time that it had.
                 and blocks_from < blocks_until)
               -- A calendar elsewhere has something then.
               or exists (select from external_busy
                          where doctor_id = $1 and span && tstzrange($2, $3)) as "taken!""#,
        group.doctor_id,
        group.starts_at.to_sqlx(),
        group.ends_at.to_sqlx(),
        plus_minutes(group.starts_at, -MARGIN_MINUTES).to_sqlx(),
        plus_minutes(group.ends_at, MARGIN_MINUTES).to_sqlx(),
        now.to_sqlx(),
    );
    Ok(taken.fetch_one(&mut **tx).await?)
}

/// Whether the doctor is away or the clinic is closed at the time of a session. It need not be in the hours of the week: a
/// session is planned by whoever plans these.
///
/// # Errors
/// Those of the database.
pub(super) async fn is_off(tx: &mut Tx, group: &Group, zone: &TimeZone) -> Result<bool, Failure> {
    let place = (group.doctor_id, group.clinic_id);
    let (first, last) = (
        time::local_date(group.starts_at, zone),
        time::local_date(group.ends_at, zone),
    );
    let plans = plans(tx, &[place], first, last).await?;
    Ok(plans
        .get(&place)
        .is_some_and(|plan| plan.is_off(group.time(), zone)))
}
