//! The seats of a locked session: which are taken, and which are kept for somebody no longer.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Group, lock::LockedGroup};
use crate::{
    appointment::{self, Actor, Appointment, Extra, Locked, NewSeats, SeatsFor, Status, Summary},
    database::{Failure, Tx},
    error::{AppError, Inventory},
};

/// The seats of a session that are taken, as they are for whoever looks.
pub(super) struct Seats {
    /// Their numbers, in their order, without those of the holds that end.
    taken: Vec<i32>,
    /// The holds that give way, by id: those that have run out, and that of whoever looks.
    pub ending: Vec<i64>,
}

impl Seats {
    /// Reads the seats of a session. Those that are kept until a moment that has passed are free, and those that are kept for
    /// this patient are theirs.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(
        connection: &mut PgConnection,
        group_id: i64,
        patient_id: Option<i64>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        // Few seats are kept, and many are taken: those that are kept are looked for once, and not for each seat.
        let rows = sqlx::query!(
            r#"with kept as materialized (
                   select id from appointments
                   where group_id = $1 and status = 'held' and patient_id is not null
                     and (held_until <= $2 or patient_id = $3)
               )
               select seat, case when appointment_id in (select id from kept) then appointment_id end as "kept?"
               from group_seats
               where group_id = $1 and freed_at is null
               order by seat"#,
            group_id,
            now.to_sqlx(),
            patient_id,
        )
        .fetch_all(connection)
        .await?;
        let mut ending: Vec<i64> = rows.iter().filter_map(|row| row.kept).collect();
        ending.sort_unstable();
        ending.dedup();
        let taken = rows.iter().filter(|row| row.kept.is_none());
        Ok(Self {
            taken: taken.map(|row| row.seat).collect(),
            ending,
        })
    }

    /// The lowest numbers of so many seats that are free.
    ///
    /// # Errors
    /// `INSUFFICIENT_INVENTORY` where fewer are left.
    pub fn lowest(&self, group: &Group, count: i32) -> Result<Vec<i32>, AppError> {
        let mut free = free_among(&self.taken, group.capacity);
        let wanted = usize::try_from(count).unwrap_or(usize::MAX);
        if free.len() < wanted {
            return Err(few(group.id, count, i32::try_from(free.len()).unwrap_or(0)));
        }
        free.truncate(wanted);
        Ok(free)
    }
}

/// The numbers that are not taken, in their order.
pub(super) fn free_among(taken: &[i32], capacity: i32) -> Vec<i32> {
    (1..=capacity)
        .filter(|seat| taken.binary_search(seat).is_err())
        .collect()
}

pub(super) fn few(group_id: i64, requested: i32, available: i32) -> AppError {
    AppError::InsufficientInventory {
        of: Inventory::Seats { group_id },
        requested,
        available,
    }
}

/// Ends holds of a locked session: those that have run out have expired, and the others are let go.
///
/// # Errors
/// Those of the database.
pub(super) async fn end_holds(tx: &mut Tx, ids: &[i64], now: Timestamp) -> Result<(), Failure> {
    for id in ids {
        let hold = appointment::lock(tx, *id).await?;
        // Whoever was faster than the lock of the session had none.
        if hold.status != Status::Held {
            continue;
        }
        let (to, actor) = match hold.held_until.is_none_or(|until| until <= now) {
            true => (Status::Expired, Actor::SYSTEM),
            false => (Status::Cancelled, Actor::VISITOR),
        };
        appointment::change(tx, hold, to, actor, Extra::default(), now).await?;
    }
    Ok(())
}

/// Ends a locked hold by which seats are kept for somebody, on the waitlist or who goes to pay, since its session is no longer at
/// that time. The seats are not offered because of it: whoever moves or cancels the session says what becomes of them.
///
/// # Errors
/// Those of the database.
pub(super) async fn end_kept(tx: &mut Tx, hold: Locked<Appointment>, now: Timestamp) -> Result<(), Failure> {
    let (to, actor) = match hold.held_until.is_none_or(|until| until <= now) {
        true => (Status::Expired, Actor::SYSTEM),
        false => (Status::Cancelled, Actor::VISITOR),
    };
    let extra = Extra {
        with_its_group: true,
        ..Extra::default()
    };
    appointment::change(tx, hold, to, actor, extra, now).await?;
    Ok(())
}

/// Seats that a patient is given in a locked session.
pub(super) struct Given<'a> {
    pub patient_id: i64,
    /// Their numbers.
    pub seats: &'a [i32],
    /// The patient's reason to come.
    pub complaint: &'a str,
    /// For what and until when they are kept for the patient; `None` where they are booked.
    pub kept: Option<(SeatsFor, Timestamp)>,
    pub actor: Actor,
}

impl Given<'_> {
    /// Writes the appointment and its seats.
    ///
    /// # Errors
    /// `BOOKING_FAILED` and `INSUFFICIENT_INVENTORY` where the database refuses them.
    pub async fn write(
        self,
        tx: &mut Tx,
        group: &LockedGroup,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Summary, Failure> {
        let count = i32::try_from(self.seats.len()).unwrap_or(i32::MAX);
        let new = NewSeats {
            group: group.hold(zone),
            patient_id: self.patient_id,
            seats: self.seats,
            capacity: group.capacity,
            complaint: self.complaint,
            price: group.price_of(count),
            kept: self.kept,
            actor: self.actor,
        };
        new.insert(tx, few(group.id, count, 0), now).await
    }
}
