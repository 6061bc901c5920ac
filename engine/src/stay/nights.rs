//! The nights of a kind of rooms: the one function that says what is left, and the locks of those who take or give back.

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    MAX_NIGHTS,
    wanted::{WantedRooms, nights_between},
};
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// A night of a kind of rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Night {
    pub night: Date,
    /// The number of rooms that there are.
    pub total: i32,
    /// The number of rooms that can be taken.
    pub free: i32,
}

/// Lists the nights of `[from, until)` of a kind of rooms, with what is left in each. Pages, the API and bookings go by this.
///
/// # Errors
/// `INVALID_DATE_RANGE` for no night or too many; `ROOM_TYPE_NOT_FOUND`.
pub async fn nights(
    database: &Database,
    room_type_id: i64,
    (from, until): (Date, Date),
    now: Timestamp,
) -> Result<Vec<Night>, AppError> {
    let count = nights_between(from, until);
    if !(1..=MAX_NIGHTS).contains(&count) {
        return Err(AppError::InvalidDateRange);
    }
    let nights = database
        .read("stay.nights", move |mut connection| async move {
            available(&mut connection, room_type_id, (from, until), now).await
        })
        .await?;
    match nights.is_empty() {
        true => Err(AppError::RoomTypeNotFound),
        false => Ok(nights),
    }
}

/// Reads what is left in the nights of `[from, until)`; nothing where there is no such kind. What a hold has that has run out
/// is left.
pub(super) async fn available(
    connection: &mut PgConnection,
    room_type_id: i64,
    (from, until): (Date, Date),
    now: Timestamp,
) -> Result<Vec<Night>, Failure> {
    // Dates and numbers alone: no clock of any zone is asked.
    let rows = sqlx::query!(
        r#"select $2::date + n as "night!", coalesce(room_nights.total, room_types.rooms) as "total!",
                  (coalesce(room_nights.total, room_types.rooms) - coalesce(room_nights.taken, 0)
                   + coalesce(lapsed.rooms, 0))::integer as "free!"
           from room_types
           cross join generate_series(0, $3::integer - 1) as n
           left join room_nights on room_nights.room_type_id = room_types.id and room_nights.night = $2::date + n
           left join (select stay_nights.night, sum(stay_nights.rooms) as rooms
                      from stays join stay_nights on stay_id = stays.id
                      where stays.room_type_id = $1 and status = 'held' and held_until <= $4
                      group by stay_nights.night) as lapsed
                  on lapsed.night = $2::date + n
           where room_types.id = $1
           order by n"#,
        room_type_id,
        from.to_sqlx() as _,
        nights_between(from, until),
        now.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Night {
            night: row.night.to_jiff(),
            total: row.total,
            free: row.free,
        })
        .collect())
}

/// A night of a kind of rooms, by which it is locked.
pub(super) type NightKey = (i64, Date);

/// The nights that a transaction has locked: whoever has it may take rooms and give them back.
#[derive(Debug)]
pub(super) struct LockedNights(());

/// Locks nights in the order of kind and night, in whichever order they are given. Those that nobody has wanted before are
/// made. The kinds of which rooms are taken must be locked before.
pub(super) async fn lock_nights(tx: &mut Tx, keys: &[NightKey]) -> Result<LockedNights, Failure> {
    let (types, dates): (Vec<i64>, Vec<jiff_sqlx::Date>) =
        keys.iter().map(|(id, night)| (*id, night.to_sqlx())).unzip();
    // Whoever makes a row keeps others waiting who make the same one: so rows are made in the order of the locks, too.
    let made = sqlx::query!(
        "insert into room_nights (room_type_id, night, total)
         select wanted.room_type_id, wanted.night, rooms
         from unnest($1::bigint[], $2::date[]) as wanted (room_type_id, night)
         join room_types on room_types.id = wanted.room_type_id
         order by wanted.room_type_id, wanted.night
         on conflict on constraint room_nights_pkey do nothing",
        &types,
        &dates as _,
    );
    locking(Lock::RoomNights, made.execute(&mut **tx)).await?;
    // The rows are locked one after the other as the outer select names them; one that is named twice is locked once.
    let locked = sqlx::query!(
        r#"select locked.night as "night!"
           from (select room_type_id, night
                 from unnest($1::bigint[], $2::date[]) as given (room_type_id, night)
                 order by room_type_id, night) as wanted
           cross join lateral (
               select room_nights.night from room_nights
               where room_nights.room_type_id = wanted.room_type_id and room_nights.night = wanted.night
               for no key update) as locked"#,
        &types,
        &dates as _,
    );
    locking(Lock::RoomNights, locked.fetch_all(&mut **tx)).await?;
    Ok(LockedNights(()))
}

impl LockedNights {
    /// Checks that all nights have as many rooms left as are wanted. `own` is the number of rooms that the stay has already
    /// in a night, which count for it.
    ///
    /// # Errors
    /// `INSUFFICIENT_INVENTORY`, with the night that has the fewest.
    pub async fn check(
        &self,
        tx: &mut Tx,
        wanted: WantedRooms,
        own: impl Fn(Date) -> i32,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let range = (wanted.arrival, wanted.departure);
        let nights = available(tx, wanted.room_type_id, range, now).await?;
        let left = |night: &Night| night.free + own(night.night);
        // What it has already nobody takes away.
        let short = nights
            .iter()
            .filter(|night| wanted.rooms > own(night.night) && left(night) < wanted.rooms)
            .min_by_key(|night| (left(night), night.night));
        match short {
            Some(night) => Err(AppError::RoomsShort {
                wanted,
                available: left(night).max(0),
                night: night.night,
            }
            .into()),
            None => Ok(()),
        }
    }
}
