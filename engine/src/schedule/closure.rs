//! Closing a clinic, or the whole organisation.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{
    Booked, Dates,
    affected::{AsDecided, Question},
    calls::{NewList, Why, open_list},
    edit::put_time_off,
    read::{Off, time_off},
};
use crate::{
    account::{Caller, must_be_admin, must_plan},
    appointment::{Appointment, Summary},
    availability::{tell_plan_opened, tell_times_changed},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    idempotency::{self, Key, Made},
    time,
};

/// The command to close a clinic, or all clinics.
#[derive(Clone, Debug)]
pub struct Close {
    pub caller: Caller,
    /// The clinic; all clinics if it is missing.
    pub clinic_id: Option<i64>,
    pub dates: Dates,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// The effect of closing a clinic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub id: i64,
    /// The appointments that stay booked and need somebody's attention.
    pub no_longer_held: Vec<Summary>,
    /// The list of whom to call, where the closure hit somebody.
    #[serde(default)]
    pub call_list: Option<i64>,
}

/// Closes a clinic, or all of them, on some dates. Appointments stay as they are; whoever booked before is in the
/// answer, and nobody books then after it.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of the clinic, or of all of them; `INVALID_DATE_RANGE`, `VALIDATION_FAILED`,
/// `IDEMPOTENCY_CONFLICT`.
pub async fn close(database: &Database, command: Close, now: Timestamp) -> Result<Closed, AppError> {
    close_as_decided(database, command, AsDecided::unasked(), now).await
}

/// Closes a clinic, or all of them, if that hits nobody else than whom the caller decided on.
///
/// # Errors
/// Those of [`close`]; `AFFECTED_CHANGED` where somebody booked, moved or cancelled since the question.
pub async fn close_as_decided(
    database: &Database,
    mut command: Close,
    decided: AsDecided,
    now: Timestamp,
) -> Result<Closed, AppError> {
    must_close(&command.caller, command.clinic_id)?;
    command.dates = command.dates.checked()?;
    database
        .write("schedule.close", move |tx| {
            attempt(tx, command.clone(), decided.clone(), now)
        })
        .await
}

/// Whom a closure would hit, before it is saved.
///
/// # Errors
/// Those of [`close`].
pub async fn ask_to_close(
    database: &Database,
    mut command: Close,
    now: Timestamp,
) -> Result<Question, AppError> {
    must_close(&command.caller, command.clinic_id)?;
    command.dates = command.dates.checked()?;
    let caller = command.caller.clone();
    // Never commits.
    let affected = database
        .write("schedule.ask_to_close", move |mut tx| {
            let command = command.clone();
            async move {
                // Nobody waits for a question: whoever books meanwhile is met when it is decided.
                let doctors = doctors_at(&mut tx, command.clinic_id, now).await?;
                Ok(put(&mut tx, &doctors, &command, now).await?.1)
            }
        })
        .await?;
    Question::about(database, &caller, &affected, now).await
}

/// Refuses everybody but admins of the clinic; all clinics are closed by who has all of them.
fn must_close(caller: &Caller, clinic_id: Option<i64>) -> Result<(), AppError> {
    match clinic_id {
        Some(clinic_id) => must_plan(caller).and_then(|()| caller.must_be_of(clinic_id)),
        None => must_be_admin(caller),
    }
}

/// Writes the closure, and answers with its id and with whom it hits.
async fn put(
    tx: &mut Tx,
    doctors: &[i64],
    command: &Close,
    now: Timestamp,
) -> Result<(i64, Vec<Appointment>), Failure> {
    let booked = Booked::of(tx, doctors, now).await?;
    let before = booked.misfits(tx).await?;
    let id = put_time_off(tx, None, command.clinic_id, &command.dates).await?;
    Ok((id, booked.no_longer_held(tx, &before).await?))
}

async fn attempt(mut tx: Tx, command: Close, decided: AsDecided, now: Timestamp) -> Result<Closed, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let doctors = lock_doctors(&mut tx, command.clinic_id).await?;
    let (id, no_longer_held) = put(&mut tx, &doctors, &command, now).await?;
    decided.check(&no_longer_held)?;
    record(&mut tx, command.clinic_id, "closure", &command.caller, now).await?;
    let no_longer_held: Vec<Summary> = no_longer_held.iter().map(Summary::from).collect();
    let list = NewList {
        doctor_id: None,
        clinic_id: command.clinic_id,
        why: Why::Closure,
        days: (command.dates.first_day, command.dates.last_day),
        made_by: command.caller.staff_id().ok_or(AppError::NotFound)?,
    };
    let call_list = open_list(&mut tx, &list, &no_longer_held, now).await?;
    let closed = Closed {
        id,
        no_longer_held,
        call_list,
    };
    tell_times_changed(&mut tx, doctors);
    idempotency::answer(&mut tx, key, &closed, &[Made::Closure { time_off_id: id }]).await?;
    tx.commit().await?;
    Ok(closed)
}

