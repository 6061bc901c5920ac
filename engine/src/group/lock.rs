//! Reading and locking sessions. A [`LockedGroup`] is the proof of its lock.

use std::ops::Deref;

use jiff::tz::TimeZone;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Group, State};
use crate::{
    database::{Failure, Lock, Tx, locking},
    error::AppError,
    time::{self, Range},
};

/// The columns of a session, as every query of one selects them.
struct Row {
    id: i64,
    series_id: Option<i64>,
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
    title: String,
    starts_at: jiff_sqlx::Timestamp,
    ends_at: jiff_sqlx::Timestamp,
    capacity: i32,
    price_minor: Option<i64>,
    currency: Option<String>,
    state: String,
    version: i32,
}

impl Row {
    fn into_group(self) -> Result<Group, Failure> {
        Ok(Group {
            id: self.id,
            series_id: self.series_id,
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            title: self.title,
            starts_at: self.starts_at.to_jiff(),
            ends_at: self.ends_at.to_jiff(),
            capacity: self.capacity,
            price: self.price_minor.zip(self.currency),
            state: State::parse(&self.state).ok_or(AppError::Internal)?,
            version: self.version,
        })
    }
}

/// Reads sessions: one list of columns for every condition.
macro_rules! groups {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            "select id, series_id, doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, price_minor,
                    currency, state, version
             from groups " + $condition,
            $($argument),+
        )
    };
}

/// This session is locked in the current transaction, and was read after the lock: until it ends, nobody else takes seats,
/// changes or cancels it. Only the locking functions make one.
#[derive(Debug)]
pub(super) struct LockedGroup(Group);

impl Deref for LockedGroup {
    type Target = Group;

    fn deref(&self) -> &Group {
        &self.0
    }
}

/// Reads a session without locking it, to know what has to be locked.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn peek(connection: &mut PgConnection, id: i64) -> Result<Group, Failure> {
    let row = groups!("where id = $1", id).fetch_optional(connection).await?;
    row.ok_or(AppError::NotFound)?.into_group()
}

/// Reads the dates of a series from this session on, or this one alone, without locking them.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn peek_rest(
    connection: &mut PgConnection,
    id: i64,
    with_rest: bool,
) -> Result<Vec<Group>, Failure> {
    let rows = groups!(
        "where id = $1
            or $2 and (series_id, true) = (select first.series_id, true from groups as first where first.id = $1)
               and starts_at > (select first.starts_at from groups as first where first.id = $1)
         order by id",
        id,
        with_rest
    )
    .fetch_all(connection)
    .await?;
    match rows.is_empty() {
        true => Err(AppError::NotFound.into()),
        false => rows.into_iter().map(Row::into_group).collect(),
    }
}

/// Locks a session and reads it.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn lock(tx: &mut Tx, id: i64) -> Result<LockedGroup, Failure> {
    lock_all(tx, &[id])
        .await?
        .pop()
        .ok_or_else(|| AppError::NotFound.into())
}

/// Locks a session and reads it, and then the patient who takes seats in it, with the holder of their phone: those who could be
/// locked, as [`lock_patient`](crate::booking::locks::lock_patient) has it. It is one statement, since others wait for the session.
///
/// # Errors
/// `NOT_FOUND` for the session.
pub(super) async fn lock_with_patient(
    tx: &mut Tx,
    id: i64,
    patient_id: i64,
    by_staff: bool,
) -> Result<(LockedGroup, Vec<i64>), Failure> {
    // The patients are looked for once for each row of the inner select, when it is locked.
    let locked = sqlx::query!(
        r#"select session.*,
                  array(select patient.id
                        from (select patients.id from patients
                              where session.id = $1 and active
                                and (id = $2 or $3 and id = (select holder_id from patients where id = $2))
                              order by id for no key update) as patient) as "patients!"
           from (select id, series_id, doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, price_minor,
                        currency, state, version
                 from groups where id = $1 for no key update) as session"#,
        id,
        patient_id,
        !by_staff,
    );
    let both = locking(Lock::Patient, locked.fetch_optional(&mut **tx));
    let row = locking(Lock::Groups, both).await?.ok_or(AppError::NotFound)?;
    let group = Row {
        id: row.id,
        series_id: row.series_id,
        doctor_id: row.doctor_id,
        clinic_id: row.clinic_id,
        service_id: row.service_id,
        title: row.title,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        capacity: row.capacity,
        price_minor: row.price_minor,
        currency: row.currency,
        state: row.state,
        version: row.version,
    };
    Ok((LockedGroup(group.into_group()?), row.patients))
}

/// Locks a session and reads it, unless somebody else has it at this moment: nothing is waited for.
///
/// # Errors
/// Those of the database.
pub(super) async fn lock_at_once(tx: &mut Tx, id: i64) -> Result<Option<LockedGroup>, Failure> {
    let row = groups!("where id = $1 for no key update skip locked", id)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| row.into_group().map(LockedGroup)).transpose()
}

/// Locks sessions in the order of their ids, and reads them.
///
/// # Errors
/// Those of the database.
pub(super) async fn lock_all(tx: &mut Tx, ids: &[i64]) -> Result<Vec<LockedGroup>, Failure> {
    let locked = groups!("where id = any($1) order by id for no key update", ids);
    let rows = locking(Lock::Groups, locked.fetch_all(&mut **tx)).await?;
    rows.into_iter()
        .map(|row| row.into_group().map(LockedGroup))
        .collect()
}

/// Locks, in the order of their ids, the published sessions of a doctor at a clinic that begin in this range.
///
/// # Errors
/// Those of the database.
pub(super) async fn lock_between(
    tx: &mut Tx,
    doctor_id: i64,
    clinic_id: i64,
    range: Range,
) -> Result<Vec<LockedGroup>, Failure> {
    let locked = groups!(
        "where doctor_id = $1 and clinic_id = $2 and starts_at >= $3 and starts_at < $4 and state = 'published'
         order by id for no key update",
        doctor_id,
        clinic_id,
        range.start.to_sqlx(),
        range.end.to_sqlx()
    );
    let rows = locking(Lock::Groups, locked.fetch_all(&mut **tx)).await?;
    rows.into_iter()
        .map(|row| row.into_group().map(LockedGroup))
        .collect()
}

/// The zone of a clinic.
///
/// # Errors
/// `NOT_FOUND`; `INTERNAL` for a zone that the program does not know, by which nothing can be promised.
pub(super) async fn zone_of(connection: &mut PgConnection, clinic_id: i64) -> Result<TimeZone, Failure> {
    let name = sqlx::query_scalar!("select time_zone from clinics where id = $1", clinic_id)
        .fetch_optional(connection)
        .await?
        .ok_or(AppError::NotFound)?;
    time::stored_zone(&name).ok_or_else(|| AppError::Internal.into())
}

/// The numbers of the seats that no other appointment can have at this moment, in their order: of those, too, that were kept for
/// somebody until now. The session is locked, so that no more are taken meanwhile.
///
/// # Errors
/// Those of the database.
pub(super) async fn taken(connection: &mut PgConnection, group_id: i64) -> Result<Vec<i32>, Failure> {
    let seats = sqlx::query_scalar!(
        "select seat from group_seats where group_id = $1 and freed_at is null order by seat",
        group_id,
    );
    Ok(seats.fetch_all(connection).await?)
}
