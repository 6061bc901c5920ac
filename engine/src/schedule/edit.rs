//! Changing the schedule of one doctor, for good or to see what would come of it.

use jiff::{Timestamp, ToSpan, civil};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{
    Act, Booked, Dates, LockedDoctor,
    affected::{AsDecided, Question, digest_of},
    calls::{NewList, Why, open_list},
    count_change,
    exception::{open, put_exception, stop},
    lock_seen,
};
use crate::{
    account::Caller,
    appointment::{Appointment, Summary},
    availability::{Day, Except, Offering, Weekly, calendars, offerings_of, tell_plan_opened},
    database::{Database, Failure, OnConstraint, Tx},
    error::AppError,
    idempotency::{self, Changed, Key, Made},
    time,
};

/// The number of days of times in a preview.
const DAYS: i32 = 14;

/// The command to change a schedule.
#[derive(Clone, Debug)]
pub struct Edit {
    pub caller: Caller,
    pub doctor_id: i64,
    /// The version of the doctor that the caller has read (C7).
    pub version: i32,
    pub act: Act,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// The effect of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    pub version: i32,
    /// The id of an absence that was added.
    #[serde(default)]
    pub id: Option<i64>,
    /// The list of whom to call, where an absence hit somebody.
    #[serde(default)]
    pub call_list: Option<i64>,
    /// The appointments outside the new schedule, which stay booked and need somebody's attention.
    pub no_longer_held: Vec<Summary>,
}

/// The effect that a change would have.
#[derive(Clone, Debug)]
pub struct Preview {
    pub no_longer_held: Vec<Appointment>,
    /// Stands for these appointments as they are: whoever decides sends it along.
    pub decided_on: String,
    /// The days of what the doctor offers that would have times.
    pub days: Vec<(Offering, Vec<Day>)>,
}

/// Changes a schedule. Appointments stay as they are.
///
/// The lock waits for bookings in flight, which hold the doctor `for share`, and they for it: after this has
/// answered, nothing is booked that the new plan does not offer, and whoever booked before is in the answer.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's, and for what is not there; `STALE_VERSION` where somebody changed it
/// since the caller read it; `INVALID_DATE_RANGE`, `VALIDATION_FAILED`, `IDEMPOTENCY_CONFLICT`.
pub async fn edit(database: &Database, command: Edit, now: Timestamp) -> Result<Edited, AppError> {
    edit_as_decided(database, command, AsDecided::unasked(), now).await
}

/// Changes a schedule, if it hits nobody else than whom the caller decided on.
///
/// # Errors
/// Those of [`edit`]; `AFFECTED_CHANGED` where somebody booked, moved or cancelled since the question.
pub async fn edit_as_decided(
    database: &Database,
    mut command: Edit,
    decided: AsDecided,
    now: Timestamp,
) -> Result<Edited, AppError> {
    command.act = command.act.checked()?;
    database
        .write("schedule.edit", move |tx| {
            attempt(tx, command.clone(), decided.clone(), now)
        })
        .await
}

/// Whom a change of a schedule would hit, before it is made.
///
/// # Errors
/// Those of [`edit`].
pub async fn ask_to_edit(database: &Database, command: Edit, now: Timestamp) -> Result<Question, AppError> {
    let caller = command.caller.clone();
    let preview = preview(database, command, now).await?;
    Question::about(database, &caller, &preview.no_longer_held, now).await
}

async fn attempt(mut tx: Tx, command: Edit, decided: AsDecided, now: Timestamp) -> Result<Edited, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let (doctor, id, no_longer_held) = change(&mut tx, &command, now).await?;
    decided.check(&no_longer_held)?;
    let act = &command.act;
    let version = count_change(
        &mut tx,
        &doctor,
        act.clinic_id(),
        act.name(),
        &command.caller,
        now,
    )
    .await?;
    if act.may_open_times() {
        tell_plan_opened(&mut tx, [doctor.id]);
    }
    let no_longer_held: Vec<Summary> = no_longer_held.iter().map(Summary::from).collect();
    let call_list = match act {
        Act::Absence { clinic_id, dates } => {
            let list = NewList {
                doctor_id: Some(doctor.id),
                clinic_id: *clinic_id,
                why: Why::Absence,
                days: (dates.first_day, dates.last_day),
                made_by: command.caller.staff_id().ok_or(AppError::NotFound)?,
            };
            open_list(&mut tx, &list, &no_longer_held, now).await?
        }
        _ => None,
    };
    let edited = Edited {
        version,
        id,
        call_list,
        no_longer_held,
    };
    let made = Made::Version {
        changed: Changed::Doctor,
        id: doctor.id,
        version,
    };
    idempotency::answer(&mut tx, key, &edited, &[made]).await?;
    tx.commit().await?;
    Ok(edited)
}

