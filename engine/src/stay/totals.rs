//! How many rooms of a kind there are: the locks of who changes it, and the nights that do not allow it.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    MAX_AHEAD, MAX_NIGHTS,
    book::release,
    lock::{LockedStays, Stays},
    nights::{NightKey, lock_nights},
    room_type::zone_of,
    wanted::WantedRooms,
};
use crate::{
    database::{Failure, Lock, Tx, locking},
    error::AppError,
    time::local_date,
};

/// Locks the holds of a kind of rooms that have run out.
pub(super) async fn lock_lapsed(tx: &mut Tx, id: i64, now: Timestamp) -> Result<LockedStays, Failure> {
    let today = local_date(now, &TimeZone::UTC);
    let everything = WantedRooms {
        room_type_id: id,
        arrival: today.saturating_sub(MAX_NIGHTS.days()),
        departure: today.saturating_add((MAX_AHEAD + 2 * MAX_NIGHTS).days()),
        rooms: 0,
    };
    let stays = Stays {
        wanted: Some(everything),
        ..Stays::default()
    };
    stays.lock(tx, now).await
}

/// A kind of rooms that is changed: nobody takes rooms of it until the transaction ends.
#[derive(Debug)]
pub(super) struct TypeBefore {
    pub version: i32,
    pub clinic_id: i64,
    pub rooms: i32,
    pub currency: String,
    pub today: Date,
}

/// Locks a kind of rooms for its change.
///
/// # Errors
/// `ROOM_TYPE_NOT_FOUND`.
pub(super) async fn lock_for_change(tx: &mut Tx, id: i64, now: Timestamp) -> Result<TypeBefore, Failure> {
    let locked = sqlx::query!(
        "select room_types.version, clinic_id, rooms, currency, time_zone
         from room_types join clinics on clinics.id = clinic_id
         where room_types.id = $1
         for no key update of room_types",
        id,
    );
    let row = locking(Lock::RoomTypes, locked.fetch_optional(&mut **tx))
        .await?
        .ok_or(AppError::RoomTypeNotFound)?;
    Ok(TypeBefore {
        version: row.version,
        clinic_id: row.clinic_id,
        rooms: row.rooms,
        currency: row.currency,
        today: local_date(now, &zone_of(&row.time_zone)),
    })
}

/// Gives nights another total, unless more rooms are taken in one of them; with whether it is said for these very nights. The
/// kind must be locked for its change.
///
/// # Errors
/// `INSUFFICIENT_INVENTORY`.
pub(super) async fn lock_and_set(
    tx: &mut Tx,
    id: i64,
    nights: &[Date],
    stays: &mut LockedStays,
    (total, said): (i32, bool),
    now: Timestamp,
) -> Result<(), Failure> {
    let mut keys: Vec<NightKey> = nights.iter().map(|night| (id, *night)).collect();
    keys.extend(stays.night_keys());
    let locked = lock_nights(tx, &keys).await?;
    release(tx, &locked, stays, now).await?;
    let taken = taken_in(tx, id, nights, total, now).await?;
    if let (Some(first), Some(last)) = (taken.first(), taken.last()) {
        return Err(AppError::RoomsTaken {
            room_type_id: id,
            total,
            first: first.night,
            last: last.night,
        }
        .into());
    }
    let dates: Vec<jiff_sqlx::Date> = nights.iter().map(|night| night.to_sqlx()).collect();
    sqlx::query!(
        "update room_nights set total = $3, said = $4 where room_type_id = $1 and night = any($2::date[])",
        id,
        &dates as _,
        total,
        said,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A night with more rooms taken than there would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenNight {
    pub night: Date,
    pub taken: i32,
}

/// The nights, of these, in which more rooms are taken than this. What a hold has that has run out is not taken.
pub(super) async fn taken_in(
    connection: &mut PgConnection,
    room_type_id: i64,
    nights: &[Date],
    total: i32,
    now: Timestamp,
) -> Result<Vec<TakenNight>, Failure> {
    let dates: Vec<jiff_sqlx::Date> = nights.iter().map(|night| night.to_sqlx()).collect();
    let rows = sqlx::query!(
        r#"select night as "night!: jiff_sqlx::Date", sum(stay_nights.rooms)::integer as "taken!"
           from stay_nights join stays on stays.id = stay_id
           where stay_nights.room_type_id = $1 and night = any($2::date[])
             and not (status = 'held' and held_until <= $4)
           group by night
           having sum(stay_nights.rooms) > $3::integer
           order by night"#,
        room_type_id,
        &dates as _,
        total,
        now.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| TakenNight {
            night: row.night.to_jiff(),
            taken: row.taken,
        })
        .collect())
}
