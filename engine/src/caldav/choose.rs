//! Choosing the calendars of an account that are meant.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    account::{doctor, lock, lock_doctor},
    rules::State,
};
use crate::{
    account::{Caller, note_by},
    audit::{self, Kind as Noted, Note},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    event::Event,
};

/// The choice of a doctor.
#[derive(Clone, Debug)]
pub struct Choice {
    pub caller: Caller,
    pub account_id: i64,
    /// The calendar that appointments are written to; none for no one.
    pub written: Option<i64>,
    /// The calendars in which the doctor is busy.
    pub busy: Vec<i64>,
    /// Whether names are written.
    pub details: bool,
}

/// Chooses calendars. What was written to another one before is taken out there; what is to come is written to this one. A second
/// request changes nothing.
///
/// # Errors
/// `NOT_FOUND`; `VALIDATION_FAILED` for a calendar that is not of this account, and where nothing is chosen.
pub async fn choose(database: &Database, choice: Choice, now: Timestamp) -> Result<(), AppError> {
    if choice.written.is_none() && choice.busy.is_empty() {
        return Err(AppError::invalid(Field::CalendarWritten, FieldProblem::Missing));
    }
    let note = note_by(&choice.caller, Noted::CalendarChanged).about("chosen");
    let told = note.clone();
    database
        .write("caldav.choose", move |tx| {
            attempt(tx, choice.clone(), note.clone(), now)
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

async fn attempt(mut tx: Tx, choice: Choice, note: Note, now: Timestamp) -> Result<(), Failure> {
    let (doctor_id, id) = (doctor(&choice.caller)?, choice.account_id);
    // Nobody books meanwhile: what was booked before is seen here, and who books afterwards sees this.
    lock_doctor(&mut tx, doctor_id).await?;
    let state = lock(&mut tx, &choice.caller, id).await?;
    if state == State::Ending {
        return Err(AppError::NotFound.into());
    }
    let known = sqlx::query!(
        "select id, can_write from calendar_collections where account_id = $1 and not is_left",
        id
    )
    .fetch_all(&mut *tx)
    .await?;
    let is_known = |chosen: i64| known.iter().any(|one| one.id == chosen);
    let can_be_written = choice
        .written
        .is_none_or(|chosen| known.iter().any(|one| one.id == chosen && one.can_write));
    if !can_be_written || !choice.busy.iter().copied().all(is_known) {
        return Err(AppError::invalid(Field::CalendarWritten, FieldProblem::Malformed).into());
    }
    // At most one is written at every moment, also between two statements.
    sqlx::query!(
        "update calendar_collections set is_written = false
         where account_id = $1 and is_written and id is distinct from $2",
        id,
        choice.written,
    )
    .execute(&mut *tx)
    .await?;
    // What is read anew is listed as a whole.
    sqlx::query!(
        "update calendar_collections
         set is_written = id is not distinct from $2, reads_busy = id = any ($3), sync_token = null, listed_at = null
         where account_id = $1
           and (is_written, reads_busy) is distinct from (id is not distinct from $2, id = any ($3))",
        id,
        choice.written,
        &choice.busy,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from calendar_items using calendar_collections
         where calendar_collections.id = collection_id and account_id = $1 and listed_at is null",
        id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update calendar_accounts
         set state = case state when 'choosing' then 'active' else state end, details = $2, version = version + 1, pull_at = $3
         where id = $1",
        id,
        choice.details,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    write_all(&mut tx, id, doctor_id, now).await?;
    audit::write(&mut tx, &note).await?;
    // What is read from there no more takes no times.
    tx.tell(Event::TimesChanged { doctor_id });
    tx.tell(Event::CalendarDue);
    tx.commit().await
}

/// Has everything written that is to come, and looked at that was written before.
///
/// # Errors
/// Those of the database.
pub(super) async fn write_all(
    tx: &mut Tx,
    account_id: i64,
    doctor_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into calendar_jobs (account_id, appointment_id, action, due_at)
         select $1, id, 'put', $3 from (
             select id from appointments
             where doctor_id = $2 and starts_at > $3 and group_id is null and status in ('pending', 'confirmed')
             union
             select appointment_id from calendar_events where account_id = $1
         ) as wanted (id)
         order by id
         on conflict on constraint calendar_jobs_once do update set
             changes = calendar_jobs.changes + 1, due_at = least(calendar_jobs.due_at, excluded.due_at), attempts = 0",
        account_id,
        doctor_id,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