/// Dry run: makes the edit, reports its effect and rolls back.
///
/// # Errors
/// Those of [`edit`].
pub async fn preview(database: &Database, mut command: Edit, now: Timestamp) -> Result<Preview, AppError> {
    command.act = command.act.checked()?;
    database
        .write("schedule.preview", move |tx| try_out(tx, command.clone(), now))
        .await
}

/// Never commits.
async fn try_out(mut tx: Tx, command: Edit, now: Timestamp) -> Result<Preview, Failure> {
    let (doctor, _, no_longer_held) = change(&mut tx, &command, now).await?;
    let mut offerings = offerings_of(&mut tx, doctor.id).await?;
    let clinic_id = command.act.clinic_id();
    offerings.retain(|offering| {
        let is_theirs = !command.caller.is_kept_from(offering.clinic_id);
        is_theirs && clinic_id.is_none_or(|id| id == offering.clinic_id)
    });
    let today = time::local_date(now, &jiff::tz::TimeZone::UTC);
    // A day more on each side: today is not the same date everywhere.
    let (first, last) = (
        today.saturating_sub(1.day()),
        today.saturating_add((DAYS + 1).days()),
    );
    let calendars = calendars(&mut tx, &offerings, first, last, &Except::default(), now).await?;
    let days = offerings
        .into_iter()
        .zip(calendars)
        .map(|(offering, calendar)| {
            let days = calendar
                .window()
                .0
                .series(1.day())
                .take(usize::try_from(DAYS).unwrap_or(0))
                .map(|date| calendar.day(date))
                .filter(|day| !day.slots.is_empty())
                .collect();
            (offering, days)
        })
        .collect();
    Ok(Preview {
        decided_on: digest_of(&no_longer_held),
        no_longer_held,
        days,
    })
}

/// Does it, up to the point where it could still be taken back.
async fn change(
    tx: &mut Tx,
    command: &Edit,
    now: Timestamp,
) -> Result<(LockedDoctor, Option<i64>, Vec<Appointment>), Failure> {
    command.act.must_be_theirs(&command.caller, command.doctor_id)?;
    let doctor = lock_seen(tx, command.doctor_id, command.version).await?;
    let booked = Booked::of(tx, &[doctor.id], now).await?;
    let before = booked.misfits(tx).await?;
    must_be_there(tx, &doctor, &command.caller, &command.act).await?;
    let id = apply(tx, &doctor, &command.act, now).await?;
    let no_longer_held = booked.no_longer_held(tx, &before).await?;
    Ok((doctor, id, no_longer_held))
}

/// Refuses whoever is of named clinics and would plan a doctor who is not there, or take an absence away that is not of their
/// clinics alone.
async fn must_be_there(
    tx: &mut Tx,
    doctor: &LockedDoctor,
    caller: &Caller,
    act: &Act,
) -> Result<(), Failure> {
    if caller.clinics().is_none() {
        return Ok(());
    }
    let clinic_id = match (act, act.clinic_id()) {
        (Act::RemoveAbsence { id }, _) => sqlx::query_scalar!(
            "select clinic_id from time_off where id = $1 and doctor_id = $2",
            id,
            doctor.id,
        )
        .fetch_optional(&mut **tx)
        .await?
        .flatten(),
        (_, clinic_id) => clinic_id,
    };
    let clinic_id = clinic_id.ok_or(AppError::NotFound)?;
    caller.must_be_of(clinic_id)?;
    let is_there = sqlx::query_scalar!(
        r#"select exists (select from offers where doctor_id = $1 and clinic_id = $2)
               or exists (select from working_hours where doctor_id = $1 and clinic_id = $2) as "is_there!""#,
        doctor.id,
        clinic_id,
    )
    .fetch_one(&mut **tx)
    .await?;
    match is_there {
        true => Ok(()),
        false => Err(AppError::NotFound.into()),
    }
}

