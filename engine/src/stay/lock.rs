//! Locking stays: their rows come before the kinds of rooms and the nights, and all of a transaction are locked at once.

use std::ops::{Deref, DerefMut};

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Status, Stay, nights::NightKey, wanted::WantedRooms};
use crate::{
    account::Caller,
    database::{Failure, Lock, Tx, locking},
    error::AppError,
    payment::terms::Terms,
};

/// The columns of a stay, as every query of one selects them.
struct Row {
    id: i64,
    reference: String,
    room_type_id: i64,
    clinic_id: i64,
    patient_id: i64,
    arrival: jiff_sqlx::Date,
    departure: jiff_sqlx::Date,
    rooms: i32,
    status: String,
    held_until: Option<jiff_sqlx::Timestamp>,
    total_minor: i64,
    currency: String,
    pay_when: Option<String>,
    pay_minor: Option<i64>,
    refund_minutes: Option<i32>,
    late_refund_percent: Option<i32>,
    given_up_minor: i64,
    version: i32,
    created_at: jiff_sqlx::Timestamp,
}

impl Row {
    fn into_stay(self) -> Result<Stay, Failure> {
        Ok(Stay {
            id: self.id,
            reference: self.reference,
            room_type_id: self.room_type_id,
            clinic_id: self.clinic_id,
            patient_id: self.patient_id,
            arrival: self.arrival.to_jiff(),
            departure: self.departure.to_jiff(),
            rooms: self.rooms,
            status: Status::parse(&self.status).ok_or(AppError::Internal)?,
            held_until: self.held_until.map(|until| until.to_jiff()),
            total_minor: self.total_minor,
            currency: self.currency,
            first_minor: self.pay_minor,
            terms: Terms::stored(
                self.pay_when.as_deref(),
                self.pay_minor,
                self.refund_minutes,
                self.late_refund_percent,
            ),
            given_up_minor: self.given_up_minor,
            version: self.version,
            created_at: self.created_at.to_jiff(),
        })
    }
}

/// Reads stays: one list of columns for every condition.
macro_rules! stays {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select stays.id, reference, room_type_id, clinic_id, patient_id, arrival as "arrival: jiff_sqlx::Date",
                      departure as "departure: jiff_sqlx::Date", stays.rooms, status, held_until, total_minor,
                      stays.currency, stays.pay_when, pay_minor, stays.refund_minutes, stays.late_refund_percent,
                      given_up_minor, stays.version, created_at
               from stays join room_types on room_types.id = room_type_id "# + $condition,
            $($argument),+
        )
    };
}

/// A stay whose row is locked, which only this file makes: what gives rooms back takes one.
#[derive(Debug)]
pub(super) struct LockedStay(Stay);

impl Deref for LockedStay {
    type Target = Stay;

    fn deref(&self) -> &Stay {
        &self.0
    }
}

impl DerefMut for LockedStay {
    fn deref_mut(&mut self) -> &mut Stay {
        &mut self.0
    }
}

impl LockedStay {
    /// The stay, after it has been written.
    pub fn into_inner(self) -> Stay {
        self.0
    }

    /// The nights that have rooms of it, by which they are locked.
    pub fn night_keys(&self) -> Vec<NightKey> {
        let id = self.room_type_id;
        self.wanted().each_night().map(|night| (id, night)).collect()
    }
}

/// The stays that a transaction locks, all at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Stays {
    /// The stay that it is about.
    pub own: Option<i64>,
    /// The patient whose holds it replaces: those of the rooms that it takes.
    pub holds_of: Option<i64>,
    /// Whether it replaces their other holds, too.
    pub all_holds: bool,
    /// The rooms that it takes: holds that have run out give theirs back for them.
    pub wanted: Option<WantedRooms>,
    /// Holds that give their rooms back if they have run out.
    pub hold_ids: Vec<i64>,
}

/// The stays of a transaction, locked.
#[derive(Debug, Default)]
pub(super) struct LockedStays {
    pub own: Option<LockedStay>,
    /// The holds that give their rooms back.
    pub holds: Vec<LockedStay>,
}

impl LockedStays {
    /// Takes the stay that the transaction is about.
    ///
    /// # Errors
    /// `NOT_FOUND` where it is gone.
    pub fn take_own(&mut self) -> Result<LockedStay, AppError> {
        self.own.take().ok_or(AppError::NotFound)
    }

    /// The nights that have rooms of the holds.
    pub fn night_keys(&self) -> Vec<NightKey> {
        self.holds.iter().flat_map(LockedStay::night_keys).collect()
    }
}

