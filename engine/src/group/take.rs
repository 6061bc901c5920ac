//! Taking seats in a session: for one patient, or for a party by one appointment (B8).

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{
    Group, MAX_PARTY,
    lock::{LockedGroup, lock_with_patient, peek},
    occupy::{is_off, lock_place},
    seats::{Given, Seats, end_holds},
};
use crate::{
    account::{Caller, acquaintance::must_know, name_patient},
    appointment::{self, Actor, Extra, PAYER, SeatsFor, Status, Summary},
    availability::{MARGIN_MINUTES, ServiceLimits},
    booking::{
        Rules,
        limit::{AskedOne, Exceeds},
        locks::must_be_locked,
        open::{Opened, refuse_too_many, refuse_too_many_holds},
    },
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem, Refusal},
    idempotency::{self, Key},
    time::{self, Range, plus_minutes},
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
/// `PAYMENT_REQUIRED` for a patient where it is paid before it is booked; `IDEMPOTENCY_CONFLICT`.
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
    place_until(tx, command, None, now).await
}

/// Keeps seats for a patient who goes to pay for them. Who has as many kept already has those. Does not commit.
///
/// # Errors
/// Those of [`take`], without those of the key.
pub(crate) async fn keep_to_pay(
    tx: &mut Tx,
    command: &Take,
    until: Timestamp,
    now: Timestamp,
) -> Result<Taken, Failure> {
    place_until(tx, command, Some(until), now).await
}

