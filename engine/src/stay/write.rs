//! What is written of a stay: its row, its nights and its history, always together.

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;

use super::{Status, Stay, lock::LockedStay, nights::LockedNights, wanted::WantedRooms};
use crate::{
    account::Role,
    appointment::Actor,
    booking::reference,
    database::{Failure, OnConstraint, Tx},
    error::AppError,
    event::Event,
    money::Price,
    payment::terms::{Terms, When},
};

/// A stay that begins.
#[derive(Clone, Debug)]
pub(super) struct NewStay {
    pub wanted: WantedRooms,
    pub clinic_id: i64,
    pub patient_id: i64,
    /// The end of the hold that it begins as; it is booked at once where there is none.
    pub held_until: Option<Timestamp>,
    /// Of a room for a night.
    pub price: Price,
    pub terms: Terms,
}

/// Writes a stay with its nights, which must have been checked.
pub(super) async fn insert(
    tx: &mut Tx,
    _: &LockedNights,
    new: NewStay,
    actor: Actor,
    reason: &str,
    now: Timestamp,
) -> Result<Stay, Failure> {
    let NewStay {
        wanted, price, terms, ..
    } = new;
    let total = Price {
        minor: of_nights(wanted, price.minor)?,
        currency: price.currency,
    };
    let first_minor = terms.when.first(Some(&total));
    // What costs nothing is not paid before.
    let when = match (terms.when, first_minor) {
        (When::Before { .. }, None) => When::Desk,
        (When::Before { .. }, deposit) => When::Before { deposit },
        (when, _) => when,
    };
    let status = match new.held_until {
        Some(_) => Status::Held,
        None => Status::Booked,
    };
    let mut stay = Stay {
        id: 0,
        reference: reference::new(),
        room_type_id: wanted.room_type_id,
        clinic_id: new.clinic_id,
        patient_id: new.patient_id,
        arrival: wanted.arrival,
        departure: wanted.departure,
        rooms: wanted.rooms,
        status,
        held_until: new.held_until,
        total_minor: total.minor,
        currency: total.currency,
        first_minor,
        terms: Terms { when, ..terms },
        given_up_minor: 0,
        version: 1,
        created_at: now,
    };
    // The row, its nights and its history in one statement: others wait for these nights.
    stay.id = sqlx::query_scalar!(
        "with stay as (
             insert into stays
                 (reference, room_type_id, patient_id, arrival, departure, rooms, status, held_until, total_minor, currency,
                  created_at, pay_when, pay_minor, refund_minutes, late_refund_percent)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             returning id, version
         ), nights as (
             insert into stay_nights (stay_id, night, room_type_id, rooms, price_minor)
             select id, $4 + n, $2, $6, $16 from stay cross join generate_series(0, $5 - $4 - 1) as n
         )
         insert into stay_changes
             (stay_id, version, from_status, to_status, arrival, departure, rooms, actor, staff_id, patient_id, reason,
              changed_at)
         select id, version, null, $7, $4, $5, $6, $17, $18, $19, $20, $11 from stay
         returning stay_id",
        stay.reference,
        stay.room_type_id,
        stay.patient_id,
        stay.arrival.to_sqlx() as _,
        stay.departure.to_sqlx() as _,
        stay.rooms,
        status.as_str(),
        stay.held_until.map(ToSqlx::to_sqlx) as _,
        stay.total_minor,
        stay.currency,
        now.to_sqlx(),
        when.to_store().0,
        first_minor,
        terms.refund.full_minutes,
        terms.refund.late_percent,
        price.minor,
        actor.role.as_str(),
        actor.staff_id,
        actor.patient_id,
        reason,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("room_nights_taken_within_total", short_of(&stay))?;
    tell(tx, &stay, None);
    Ok(stay)
}

/// The price of all nights and rooms, exactly.
fn of_nights(wanted: WantedRooms, price_minor: i64) -> Result<i64, AppError> {
    let nights = i64::from(wanted.nights()) * i64::from(wanted.rooms);
    price_minor.checked_mul(nights).ok_or(AppError::Internal)
}

