//! What calendars elsewhere have of a person who is erased.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Failure, Tx},
    event::Event,
};

/// Has the entries of these patients written again where names are written, as they are erased in this transaction. Their
/// appointments are locked.
///
/// # Errors
/// Those of the database.
pub async fn write_without_names(tx: &mut Tx, patients: &[i64], now: Timestamp) -> Result<(), Failure> {
    let written = sqlx::query!(
        "insert into calendar_jobs (account_id, appointment_id, action, due_at)
         select account_id, appointment_id, 'put', $2
         from calendar_events
         join calendar_accounts on calendar_accounts.id = account_id and details and state <> 'ending'
         join appointments on appointments.id = appointment_id
         where patient_id = any ($1)
         order by account_id, appointment_id
         on conflict on constraint calendar_jobs_once do update set
             changes = calendar_jobs.changes + 1, due_at = excluded.due_at, attempts = 0",
        patients,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    if written.rows_affected() > 0 {
        tx.tell(Event::CalendarDue);
    }
    Ok(())
}
