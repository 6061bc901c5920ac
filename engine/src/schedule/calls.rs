//! Whom to call after a day was cancelled, an absence or a closure saved. A list is made with the deed, and ticked off.

use std::collections::HashMap;

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;

use super::affected::{Affected, with_reach};
use crate::{
    account::{
        Caller,
        acquaintance::Sight,
        reads::{self, What},
    },
    appointment::{Summary, of_ids},
    database::{Database, Failure, Tx},
    error::AppError,
};

/// Lists on the page of all lists.
const MOST_LISTS: i64 = 50;

/// Why patients are to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Their appointments were cancelled with the day.
    DayCancelled,
    /// The doctor is away then. The appointments are still booked.
    Absence,
    /// The clinic is closed then. The appointments are still booked.
    Closure,
}

impl Why {
    pub fn name(self) -> &'static str {
        match self {
            Self::DayCancelled => "day_cancelled",
            Self::Absence => "absence",
            Self::Closure => "closure",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::DayCancelled, Self::Absence, Self::Closure]
            .into_iter()
            .find(|why| why.name() == name)
    }
}

/// A list that is to be made.
pub(super) struct NewList {
    pub doctor_id: Option<i64>,
    pub clinic_id: Option<i64>,
    pub why: Why,
    pub days: (civil::Date, civil::Date),
    pub made_by: i64,
}

/// Makes the list of whom to call, in the transaction of the deed. Nothing is made where nobody was hit.
pub(super) async fn open_list(
    tx: &mut Tx,
    list: &NewList,
    appointments: &[Summary],
    now: Timestamp,
) -> Result<Option<i64>, Failure> {
    if appointments.is_empty() {
        return Ok(None);
    }
    let ids: Vec<i64> = appointments.iter().map(|one| one.id).collect();
    let id = sqlx::query_scalar!(
        r#"with made as (
               insert into call_lists (doctor_id, clinic_id, why, first_day, last_day, made_by, made_at)
               values ($1, $2, $3, $4, $5, $6, $7) returning id),
           filled as (
               insert into calls (list_id, appointment_id, starts_at)
               select made.id, appointments.id, starts_at from made, appointments
               where appointments.id = any($8))
           select id as "id!" from made"#,
        list.doctor_id,
        list.clinic_id,
        list.why.name(),
        list.days.0.to_sqlx() as _,
        list.days.1.to_sqlx() as _,
        list.made_by,
        now.to_sqlx(),
        &ids,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Some(id))
}

/// A list of whom to call, without the calls.
#[derive(Clone, Debug)]
pub struct CallList {
    pub id: i64,
    pub why: Why,
    /// None where a clinic was closed.
    pub doctor_name: Option<String>,
    /// None where it is about all clinics.
    pub clinic_name: Option<String>,
    pub first_day: civil::Date,
    pub last_day: civil::Date,
    pub made_by: String,
    pub made_at: Timestamp,
    /// The number of calls, and of those that nobody has made yet.
    pub calls: i64,
    pub open: i64,
}

/// A call: an appointment that was hit, as it is now.
#[derive(Clone, Debug)]
pub struct Call {
    pub affected: Affected,
    /// When the appointment was as the list was made.
    pub was_at: Timestamp,
    /// Who has called, and when.
    pub called: Option<Called>,
}

impl Call {
    /// Whether its appointment is still to be moved or cancelled: it is booked, has not begun, and is at the time at which
    /// it was hit. Whoever was given another time is out of harm.
    pub fn is_in_harm(&self, now: Timestamp) -> bool {
        let item = &self.affected.item;
        item.may_be_called_off(now) && item.starts_at == self.was_at
    }
}

/// That somebody has called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    pub by: String,
    pub staff_id: i64,
    pub at: Timestamp,
}

/// Lists the lists of whom to call: those with open calls before those that are done, and of either the newest first. A doctor
/// sees their own, the desk those about its clinics, admins of all clinics all.
///
/// # Errors
/// `NOT_FOUND` for who is no staff.
pub async fn call_lists(database: &Database, caller: &Caller) -> Result<Vec<CallList>, AppError> {
    let sight = Sight::of(caller)?;
    database
        .read("calls.lists", move |mut connection| async move {
            read_lists(&mut connection, &sight, None).await
        })
        .await
}

async fn read_lists(
    connection: &mut sqlx::PgConnection,
    sight: &Sight,
    id: Option<i64>,
) -> Result<Vec<CallList>, Failure> {
    let rows = sqlx::query!(
        r#"select call_lists.id, why, doctors.name as "doctor_name?", clinics.name as "clinic_name?",
                  first_day as "first_day: jiff_sqlx::Date", last_day as "last_day: jiff_sqlx::Date",
                  staff.name as made_by, made_at as "made_at: jiff_sqlx::Timestamp",
                  (select count(*) from calls where list_id = call_lists.id) as "calls!",
                  (select count(*) from calls where list_id = call_lists.id and called_at is null) as "open!"
           from call_lists
           join staff on staff.id = made_by
           left join doctors on doctors.id = doctor_id
           left join clinics on clinics.id = clinic_id
           where ($1::bigint is null or doctor_id = $1) and ($2::bigint is null or call_lists.id = $2)
             and ($4::bigint[] is null or clinic_id = any($4))
           order by exists (select from calls where list_id = call_lists.id and called_at is null) desc,
                    call_lists.id desc
           limit $3"#,
        sight.doctor_id,
        id,
        MOST_LISTS,
        sight.clinics.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(CallList {
                id: row.id,
                why: Why::parse(&row.why).ok_or(AppError::Internal)?,
                doctor_name: row.doctor_name,
                clinic_name: row.clinic_name,
                first_day: row.first_day.to_jiff(),
                last_day: row.last_day.to_jiff(),
                made_by: row.made_by,
                made_at: row.made_at.to_jiff(),
                calls: row.calls,
                open: row.open,
            })
        })
        .collect()
}