async fn place_until(
    tx: &mut Tx,
    command: &Take,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<Taken, Failure> {
    if !(1..=MAX_PARTY).contains(&command.seats) {
        return Err(AppError::invalid(Field::Seats, FieldProblem::Malformed).into());
    }
    let seen = peek(tx, command.group_id).await?;
    must_be_theirs(command, &seen)?;
    must_be_open(&seen, now)?;
    // Late callers need not queue: what is not there now is not there under the lock.
    let now_free = Seats::of(tx, seen.id, Some(command.patient_id), now).await?;
    now_free.lowest(&seen, command.seats)?;
    if !lock_place(tx, seen.doctor_id, seen.clinic_id, seen.service_id).await? {
        return Err(Refusal::SlotClosed.of(seen.wanted()).into());
    }
    // Looked up before the lock of the session, for which others wait: whoever changes what its service asks locks the doctor.
    let setting = Setting::of(tx, &seen).await?;
    // A day that was stopped keeps its sessions, and takes no more bookings. This is looked up before that lock, too: the hours of the
    // doctor, who is locked, stay the same until the end.
    let was_off = is_off(tx, &seen, &setting.zone).await?;
    let (patient_id, by_staff) = (command.patient_id, command.caller.role().is_staff());
    let (group, locked) = lock_with_patient(tx, command.group_id, patient_id, by_staff).await?;
    must_be_open(&group, now)?;
    let is_same = group.version == seen.version;
    if was_off && is_same || !is_same && is_off(tx, &group, &setting.zone).await? {
        return Err(Refusal::SlotClosed.of(group.wanted()).into());
    }
    must_be_locked(tx, &locked, patient_id, by_staff).await?;
    must_know(tx, &command.caller, patient_id, now).await?;
    if until.is_some()
        && let Some(kept) = kept_to_pay(tx, &group, (patient_id, command.seats), now).await?
    {
        return Ok(kept);
    }
    let found = Seats::of(tx, group.id, Some(patient_id), now).await?;
    let seats = found.lowest(&group, command.seats)?;
    end_holds(tx, &found.ending, now).await?;
    if until.is_some() && !by_staff {
        refuse_too_many_holds(tx, patient_id, command.rules, group.wanted(), now).await?;
    }
    let admission = Admission {
        group: &group,
        setting: &setting,
        patient_id,
        caller: &command.caller,
        rules: command.rules,
        may_be_paid_first: by_staff || until.is_some(),
    };
    let exceeds = admission.check(tx, now).await?;
    if let Some(name) = command.name.as_ref().filter(|_| !by_staff) {
        name_patient(tx, patient_id, name).await?;
    }
    let given = Given {
        patient_id,
        seats: &seats,
        complaint: &command.reason,
        kept: until.map(|until| (SeatsFor::Payment, until)),
        actor: Actor::from(&command.caller),
    };
    let appointment = given.write(tx, &group, &setting.zone, now).await?;
    exceeds.record(tx, std::slice::from_ref(&appointment)).await?;
    Ok(Taken {
        group_id: group.id,
        appointment,
        seats,
    })
}

/// The seats that are kept for a patient who pays for them, where they are as many as are wanted. The session and the patient are
/// locked.
async fn kept_to_pay(
    tx: &mut Tx,
    group: &LockedGroup,
    (patient_id, count): (i64, i32),
    now: Timestamp,
) -> Result<Option<Taken>, Failure> {
    let kept = sqlx::query!(
        r#"select appointments.id, array_agg(seat order by seat) as "seats!"
           from appointments
           join group_seats on appointment_id = appointments.id and freed_at is null
           where appointments.group_id = $1 and patient_id = $2 and status = 'held' and held_by = $3 and held_until > $4
           group by appointments.id
           having count(*) = $5
           order by appointments.id desc limit 1"#,
        group.id,
        patient_id,
        PAYER.as_slice(),
        now.to_sqlx(),
        i64::from(count),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(kept) = kept else {
        return Ok(None);
    };
    let hold = appointment::lock(tx, kept.id).await?;
    // It may have been let go before the lock.
    Ok((hold.status == Status::Held).then(|| Taken {
        group_id: group.id,
        appointment: Summary::from(&*hold),
        seats: kept.seats,
    }))
}

/// A patient who is to have seats in a session. Both are locked.
pub(super) struct Admission<'a> {
    pub group: &'a LockedGroup,
    pub setting: &'a Setting,
    pub patient_id: i64,
    /// Whoever takes the seats.
    pub caller: &'a Caller,
    pub rules: Rules,
    /// Whether they may have seats that are paid first.
    pub may_be_paid_first: bool,
}

impl Admission<'_> {
    /// Refuses a patient who is somewhere else then, or has as much as is allowed.
    ///
    /// # Errors
    /// `BOOKING_FAILED`; `PAYMENT_REQUIRED` for what is paid first.
    pub async fn check(&self, tx: &mut Tx, now: Timestamp) -> Result<Exceeds, Failure> {
        let wanted = self.group.wanted();
        let costs = self.group.price_of(1).is_some_and(|price| price.minor > 0);
        if self.setting.is_paid_first && costs && !self.may_be_paid_first {
            return Err(AppError::PaymentRequired.into());
        }
        refuse_overlap(tx, self.group, self.patient_id, now).await?;
        if !self.caller.role().is_staff() {
            let opened = Opened::of([true]);
            refuse_too_many(tx, self.patient_id, opened, self.rules, wanted, now).await?;
        }
        let asked = AskedOne {
            patient_id: self.patient_id,
            wanted,
            limits: self.setting.limits,
            zone: &self.setting.zone,
            caller: self.caller,
            rules: self.rules,
        };
        asked.check(tx, now).await
    }
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

pub(super) fn must_be_open(group: &Group, now: Timestamp) -> Result<(), AppError> {
    match group.is_open(now) {
        true => Ok(()),
        false => Err(Refusal::SlotClosed.of(group.wanted())),
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
           where patient_id = $1 and starts_at > $5 and starts_at < $3 and ends_at > $2
             and status not in ('held', 'cancelled', 'rejected', 'expired')
           order by id"#,
        patient_id,
        start.to_sqlx(),
        end.to_sqlx(),
        now.to_sqlx(),
        plus_minutes(start, -MARGIN_MINUTES).to_sqlx(),
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

/// The zone of a session, and what its service asks of those who take seats.
pub(super) struct Setting {
    /// That of the clinic.
    pub zone: TimeZone,
    limits: ServiceLimits,
    is_paid_first: bool,
}

impl Setting {
    /// Reads both. A change of the session changes neither: it stays at its clinic, and its service stays the same.
    ///
    /// # Errors
    /// `INTERNAL` for a zone that the program does not know, by which nothing can be promised.
    pub async fn of(connection: &mut PgConnection, group: &Group) -> Result<Self, Failure> {
        let row = sqlx::query!(
            "select time_zone, most_open, most_per_week, pay_when from clinics cross join services
             where clinics.id = $1 and services.id = $2",
            group.clinic_id,
            group.service_id,
        )
        .fetch_one(connection)
        .await?;
        Ok(Self {
            zone: time::stored_zone(&row.time_zone).ok_or(AppError::Internal)?,
            limits: ServiceLimits {
                open: row.most_open,
                per_week: row.most_per_week,
            },
            is_paid_first: row.pay_when.as_deref() == Some("before"),
        })
    }
}
