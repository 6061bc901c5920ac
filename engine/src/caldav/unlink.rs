//! Unlinking an account.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::account::{doctor, lock};
use crate::{
    account::{Caller, note_by},
    audit::{self, Kind as Noted, Note},
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
};

/// Unlinks an account: nothing is read from there any more, what we wrote is taken out by the worker, and then it is forgotten
/// together with its password. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn unlink(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<(), AppError> {
    let note = note_by(caller, Noted::CalendarChanged).about("unlinked");
    let (caller, told) = (caller.clone(), note.clone());
    database
        .write("caldav.unlink", move |tx| {
            attempt(tx, caller.clone(), id, note.clone(), now)
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

async fn attempt(mut tx: Tx, caller: Caller, id: i64, note: Note, now: Timestamp) -> Result<(), Failure> {
    lock(&mut tx, &caller, id).await?;
    let done = sqlx::query!(
        "update calendar_accounts
         set state = 'ending', version = version + 1, failures = 0, failing_since = null, rest_until = null, trouble = '',
             pull_at = $2
         where id = $1 and state <> 'ending'",
        id,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    // What was read from there is given back by the worker: whoever is told of it waits for calendars.
    sqlx::query!(
        "update calendar_collections set reads_busy = false, sync_token = null where account_id = $1",
        id,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into calendar_jobs (account_id, appointment_id, action, due_at)
         select $1, appointment_id, 'delete', $2 from calendar_events where account_id = $1 order by appointment_id
         on conflict on constraint calendar_jobs_once do update set
             changes = calendar_jobs.changes + 1, due_at = excluded.due_at, attempts = 0",
        id,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    audit::write(&mut tx, &note).await?;
    tx.tell(Event::TimesChanged {
        doctor_id: doctor(&caller)?,
    });
    tx.tell(Event::CalendarDue);
    tx.commit().await
}
