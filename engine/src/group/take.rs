//! Taking seats in a session: for one patient, or for a party by one appointment (B8).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    Group, MAX_PARTY,
    lock::{LockedGroup, lock, peek, taken, zone_of},
    occupy::{is_off, lock_place},
};
use crate::{
    account::{Caller, acquaintance::must_know, name_patient},
    appointment::{self, Actor, Extra, NewSeats, Status, Summary},
    availability::ServiceLimits,
    booking::{
        Rules,
        limit::AskedOne,
        locks::lock_patient,
        open::{Opened, refuse_too_many},
    },
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Field, FieldProblem, Inventory, Refusal},
    idempotency::{self, Key},
    time::Range,
};

/// Seats that somebody takes.
#[derive(Clone, Debug)]
pub struct Take {
    /// The patient, the doctor of the session, or the desk of its clinic.
    pub caller: Caller,
    pub group_id: i64,
    pub patient_id: i64,
    pub seats: i32,
    /// The name of a patient who has none yet, where it was asked for.
    pub name: Option<String>,
    /// The patient's reason to come.
    pub reason: String,
    pub rules: Rules,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Seats that were taken: the answer to the caller, and to a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub group_id: i64,
    /// The appointment that has them.
    pub appointment: Summary,
    /// Their numbers, in order.
    pub seats: Vec<i32>,
}

/// Takes seats: all of them, or none.
///
/// # Errors
/// `NOT_FOUND` for a session that is not there or a draft, and for a patient who is not the caller's; `VALIDATION_FAILED` for
/// a number of seats that nobody takes; `INSUFFICIENT_INVENTORY` where fewer are left; `BOOKING_FAILED` where the session was
/// cancelled or has begun, where its doctor takes no bookings then, where the patient has something else then, among it a seat in it, or as much as is allowed;
/// `IDEMPOTENCY_CONFLICT`.
pub async fn take(database: &Database, command: Take, now: Timestamp) -> Result<Taken, AppError> {
    database
        .write("group.take", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Take, now: Timestamp) -> Result<Taken, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let taken = place(&mut tx, &command, now).await?;
    idempotency::answer(&mut tx, key, &taken, &[taken.appointment.at_its_time()]).await?;
    tx.commit().await?;
    Ok(taken)
}

/// Locks, checks and inserts. Does not commit.
///
/// # Errors
/// Those of [`take`], without those of the key.
pub(crate) async fn place(tx: &mut Tx, command: &Take, now: Timestamp) -> Result<Taken, Failure> {
    if !(1..=MAX_PARTY).contains(&command.seats) {
        return Err(AppError::invalid(Field::Seats, FieldProblem::Malformed).into());
    }
    let seen = peek(tx, command.group_id).await?;
    must_be_theirs(command, &seen)?;
    must_be_open(&seen, now)?;
    // Late callers need not queue: what is not there now is not there under the lock.
    free_seats(tx, &seen, command.seats).await?;
    let zone = zone_of(tx, seen.clinic_id).await?;
    if !lock_place(tx, seen.doctor_id, seen.clinic_id, seen.service_id).await? {
        return Err(Refusal::SlotClosed.of(seen.wanted()).into());
    }
    let group = lock(tx, command.group_id).await?;
    must_be_open(&group, now)?;
    // A day that was stopped keeps its sessions, and takes no more bookings.
    if is_off(tx, &group, &zone).await? {
        return Err(Refusal::SlotClosed.of(group.wanted()).into());
    }
    let by_staff = command.caller.role().is_staff();
    let patient_id = lock_patient(tx, command.patient_id, by_staff).await?;
    must_know(tx, &command.caller, patient_id, now).await?;
    let seats = free_seats(tx, &group, command.seats).await?;
    refuse_overlap(tx, &group, patient_id, now).await?;
    if !by_staff {
        let opened = Opened::of([true]);
        refuse_too_many(tx, patient_id, opened, command.rules, group.wanted(), now).await?;
        if let Some(name) = &command.name {
            name_patient(tx, patient_id, name).await?;
        }
    }
    let asked = AskedOne {
        patient_id,
        wanted: group.wanted(),
        limits: limits(tx, group.service_id).await?,
        zone: &zone,
        caller: &command.caller,
        rules: command.rules,
    };
    let exceeds = asked.check(tx, now).await?;
    let new = NewSeats {
        group: group.hold(&zone),
        patient_id,
        complaint: &command.reason,
        price: group.price_of(command.seats),
        actor: Actor::from(&command.caller),
    };
    let appointment = new.insert(tx, now).await?;
    exceeds.record(tx, std::slice::from_ref(&appointment)).await?;
    insert_seats(tx, &group, &appointment, &seats).await?;
    Ok(Taken {
        group_id: group.id,
        appointment,
        seats,
    })
}

