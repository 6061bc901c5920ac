//! Kinds of rooms, as they are described and read.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    database::{Database, Failure, Lock, Reader, Tx, locking},
    error::AppError,
    i18n::{Locale, Names},
    money::Price,
    payment::terms::Terms,
    time::{self, local_date},
};

/// The description of a kind of rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomType {
    pub clinic_id: i64,
    pub name: String,
    pub names: Names,
    /// The number of rooms in a night for which nobody has said another one.
    pub rooms: i32,
    /// Of a room for a night.
    pub price: Price,
    /// How a stay is paid, and what goes back.
    pub terms: Terms,
    /// Whether it can be booked. What was booked stays.
    pub active: bool,
}

/// A kind of rooms with its clinic, and who changed it last.
#[derive(Clone, Debug)]
pub struct SeenRoomType {
    pub id: i64,
    pub version: i32,
    pub what: RoomType,
    pub clinic_name: String,
    pub zone_name: String,
    pub zone: TimeZone,
    pub last_edit: Option<LastEdit>,
}

impl SeenRoomType {
    /// The name that somebody with this language reads.
    pub fn name(&self, locale: Locale) -> &str {
        self.what.names.or(&self.what.name, locale)
    }

    /// The date of the clinic's calendar.
    pub fn today(&self, now: Timestamp) -> Date {
        local_date(now, &self.zone)
    }
}

/// The last change of a kind of rooms.
#[derive(Clone, Debug)]
pub struct LastEdit {
    pub at: Timestamp,
    pub by: String,
}

/// Lists the kinds of rooms, those that can be booked first.
///
/// # Errors
/// Those of the database.
pub async fn room_types(database: &Database) -> Result<Vec<SeenRoomType>, AppError> {
    database
        .read("stay.room_types", |connection| read(connection, None))
        .await
}

/// Finds a kind of rooms, whether it can be booked or not.
///
/// # Errors
/// `ROOM_TYPE_NOT_FOUND`.
pub async fn room_type(database: &Database, id: i64) -> Result<SeenRoomType, AppError> {
    database
        .read("stay.room_type", move |connection| read(connection, Some(id)))
        .await?
        .pop()
        .ok_or(AppError::RoomTypeNotFound)
}

async fn read(mut connection: Reader, id: Option<i64>) -> Result<Vec<SeenRoomType>, Failure> {
    let rows = sqlx::query!(
        r#"select room_types.id, room_types.version, clinic_id, room_types.name, names, rooms, price_minor, currency,
                  pay_when, deposit_minor, refund_minutes, late_refund_percent, room_types.active, clinics.name as clinic_name, time_zone, changed_at as "changed_at?",
                  staff.name as "by?"
           from room_types
           join clinics on clinics.id = clinic_id
           left join room_type_changes as change
               on change.room_type_id = room_types.id and change.version = room_types.version
           left join staff on staff.id = staff_id
           where $1::bigint is null or room_types.id = $1
           order by not room_types.active, clinics.name, room_types.name, room_types.id"#,
        id,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SeenRoomType {
            id: row.id,
            version: row.version,
            clinic_name: row.clinic_name,
            zone: zone_of(&row.time_zone),
            zone_name: row.time_zone,
            last_edit: row
                .changed_at
                .zip(row.by)
                .map(|(at, by)| LastEdit { at: at.to_jiff(), by }),
            what: RoomType {
                clinic_id: row.clinic_id,
                name: row.name,
                names: Names::stored(Some(row.names)),
                rooms: row.rooms,
                price: Price {
                    minor: row.price_minor,
                    currency: row.currency,
                },
                terms: Terms::stored(
                    row.pay_when.as_deref(),
                    row.deposit_minor,
                    Some(row.refund_minutes),
                    Some(row.late_refund_percent),
                ),
                active: row.active,
            },
        })
        .collect())
}

/// The zone of a clinic. One that nobody knows any more is found by `verify`.
pub(super) fn zone_of(name: &str) -> TimeZone {
    time::zone(name).unwrap_or(TimeZone::UTC)
}

/// A kind of rooms that somebody takes rooms of: it stays as it is until the transaction ends.
#[derive(Clone, Debug)]
pub(super) struct LockedRoomType {
    pub clinic_id: i64,
    pub price: Price,
    pub terms: Terms,
    pub active: bool,
    pub today: Date,
}

/// Locks a kind of rooms against changes of its description, `for share`: those who take rooms do not wait for each other here.
///
/// # Errors
/// `ROOM_TYPE_NOT_FOUND`.
pub(super) async fn lock_for_booking(
    tx: &mut Tx,
    id: i64,
    now: Timestamp,
) -> Result<LockedRoomType, Failure> {
    let locked = sqlx::query!(
        "select clinic_id, price_minor, currency, pay_when, deposit_minor, refund_minutes, late_refund_percent,
                room_types.active, time_zone
         from room_types join clinics on clinics.id = clinic_id
         where room_types.id = $1
         for share of room_types",
        id,
    );
    let row = locking(Lock::RoomTypes, locked.fetch_optional(&mut **tx))
        .await?
        .ok_or(AppError::RoomTypeNotFound)?;
    Ok(LockedRoomType {
        clinic_id: row.clinic_id,
        price: Price {
            minor: row.price_minor,
            currency: row.currency,
        },
        terms: Terms::stored(
            row.pay_when.as_deref(),
            row.deposit_minor,
            Some(row.refund_minutes),
            Some(row.late_refund_percent),
        ),
        active: row.active,
        today: local_date(now, &zone_of(&row.time_zone)),
    })
}

impl LockedRoomType {
    /// Whether patients pay before they book.
    pub fn is_paid_first(&self) -> bool {
        self.terms.when.first(Some(&self.price)).is_some()
    }

    /// Refuses a kind that cannot be booked.
    ///
    /// # Errors
    /// `ROOM_TYPE_NOT_FOUND`.
    pub fn must_be_active(&self) -> Result<(), AppError> {
        self.active.then_some(()).ok_or(AppError::RoomTypeNotFound)
    }
}
