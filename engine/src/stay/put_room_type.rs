//! Describing a kind of rooms.

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;

use super::{
    RoomType,
    totals::{lock_and_set, lock_for_change, lock_lapsed},
};
use crate::{
    account::{Caller, must_be_admin},
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Changed, Key, Made},
    organisation::Saved,
};

/// The command to add a kind of rooms or to change one.
#[derive(Clone, Debug)]
pub struct PutRoomType {
    pub caller: Caller,
    /// The id to change, and the version that the caller has read (C7); `None` to add one.
    pub which: Option<(i64, i32)>,
    pub description: RoomType,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

const NAME_TAKEN: AppError = AppError::ValidationFailed {
    field: Field::Title,
    problem: FieldProblem::Taken,
};

/// Adds a kind of rooms, or changes one. What is booked keeps its price. A new number of rooms counts for all nights to come
/// for which nobody has said another one.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics; `ROOM_TYPE_NOT_FOUND`; `STALE_VERSION` where somebody changed it since
/// the caller read it; `INSUFFICIENT_INVENTORY` where more rooms are taken in a night than there would be;
/// `VALIDATION_FAILED` where the clinic has another kind of this name, for another clinic than before, and for another
/// currency while somebody stays; `IDEMPOTENCY_CONFLICT`.
pub async fn put_room_type(
    database: &Database,
    command: PutRoomType,
    now: Timestamp,
) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    database
        .write("stay.put_room_type", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: PutRoomType, now: Timestamp) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let description = &command.description;
    let (saved, what) = match command.which {
        None => {
            let id = insert(&mut tx, description).await?;
            (Saved { id, version: 1 }, "added")
        }
        Some((id, seen)) => {
            let version = update(&mut tx, id, seen, description, now).await?;
            (Saved { id, version }, "changed")
        }
    };
    sqlx::query!(
        "insert into room_type_changes (room_type_id, version, what, staff_id, changed_at) values ($1, $2, $3, $4, $5)",
        saved.id,
        saved.version,
        what,
        command.caller.staff_id().ok_or(AppError::NotFound)?,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    // Something new is there, whatever becomes of it.
    let made = command.which.map(|_| Made::Version {
        changed: Changed::RoomType,
        id: saved.id,
        version: saved.version,
    });
    idempotency::answer(&mut tx, key, &saved, made.as_slice()).await?;
    tx.commit().await?;
    Ok(saved)
}

async fn insert(tx: &mut Tx, description: &RoomType) -> Result<i64, Failure> {
    let (pay_when, deposit) = description.terms.when.to_store();
    sqlx::query_scalar!(
        "insert into room_types
             (clinic_id, name, names, rooms, price_minor, currency, active, pay_when, deposit_minor, refund_minutes,
              late_refund_percent)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id",
        description.clinic_id,
        description.name,
        description.names.to_store(),
        description.rooms,
        description.price.minor,
        description.price.currency,
        description.active,
        pay_when,
        deposit,
        description.terms.refund.full_minutes,
        description.terms.refund.late_percent,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("room_types_name_key", NAME_TAKEN)
    .on_constraint(
        "room_types_clinic_id_fkey",
        AppError::invalid(Field::Clinic, FieldProblem::Malformed),
    )
}

/// Changes a kind of rooms, and the nights that follow it. Answers with the new version.
async fn update(
    tx: &mut Tx,
    id: i64,
    seen: i32,
    description: &RoomType,
    now: Timestamp,
) -> Result<i32, Failure> {
    let mut stays = lock_lapsed(tx, id, now).await?;
    let type_before = lock_for_change(tx, id, now).await?;
    if type_before.version != seen {
        return Err(AppError::StaleOrganisation.into());
    }
    if type_before.clinic_id != description.clinic_id {
        return Err(AppError::invalid(Field::Clinic, FieldProblem::Malformed).into());
    }
    if type_before.currency != description.price.currency && has_stays(tx, id).await? {
        return Err(AppError::invalid(Field::Currency, FieldProblem::Taken).into());
    }
    if type_before.rooms != description.rooms {
        let nights = sqlx::query_scalar!(
            r#"select night as "night: jiff_sqlx::Date" from room_nights
               where room_type_id = $1 and night >= $2 and not said"#,
            id,
            type_before.today.to_sqlx() as _,
        )
        .fetch_all(&mut **tx)
        .await?;
        let nights: Vec<Date> = nights.into_iter().map(jiff_sqlx::Date::to_jiff).collect();
        lock_and_set(tx, id, &nights, &mut stays, (description.rooms, false), now).await?;
    }
    let version = seen + 1;
    let (pay_when, deposit) = description.terms.when.to_store();
    sqlx::query!(
        "update room_types
         set name = $2, names = $3, rooms = $4, price_minor = $5, currency = $6, active = $7, version = $8, pay_when = $9,
             deposit_minor = $10, refund_minutes = $11, late_refund_percent = $12
         where id = $1",
        id,
        description.name,
        description.names.to_store(),
        description.rooms,
        description.price.minor,
        description.price.currency,
        description.active,
        version,
        pay_when,
        deposit,
        description.terms.refund.full_minutes,
        description.terms.refund.late_percent,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("room_types_name_key", NAME_TAKEN)?;
    Ok(version)
}

/// Whether somebody has rooms of it, or a hold, whose price is in the currency of the kind.
async fn has_stays(tx: &mut Tx, id: i64) -> Result<bool, Failure> {
    let has = sqlx::query_scalar!(
        r#"select exists (select from stays where room_type_id = $1 and status in ('held', 'booked', 'arrived')) as "has!""#,
        id,
    );
    Ok(has.fetch_one(&mut **tx).await?)
}
