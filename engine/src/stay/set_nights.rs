//! How many rooms of a kind there are in some nights: fewer while they are painted, more while the ward next door is closed.

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;

use super::{
    MAX_AHEAD, MAX_NIGHTS, MAX_TOTAL,
    totals::{TakenNight, lock_and_set, lock_for_change, lock_lapsed, taken_in},
    wanted::{nights, nights_between},
};
use crate::{
    account::{Caller, must_be_admin},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
};

/// The command to say how many rooms there are in some nights.
#[derive(Clone, Debug)]
pub struct SetNights {
    pub caller: Caller,
    pub room_type_id: i64,
    /// The nights of `[from, until)`.
    pub from: Date,
    pub until: Date,
    /// `None`: as many as the kind has.
    pub total: Option<i32>,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Says how many rooms there are in these nights, today or later.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics; `ROOM_TYPE_NOT_FOUND`; `INVALID_DATE_RANGE`; `INSUFFICIENT_INVENTORY`
/// where more rooms are taken in a night than there would be; `VALIDATION_FAILED` for the number; `IDEMPOTENCY_CONFLICT`.
pub async fn set_nights(database: &Database, command: SetNights, now: Timestamp) -> Result<(), AppError> {
    must_be_admin(&command.caller)?;
    if command
        .total
        .is_some_and(|total| !(0..=MAX_TOTAL).contains(&total))
    {
        return Err(AppError::invalid(Field::Rooms, FieldProblem::Malformed));
    }
    database
        .write("stay.set_nights", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: SetNights, now: Timestamp) -> Result<(), Failure> {
    let key = command.key.as_ref();
    if idempotency::claim::<bool>(&mut tx, key, now).await?.is_some() {
        return Ok(());
    }
    let id = command.room_type_id;
    let mut stays = lock_lapsed(&mut tx, id, now).await?;
    let type_before = lock_for_change(&mut tx, id, now).await?;
    let (from, until) = (command.from, command.until);
    let is_range = (1..=MAX_NIGHTS).contains(&nights_between(from, until))
        && from >= type_before.today
        && nights_between(type_before.today, from) <= MAX_AHEAD + MAX_NIGHTS;
    if !is_range {
        return Err(AppError::InvalidDateRange.into());
    }
    let total = command.total.unwrap_or(type_before.rooms);
    let nights: Vec<Date> = nights(from, until).collect();
    let said = command.total.is_some();
    lock_and_set(&mut tx, id, &nights, &mut stays, (total, said), now).await?;
    sqlx::query!(
        "insert into room_type_changes (room_type_id, what, first_night, last_night, total, staff_id, changed_at)
         values ($1, 'nights_changed', $2, $3::date - 1, $4, $5, $6)",
        id,
        from.to_sqlx() as _,
        until.to_sqlx() as _,
        command.total,
        command.caller.staff_id().ok_or(AppError::NotFound)?,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    idempotency::answer(&mut tx, key, &true, &[]).await?;
    tx.commit().await
}

/// Lists the nights of `[from, until]` in which more rooms are taken than this: what a refused change names.
///
/// # Errors
/// Those of the database.
pub async fn taken_above(
    database: &Database,
    room_type_id: i64,
    (first, last): (Date, Date),
    total: i32,
    now: Timestamp,
) -> Result<Vec<TakenNight>, AppError> {
    let nights: Vec<Date> = nights(first, last)
        .chain([last])
        .take(usize::try_from(MAX_AHEAD + 2 * MAX_NIGHTS).unwrap_or(0))
        .collect();
    database
        .read("stay.taken_above", move |mut connection| async move {
            taken_in(&mut connection, room_type_id, &nights, total, now).await
        })
        .await
}