/// Writes a change to the schedule of a locked doctor, and answers with the id of an absence that it adds.
///
/// # Errors
/// `NOT_FOUND` for what is not there.
pub async fn apply(
    tx: &mut Tx,
    doctor: &LockedDoctor,
    act: &Act,
    now: Timestamp,
) -> Result<Option<i64>, Failure> {
    match act {
        Act::Week { clinic_id, week } => put_week(tx, doctor, *clinic_id, week).await?,
        Act::Exception {
            clinic_id,
            day,
            plan,
            note,
        } => {
            put_exception(tx, doctor, *clinic_id, *day, plan, note).await?;
        }
        Act::StopDay { clinic_id, day, note } => {
            stop(tx, doctor, (*clinic_id, *day), note, now).await?;
        }
        Act::OpenDay { clinic_id, day } => open(tx, doctor, *clinic_id, *day).await?,
        Act::RemoveException { clinic_id, day } => {
            let removed = sqlx::query!(
                "delete from plan_exceptions where doctor_id = $1 and clinic_id = $2 and day = $3",
                doctor.id,
                clinic_id,
                day.to_sqlx() as _,
            )
            .execute(&mut **tx)
            .await?;
            was_there(removed.rows_affected())?;
        }
        Act::Absence { clinic_id, dates } => {
            return put_time_off(tx, Some(doctor.id), *clinic_id, dates)
                .await
                .map(Some);
        }
        Act::RemoveAbsence { id } => {
            let removed = sqlx::query!(
                "delete from time_off where id = $1 and doctor_id = $2",
                id,
                doctor.id,
            )
            .execute(&mut **tx)
            .await?;
            was_there(removed.rows_affected())?;
        }
    }
    Ok(None)
}

fn was_there(rows: u64) -> Result<(), Failure> {
    match rows {
        0 => Err(AppError::NotFound.into()),
        _ => Ok(()),
    }
}

async fn put_week(
    tx: &mut Tx,
    doctor: &LockedDoctor,
    clinic_id: i64,
    week: &[Weekly],
) -> Result<(), Failure> {
    sqlx::query!(
        "delete from working_hours where doctor_id = $1 and clinic_id = $2",
        doctor.id,
        clinic_id,
    )
    .execute(&mut **tx)
    .await?;
    let date = |date: Option<civil::Date>| date.map(ToSqlx::to_sqlx);
    let weekdays: Vec<i16> = week
        .iter()
        .map(|weekly| weekly.weekday.to_monday_one_offset().into())
        .collect();
    let from: Vec<i32> = week.iter().map(|weekly| weekly.hours.from_minute).collect();
    let until: Vec<i32> = week.iter().map(|weekly| weekly.hours.until_minute).collect();
    let breaks: Vec<bool> = week.iter().map(|weekly| weekly.is_break).collect();
    let valid_from: Vec<_> = week.iter().map(|weekly| date(weekly.valid_from)).collect();
    let valid_until: Vec<_> = week.iter().map(|weekly| date(weekly.valid_until)).collect();
    sqlx::query!(
        "insert into working_hours
             (doctor_id, clinic_id, weekday, from_minute, until_minute, is_break, valid_from, valid_until)
         select $1, $2, weekly.*
         from unnest($3::smallint[], $4::integer[], $5::integer[], $6::boolean[], $7::date[], $8::date[]) as weekly",
        doctor.id,
        clinic_id,
        &weekdays,
        &from,
        &until,
        &breaks,
        &valid_from as _,
        &valid_until as _,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("working_hours_clinic_id_fkey", AppError::NotFound)?;
    Ok(())
}

/// Writes an absence, or a closure where there is no doctor.
pub(super) async fn put_time_off(
    tx: &mut Tx,
    doctor_id: Option<i64>,
    clinic_id: Option<i64>,
    dates: &Dates,
) -> Result<i64, Failure> {
    sqlx::query_scalar!(
        "insert into time_off
             (doctor_id, clinic_id, first_day, last_day, from_minute, until_minute, yearly, note)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         returning id",
        doctor_id,
        clinic_id,
        dates.first_day.to_sqlx() as _,
        dates.last_day.to_sqlx() as _,
        dates.hours.map(|hours| hours.from_minute),
        dates.hours.map(|hours| hours.until_minute),
        dates.yearly,
        dates.note,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("time_off_clinic_id_fkey", AppError::NotFound)
}