/// Takes the rooms of all nights of a stay.
pub(super) async fn take(
    tx: &mut Tx,
    _: &LockedNights,
    stay: &Stay,
    price_minor: i64,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into stay_nights (stay_id, night, room_type_id, rooms, price_minor)
         select $1, $2::date + n, $3, $4, $5 from generate_series(0, $6::integer - 1) as n",
        stay.id,
        stay.arrival.to_sqlx() as _,
        stay.room_type_id,
        stay.rooms,
        price_minor,
        stay.wanted().nights(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("room_nights_taken_within_total", short_of(stay))?;
    Ok(())
}

/// What the database says of a night more than there are; the check before it says it better.
fn short_of(stay: &Stay) -> AppError {
    AppError::RoomsShort {
        wanted: stay.wanted(),
        available: 0,
        night: stay.arrival,
    }
}

/// Gives back the rooms of a stay that ends with this status.
pub(super) async fn give_back(
    tx: &mut Tx,
    _: &LockedNights,
    stay: LockedStay,
    to: Status,
    actor: Actor,
    reason: &str,
    now: Timestamp,
) -> Result<LockedStay, Failure> {
    sqlx::query!("delete from stay_nights where stay_id = $1", stay.id)
        .execute(&mut **tx)
        .await?;
    set_status(tx, stay, to, actor, reason, now).await
}

/// Gives a stay another status, its nights being as they should be with it.
pub(super) async fn set_status(
    tx: &mut Tx,
    mut stay: LockedStay,
    to: Status,
    actor: Actor,
    reason: &str,
    now: Timestamp,
) -> Result<LockedStay, Failure> {
    let from = stay.status;
    if !from.may_become(to) {
        return Err(AppError::StayTransition {
            stay_id: stay.id,
            from,
            to,
        }
        .into());
    }
    stay.status = to;
    stay.held_until = None;
    stay.version += 1;
    sqlx::query!(
        "update stays set status = $2, held_until = null, version = $3 where id = $1",
        stay.id,
        to.as_str(),
        stay.version,
    )
    .execute(&mut **tx)
    .await?;
    record(tx, &stay, Some(from), actor, reason, now).await?;
    Ok(stay)
}

/// The nights and rooms that a stay changes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nights {
    pub arrival: Date,
    pub departure: Date,
    pub rooms: i32,
}

/// Changes nights and rooms of a stay: it gives back what it leaves and takes the new nights, at this price. A room in a night
/// that it keeps costs what was promised for that night, however many rooms it is now.
pub(super) async fn set_nights(
    tx: &mut Tx,
    _: &LockedNights,
    mut stay: LockedStay,
    to: Nights,
    price_minor: i64,
    (actor, reason): (Actor, &str),
    now: Timestamp,
) -> Result<LockedStay, Failure> {
    let status = stay.status;
    (stay.arrival, stay.departure, stay.rooms) = (to.arrival, to.departure, to.rooms);
    stay.version += 1;
    sqlx::query!(
        "delete from stay_nights where stay_id = $1 and not (night >= $2 and night < $3)",
        stay.id,
        stay.arrival.to_sqlx() as _,
        stay.departure.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update stay_nights set rooms = $2 where stay_id = $1 and rooms <> $2",
        stay.id,
        stay.rooms,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("room_nights_taken_within_total", short_of(&stay))?;
    sqlx::query!(
        "insert into stay_nights (stay_id, night, room_type_id, rooms, price_minor)
         select $1, $2::date + n, $3, $4, $5 from generate_series(0, $6::integer - 1) as n
         where not exists (select from stay_nights where stay_id = $1 and night = $2::date + n)",
        stay.id,
        stay.arrival.to_sqlx() as _,
        stay.room_type_id,
        stay.rooms,
        price_minor,
        stay.wanted().nights(),
    )
    .execute(&mut **tx)
    .await
    .on_constraint("room_nights_taken_within_total", short_of(&stay))?;
    stay.total_minor = sqlx::query_scalar!(
        r#"update stays set arrival = $2, departure = $3, rooms = $4, version = $5,
                  total_minor = (select sum(rooms * price_minor) from stay_nights where stay_id = $1),
                  -- Who moves late what is paid first gets no more back by that: its rule goes on counting from here.
                  refund_from = case
                      when $6 and arrival <> $2
                          and $7 > (select coalesce(refund_from, arrival)::timestamp at time zone time_zone
                                    from room_types join clinics on clinics.id = clinic_id
                                    where room_types.id = room_type_id)
                                   - coalesce(refund_minutes, 0) * interval '1 minute'
                      then least(refund_from, arrival, $2) else refund_from end
           where id = $1
           returning total_minor"#,
        stay.id,
        stay.arrival.to_sqlx() as _,
        stay.departure.to_sqlx() as _,
        stay.rooms,
        stay.version,
        actor.role == Role::Patient,
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    record(tx, &stay, Some(status), actor, reason, now).await?;
    Ok(stay)
}

/// Remembers who made this version of a stay, and tells of it.
async fn record(
    tx: &mut Tx,
    stay: &Stay,
    from: Option<Status>,
    actor: Actor,
    reason: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into stay_changes
             (stay_id, version, from_status, to_status, arrival, departure, rooms, actor, staff_id, patient_id, reason,
              changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        stay.id,
        stay.version,
        from.map(Status::as_str),
        stay.status.as_str(),
        stay.arrival.to_sqlx() as _,
        stay.departure.to_sqlx() as _,
        stay.rooms,
        actor.role.as_str(),
        actor.staff_id,
        actor.patient_id,
        reason,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, stay, from);
    Ok(())
}

fn tell(tx: &mut Tx, stay: &Stay, from: Option<Status>) {
    tx.tell(Event::StayChanged {
        stay_id: stay.id,
        version: stay.version,
        from,
        to: stay.status,
    });
}
