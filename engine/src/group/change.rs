//! Changing a session: its title, its time, its price, and how many seats it has.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    Details, Group, State,
    lock::{LockedGroup, lock, peek, taken, zone_of},
    must_plan,
    occupy::{lock_doctor, lock_hours, occupy, tell_seats},
    seats::{Seats, end_holds, end_kept},
};
use crate::{
    account::Caller,
    appointment::{Actor, Appointment, Locked, Status, lock_in_the_way, move_seats, release_hold},
    availability::hours::LockedHours,
    database::{Database, Failure, Lock, OnConstraint, Tx, locking},
    error::{AppError, Field, FieldProblem, Inventory},
    event::Event,
    idempotency::{self, Key},
    time::Range,
};

/// A change of a session. Its doctor, its clinic and its service stay.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its doctor, or an admin.
    pub caller: Caller,
    pub group_id: i64,
    /// The version that the caller was looking at.
    pub version: i32,
    pub details: Details,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Changes a session. Where its time changes, its seats move with it, and where it begins at another time, each patient is
/// told once; who waits for seats is offered those at the new time, and who was about to pay pays for those there. A new price is that of the seats that are taken from now on.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's to plan; `STALE_VERSION` where somebody changed or cancelled it since;
/// `VALIDATION_FAILED`; `INSUFFICIENT_INVENTORY` where more seats are taken than there would be; `BOOKING_FAILED` where the
/// doctor, or somebody who has a seat, has something else at the new time; `IDEMPOTENCY_CONFLICT`.
pub async fn change(database: &Database, command: Change, now: Timestamp) -> Result<Group, AppError> {
    database
        .write("group.change", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Change, now: Timestamp) -> Result<Group, Failure> {
    command.details.check()?;
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let seen = peek(&mut tx, command.group_id).await?;
    must_plan(&command.caller, seen.doctor_id)?;
    if seen.version != command.version || seen.state == State::Cancelled {
        return Err(AppError::StaleGroup.into());
    }
    let zone = zone_of(&mut tx, seen.clinic_id).await?;
    let time = command.details.time();
    let moves = seen.state == State::Published && seen.time() != time;
    let mut hours = Vec::new();
    if moves {
        lock_doctor(&mut tx, seen.doctor_id, seen.clinic_id, seen.service_id).await?;
        hours = lock_hours(&mut tx, [(seen.doctor_id, time)]).await?;
    }
    let group = lock(&mut tx, command.group_id).await?;
    if group.version != command.version {
        return Err(AppError::StaleGroup.into());
    }
    if group.time() != time
        && (time.start <= now || group.starts_at <= now && group.state == State::Published)
    {
        return Err(AppError::invalid(Field::StartsAt, FieldProblem::Malformed).into());
    }
    // Before the seats: whoever gives one up has locked its appointment first.
    let mut in_the_way = match moves {
        true => lock_appointments(&mut tx, &group, &hours, time, now).await?,
        false => Vec::new(),
    };
    match moves {
        true => in_the_way = end_all_kept(&mut tx, in_the_way, now).await?,
        false => {
            let lapsed = Seats::of(&mut tx, group.id, None, now).await?.ending;
            end_holds(&mut tx, &lapsed, now).await?;
        }
    }
    let taken = taken(&mut tx, group.id).await?;
    fit(&mut tx, &group, &taken, command.details.capacity).await?;
    let changed = write(&mut tx, &group, &command.details).await?;
    if moves {
        let actor = Actor::from(&command.caller);
        move_to(&mut tx, &changed, &hours, in_the_way, (&zone, actor), now).await?;
        if changed.starts_at != group.starts_at {
            tx.tell(Event::GroupMoved { group_id: changed.id });
        }
    }
    if changed.capacity > group.capacity && changed.is_open(now) {
        tell_seats(&mut tx, &changed);
    }
    idempotency::answer(&mut tx, key, &changed, &[changed.made()]).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Ends the holds that keep seats for somebody among locked appointments, since they are at a time that the session gives up: who
/// waits is offered seats at its new one, and who goes to pay is to see that one first. Answers with the other appointments.
async fn end_all_kept(
    tx: &mut Tx,
    appointments: Vec<Locked<Appointment>>,
    now: Timestamp,
) -> Result<Vec<Locked<Appointment>>, Failure> {
    let mut others = Vec::with_capacity(appointments.len());
    for appointment in appointments {
        match appointment.is_kept_seats() {
            true => end_kept(tx, appointment, now).await?,
            false => others.push(appointment),
        }
    }
    Ok(others)
}

/// Makes the seats that are taken fit into another capacity: those with higher numbers get the lowest that are free.
///
/// # Errors
/// `INSUFFICIENT_INVENTORY` where more are taken.
async fn fit(tx: &mut Tx, group: &LockedGroup, taken: &[i32], capacity: i32) -> Result<(), Failure> {
    let count = i32::try_from(taken.len()).unwrap_or(i32::MAX);
    if count > capacity {
        return Err(AppError::InsufficientInventory {
            of: Inventory::Capacity { group_id: group.id },
            requested: count,
            available: capacity,
        }
        .into());
    }
    let high: Vec<i32> = taken.iter().copied().filter(|seat| *seat > capacity).collect();
    let mut free = (1..=capacity).filter(|seat| !taken.contains(seat));
    let low: Vec<i32> = free.by_ref().take(high.len()).collect();
    if high.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update group_seats set seat = low
         from unnest($2::integer[], $3::integer[]) as renumbered (high, low)
         where group_id = $1 and freed_at is null and seat = high",
        group.id,
        &high,
        &low,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn write(tx: &mut Tx, group: &LockedGroup, details: &Details) -> Result<Group, Failure> {
    let time = details.time();
    let version = sqlx::query_scalar!(
        "update groups set title = $2, starts_at = $3, ends_at = $4, capacity = $5, price_minor = $6, currency = $7,
                           version = version + 1
         where id = $1 returning version",
        group.id,
        details.title.trim(),
        time.start.to_sqlx(),
        time.end.to_sqlx(),
        details.capacity,
        details.price.as_ref().map(|price| price.minor),
        details.price.as_ref().map(|price| price.currency.as_str()),
    )
    .fetch_one(&mut **tx)
    .await
    // The count of the seats has already decided; this is the second layer.
    .on_constraint(
        "group_seats_within_capacity",
        AppError::InsufficientInventory {
            of: Inventory::Capacity { group_id: group.id },
            requested: details.capacity,
            available: details.capacity,
        },
    )?;
    Ok(Group {
        title: details.title.trim().to_owned(),
        starts_at: time.start,
        ends_at: time.end,
        capacity: details.capacity,
        price: details.price.clone().map(|price| (price.minor, price.currency)),
        version,
        ..Group::clone(group)
    })
}

/// Locks those who have seats, what the session has among the appointments, and what has run out at its new time: of its
/// doctor, and of those who have seats.
async fn lock_appointments(
    tx: &mut Tx,
    group: &LockedGroup,
    hours: &[LockedHours],
    time: Range,
    now: Timestamp,
) -> Result<Vec<Locked<Appointment>>, Failure> {
    let patients = lock_patients(tx, group.id).await?;
    let ids = sqlx::query_scalar!(
        "select id from appointments
         where group_id = $1
            or patient_id = any($2) and starts_at < $4 and ends_at > $3
               and status = 'pending' and not occupies(appointments, $5)",
        group.id,
        &patients,
        time.start.to_sqlx(),
        time.end.to_sqlx(),
        now.to_sqlx(),
    );
    let ids = ids.fetch_all(&mut **tx).await?;
    lock_in_the_way(tx, hours, None, None, &ids, now).await
}

/// Takes the new time of the doctor, gives the old one back, and moves the seats.
async fn move_to(
    tx: &mut Tx,
    group: &Group,
    hours: &[LockedHours],
    in_the_way: Vec<Locked<Appointment>>,
    (zone, actor): (&TimeZone, Actor),
    now: Timestamp,
) -> Result<(), Failure> {
    let (mut seats, mut lapsed) = (Vec::new(), Vec::new());
    for appointment in in_the_way {
        match (appointment.group_id == Some(group.id), appointment.patient_id) {
            (true, None) if appointment.status == Status::Held => {
                release_hold(tx, appointment, actor, now).await?;
            }
            (true, Some(_)) if is_to_come(&appointment) => seats.push(appointment),
            (true, _) => {}
            (false, _) if matches!(appointment.status, Status::Held | Status::Pending) => {
                lapsed.push(appointment);
            }
            // The worker was faster.
            (false, _) => {}
        }
    }
    occupy(tx, std::slice::from_ref(group), hours, lapsed, (zone, actor), now).await?;
    for appointment in seats {
        move_seats(tx, appointment, group.hold(zone), actor, now).await?;
    }
    Ok(())
}

/// Whether it is still to come. What has happened was when it was.
fn is_to_come(seats: &Appointment) -> bool {
    matches!(seats.status, Status::Pending | Status::Confirmed)
}

/// Locks those who have seats, so that none of them books something else at the new time meanwhile.
async fn lock_patients(tx: &mut Tx, group_id: i64) -> Result<Vec<i64>, Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients
         where id in (select patient_id from appointments
                      where group_id = $1 and status not in ('cancelled', 'rejected', 'expired'))
         order by id for no key update",
        group_id,
    );
    Ok(locking(Lock::Patient, locked.fetch_all(&mut **tx)).await?)
}