/// The closures that have not passed, and the clinics that there are to be closed; for an admin of named clinics those of these,
/// and the closures of all clinics.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin.
pub async fn closures(
    database: &Database,
    caller: &Caller,
    now: Timestamp,
) -> Result<(Vec<Off>, Vec<(i64, String)>), AppError> {
    must_plan(caller)?;
    let caller = caller.clone();
    // A day ago it was no later date than today anywhere.
    let yesterday = time::local_date(now, &TimeZone::UTC).saturating_sub(1.day());
    database
        .read("schedule.closures", move |mut connection| async move {
            let is_seen = |clinic_id| !caller.is_kept_from(clinic_id);
            let mut closures = time_off(&mut connection, None, yesterday).await?;
            closures.retain(|off| off.clinic_id.is_none_or(is_seen));
            let clinics = sqlx::query!("select id, name from clinics order by name, id")
                .fetch_all(&mut *connection)
                .await?
                .into_iter()
                .map(|row| (row.id, row.name))
                .filter(|(id, _)| is_seen(*id))
                .collect();
            Ok((closures, clinics))
        })
        .await
}

/// Locks, in the order of their ids, the doctors who can be booked at a clinic, or all of them, and nobody, with whom the
/// sessions are that have no doctor: until the transaction ends, nobody books them, and whoever booked them before has
/// committed.
async fn lock_doctors(tx: &mut Tx, clinic_id: Option<i64>) -> Result<Vec<i64>, Failure> {
    let locked = sqlx::query_scalar!(
        "select id from doctors
         where $1::bigint is null or id = 0
            or exists (select from offers where doctor_id = doctors.id and clinic_id = $1)
            or exists (select from working_hours where doctor_id = doctors.id and clinic_id = $1)
         order by id
         for no key update",
        clinic_id,
    );
    Ok(locking(Lock::Doctor, locked.fetch_all(&mut **tx)).await?)
}

/// Those who can be booked at a clinic, or anywhere: doctors who offer something or work there, and whoever has a session ahead,
/// nobody among them.
async fn doctors_at(tx: &mut Tx, clinic_id: Option<i64>, now: Timestamp) -> Result<Vec<i64>, Failure> {
    let doctors = sqlx::query_scalar!(
        r#"select doctor_id as "doctor_id!" from offers where $1::bigint is null or clinic_id = $1
           union
           select doctor_id from working_hours where $1::bigint is null or clinic_id = $1
           union
           select doctor_id from groups
           where state = 'published' and starts_at > $2 and ($1::bigint is null or clinic_id = $1)
           order by 1"#,
        clinic_id,
        now.to_sqlx(),
    );
    Ok(doctors.fetch_all(&mut **tx).await?)
}

/// Removes a closure.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of its clinics, and where there is no such closure.
pub async fn reopen(database: &Database, caller: Caller, id: i64, now: Timestamp) -> Result<(), AppError> {
    must_plan(&caller)?;
    database
        .write("schedule.reopen", move |mut tx| {
            let caller = caller.clone();
            async move {
                let clinic_id = sqlx::query_scalar!(
                    "delete from time_off where id = $1 and doctor_id is null returning clinic_id",
                    id,
                )
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(AppError::NotFound)?;
                // Refused, nothing of it is committed.
                must_close(&caller, clinic_id)?;
                record(&mut tx, clinic_id, "closure_removed", &caller, now).await?;
                // Only to say so: more can be booked, so nobody has to be kept waiting.
                let doctors = doctors_at(&mut tx, clinic_id, now).await?;
                tell_plan_opened(&mut tx, doctors);
                tx.commit().await
            }
        })
        .await
}

async fn record(
    tx: &mut Tx,
    clinic_id: Option<i64>,
    what: &'static str,
    caller: &Caller,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into schedule_changes (clinic_id, changed_at, staff_id, what) values ($1, $2, $3, $4)",
        clinic_id,
        now.to_sqlx(),
        caller.staff_id().ok_or(AppError::NotFound)?,
        what,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