impl Stays {
    /// Locks the rows in the order of their ids, and reads them as they are then. Whoever replaces the holds of a patient
    /// waits for who does so before: a hold that is just being made is there then.
    pub async fn lock(self, tx: &mut Tx, now: Timestamp) -> Result<LockedStays, Failure> {
        let wanted = self.wanted;
        if let Some(patient_id) = self.holds_of {
            let turn = sqlx::query_scalar!(
                r#"select 1 as "locked!" from (select pg_advisory_xact_lock(hashtextextended('holds', $1))) as holds"#,
                patient_id,
            );
            locking(Lock::Stays, turn.fetch_one(&mut **tx)).await?;
        }
        let locked = stays!(
            "where stays.id = $1
                or status = 'held' and patient_id = $2
                   and ($8 or room_type_id = $3 and arrival < $5 and departure > $4)
                or status = 'held' and held_until <= $6 and room_type_id = $3 and arrival < $5 and departure > $4
                or status = 'held' and held_until <= $6 and stays.id = any($7)
             order by stays.id
             for no key update of stays",
            self.own,
            self.holds_of,
            wanted.map(|wanted| wanted.room_type_id),
            wanted.map(|wanted| wanted.arrival.to_sqlx()) as _,
            wanted.map(|wanted| wanted.departure.to_sqlx()) as _,
            now.to_sqlx(),
            &self.hold_ids,
            self.all_holds
        );
        let mut stays = LockedStays::default();
        for row in locking(Lock::Stays, locked.fetch_all(&mut **tx)).await? {
            let stay = LockedStay(row.into_stay()?);
            match Some(stay.id) == self.own {
                true => stays.own = Some(stay),
                false => stays.holds.push(stay),
            }
        }
        Ok(stays)
    }
}

/// What is known of a stay before it is locked: what never changes, and where it is now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peeked {
    pub room_type_id: i64,
    pub arrival: Date,
    pub departure: Date,
    pub rooms: i32,
}

impl Peeked {
    pub fn wanted(self) -> WantedRooms {
        WantedRooms {
            room_type_id: self.room_type_id,
            arrival: self.arrival,
            departure: self.departure,
            rooms: self.rooms,
        }
    }
}

/// Looks at a stay without locking it.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn peek(connection: &mut PgConnection, id: i64) -> Result<Peeked, Failure> {
    let row = sqlx::query!(
        r#"select room_type_id, arrival as "arrival: jiff_sqlx::Date", departure as "departure: jiff_sqlx::Date", rooms
           from stays where id = $1"#,
        id,
    )
    .fetch_optional(connection)
    .await?
    .ok_or(AppError::NotFound)?;
    Ok(Peeked {
        room_type_id: row.room_type_id,
        arrival: row.arrival.to_jiff(),
        departure: row.departure.to_jiff(),
        rooms: row.rooms,
    })
}

/// Reads a stay without locking it.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn find(connection: &mut PgConnection, id: i64) -> Result<Stay, Failure> {
    let row = stays!("where stays.id = $1", id)
        .fetch_optional(connection)
        .await?;
    row.ok_or(AppError::NotFound)?.into_stay()
}

/// Refuses a stay that this caller may not know, or that somebody has changed since they read it.
///
/// # Errors
/// `NOT_FOUND`, `STALE_VERSION`.
pub(super) fn must_be_seen(stay: &Stay, caller: &Caller, version: Option<i32>) -> Result<(), AppError> {
    if !stay.is_visible_to(caller) {
        return Err(AppError::NotFound);
    }
    match version.is_some_and(|seen| seen != stay.version) {
        true => Err(AppError::StaleStay { stay_id: stay.id }),
        false => Ok(()),
    }
}

/// Locks the patient for whom rooms are taken, against being merged or deactivated meanwhile; alone, where they are given a
/// name.
///
/// # Errors
/// `NOT_FOUND` for whom staff names and who is not there; `UNAUTHENTICATED` for a patient who is not there any more.
pub(super) async fn lock_patient(
    tx: &mut Tx,
    by_staff: bool,
    patient_id: i64,
    is_named: bool,
) -> Result<(), Failure> {
    let locked = match is_named {
        true => {
            let alone = sqlx::query_scalar!(
                "select id from patients where id = $1 and active for no key update",
                patient_id
            );
            locking(Lock::Patient, alone.fetch_optional(&mut **tx)).await?
        }
        false => {
            let shared = sqlx::query_scalar!(
                "select id from patients where id = $1 and active for share",
                patient_id
            );
            locking(Lock::Patient, shared.fetch_optional(&mut **tx)).await?
        }
    };
    match locked {
        Some(_) => Ok(()),
        None if by_staff => Err(AppError::NotFound.into()),
        None => Err(AppError::Unauthenticated.into()),
    }
}

/// Locks all stays of these patients, before the patients themselves.
///
/// # Errors
/// Those of the database.
pub(crate) async fn lock_of_patients(tx: &mut Tx, patient_ids: &[i64]) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from stays where patient_id = any($1) order by id for no key update",
        patient_ids,
    );
    locking(Lock::Stays, locked.fetch_all(&mut **tx)).await?;
    Ok(())
}