/// Reads a list with its calls, by the times of the appointments. It is recorded.
///
/// # Errors
/// `NOT_FOUND`, also for a list of another doctor.
pub async fn call_list(
    database: &Database,
    caller: &Caller,
    id: i64,
    now: Timestamp,
) -> Result<(CallList, Vec<Call>), AppError> {
    let sight = Sight::of(caller)?;
    let (list, rows) = database
        .read("calls.list", move |mut connection| async move {
            let list = read_lists(&mut connection, &sight, Some(id)).await?;
            let list = list.into_iter().next().ok_or(AppError::NotFound)?;
            let rows = sqlx::query!(
                r#"select appointment_id as "appointment_id!", starts_at as "starts_at!: jiff_sqlx::Timestamp",
                          called_at as "called_at?: jiff_sqlx::Timestamp", called_by, staff.name as "called_by_name?"
                   from calls left join staff on staff.id = called_by where list_id = $1"#,
                id,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok((list, rows))
        })
        .await?;
    let items = of_ids(database, rows.iter().map(|row| row.appointment_id).collect()).await?;
    let patients: Vec<i64> = items.iter().filter_map(|item| item.patient_id).collect();
    reads::record(database, caller, What::List, patients, now).await;
    let affected = with_reach(database, items).await?;
    let called = |appointment_id: i64| {
        let row = rows.iter().find(|row| row.appointment_id == appointment_id)?;
        Some(Called {
            by: row.called_by_name.clone()?,
            staff_id: row.called_by?,
            at: row.called_at?.to_jiff(),
        })
    };
    let was_at: HashMap<i64, Timestamp> = rows
        .iter()
        .map(|row| (row.appointment_id, row.starts_at.to_jiff()))
        .collect();
    let calls = affected
        .into_iter()
        .filter_map(|affected| {
            Some(Call {
                called: called(affected.item.id),
                was_at: *was_at.get(&affected.item.id)?,
                affected,
            })
        })
        .collect();
    Ok((list, calls))
}

/// The command to tick a call off, or to take that back.
#[derive(Clone, Debug)]
pub struct Tick {
    pub caller: Caller,
    pub list_id: i64,
    pub appointment_id: i64,
    /// Whether the patient has been called.
    pub done: bool,
}

/// Ticks a call off. Of several who do so at once, one has called, and all are told who. Only who has called takes it back.
///
/// # Errors
/// `NOT_FOUND` for a call of another doctor's list; `FORBIDDEN` for taking back what somebody else has ticked.
pub async fn tick(database: &Database, command: Tick, now: Timestamp) -> Result<Option<Called>, AppError> {
    let sight = Sight::of(&command.caller)?;
    database
        .write("calls.tick", move |tx| {
            attempt_tick(tx, command.clone(), sight.clone(), now)
        })
        .await
}

async fn attempt_tick(
    mut tx: Tx,
    command: Tick,
    sight: Sight,
    now: Timestamp,
) -> Result<Option<Called>, Failure> {
    let row = sqlx::query!(
        "select called_by from calls
         where list_id = $1 and appointment_id = $2
           and ($3::bigint is null or list_id in (select id from call_lists where doctor_id = $3))
           and ($4::bigint[] is null or list_id in (select id from call_lists where clinic_id = any($4)))
         for no key update",
        command.list_id,
        command.appointment_id,
        sight.doctor_id,
        sight.clinics.as_deref(),
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::NotFound)?;
    match (row.called_by, command.done) {
        (None, true) => set(&mut tx, &command, Some((sight.staff_id, now))).await?,
        (Some(by), false) if by == sight.staff_id => set(&mut tx, &command, None).await?,
        (Some(_), false) => return Err(AppError::Forbidden.into()),
        (Some(_), true) | (None, false) => {}
    }
    let called = sqlx::query!(
        r#"select staff.name, called_by as "called_by!", called_at as "called_at!: jiff_sqlx::Timestamp"
           from calls join staff on staff.id = called_by where list_id = $1 and appointment_id = $2"#,
        command.list_id,
        command.appointment_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .map(|row| Called {
        by: row.name,
        staff_id: row.called_by,
        at: row.called_at.to_jiff(),
    });
    tx.commit().await?;
    Ok(called)
}

async fn set(tx: &mut Tx, command: &Tick, called: Option<(i64, Timestamp)>) -> Result<(), Failure> {
    sqlx::query!(
        "update calls set called_by = $3, called_at = $4 where list_id = $1 and appointment_id = $2",
        command.list_id,
        command.appointment_id,
        called.map(|(staff_id, _)| staff_id),
        called.map(|(_, at)| at.to_sqlx()) as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