/// Checks that this caller takes seats for this patient in this session (I4). Nobody but those who plan it knows a draft.
fn must_be_theirs(command: &Take, group: &Group) -> Result<(), AppError> {
    let is_theirs = match &command.caller {
        caller @ Caller::Patient { .. } => caller.acts_for(Some(command.patient_id)),
        staff => group.is_seen_by(staff),
    };
    match is_theirs && group.state != super::State::Draft {
        true => Ok(()),
        false => Err(AppError::NotFound),
    }
}

fn must_be_open(group: &Group, now: Timestamp) -> Result<(), AppError> {
    match group.is_open(now) {
        true => Ok(()),
        false => Err(Refusal::SlotClosed.of(group.wanted())),
    }
}

/// The lowest numbers of so many seats that are free.
///
/// # Errors
/// `INSUFFICIENT_INVENTORY` where fewer are left.
async fn free_seats(connection: &mut PgConnection, group: &Group, count: i32) -> Result<Vec<i32>, Failure> {
    let taken = taken(connection, group.id).await?;
    let mut free: Vec<i32> = (1..=group.capacity)
        .filter(|seat| taken.binary_search(seat).is_err())
        .collect();
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    if free.len() < wanted {
        return Err(few(group.id, count, i32::try_from(free.len()).unwrap_or(0)).into());
    }
    free.truncate(wanted);
    Ok(free)
}

fn few(group_id: i64, requested: i32, available: i32) -> AppError {
    AppError::InsufficientInventory {
        of: Inventory::Seats { group_id },
        requested,
        available,
    }
}

/// Refuses a patient who is somewhere else then (B3), and ends the requests of the patient that have run out.
async fn refuse_overlap(
    tx: &mut Tx,
    group: &LockedGroup,
    patient_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let Range { start, end } = group.time();
    let others = sqlx::query!(
        r#"select id, occupies(appointments, $4) as "stands!" from appointments
           where patient_id = $1 and starts_at < $3 and ends_at > $2
             and status not in ('held', 'cancelled', 'rejected', 'expired')
           order by id"#,
        patient_id,
        start.to_sqlx(),
        end.to_sqlx(),
        now.to_sqlx(),
    )
    .fetch_all(&mut **tx)
    .await?;
    if others.iter().any(|other| other.stands) {
        return Err(Refusal::PatientOverlap.of(group.wanted()).into());
    }
    for other in others {
        let lapsed = appointment::lock(tx, other.id).await?;
        // The worker may have been faster.
        if lapsed.has_run_out(now) {
            appointment::change(tx, lapsed, Status::Expired, Actor::SYSTEM, Extra::default(), now).await?;
        }
    }
    Ok(())
}

async fn limits(connection: &mut PgConnection, service_id: i64) -> Result<ServiceLimits, Failure> {
    let row = sqlx::query!(
        "select most_open, most_per_week from services where id = $1",
        service_id
    )
    .fetch_one(connection)
    .await?;
    Ok(ServiceLimits {
        open: row.most_open,
        per_week: row.most_per_week,
    })
}

async fn insert_seats(
    tx: &mut Tx,
    group: &LockedGroup,
    appointment: &Summary,
    seats: &[i32],
) -> Result<(), Failure> {
    let full = few(group.id, i32::try_from(seats.len()).unwrap_or(i32::MAX), 0);
    sqlx::query!(
        "insert into group_seats (group_id, capacity, seat, appointment_id)
         select $1, $2, seat, $4 from unnest($3::integer[]) as seat",
        group.id,
        group.capacity,
        seats,
        appointment.id,
    )
    .execute(&mut **tx)
    .await
    // The lock and the count have already decided; these are the second layer.
    .on_constraint("group_seats_seat_key", full)
    .on_constraint("group_seats_within_capacity", full)?;
    Ok(())
}
