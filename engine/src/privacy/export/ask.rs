//! Asking for a copy of the data of a patient.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    account::{Caller, note_by},
    audit::{self, Kind},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    i18n::Locale,
    privacy::must_be_theirs,
    time::plus_minutes,
};

/// The command to make a copy of the data of a patient.
#[derive(Clone, Debug)]
pub struct AskExport {
    /// The patient, the holder of their phone, or an admin of all clinics. Who it is has been proved anew.
    pub caller: Caller,
    pub patient_id: i64,
    /// The language of the page in it.
    pub locale: Locale,
}

/// The minutes for which nobody needs another copy: the same button pressed twice.
const SAME_MINUTES: i64 = 2;

/// Asks for a copy of the data of a patient. A new one takes the place of the one before; asked for twice in a row, it is one.
///
/// # Errors
/// `NOT_FOUND` for somebody else's record, and one that is closed or a part of another one.
pub async fn ask(database: &Database, command: AskExport, now: Timestamp) -> Result<(), AppError> {
    must_be_theirs(&command.caller, command.patient_id)?;
    let note = note_by(&command.caller, Kind::Export)
        .of_patient(command.patient_id)
        .about("patient");
    let told = note.clone();
    database
        .write("privacy.ask_export", move |tx| {
            attempt(tx, command.clone(), note.clone(), now)
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

async fn attempt(mut tx: Tx, command: AskExport, note: audit::Note, now: Timestamp) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients where id = $1 and active for no key update",
        command.patient_id
    );
    locking(Lock::Patient, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    sqlx::query!(
        "insert into patient_exports as known (patient_id, asked_at, by_patient_id, by_staff_id, locale)
         values ($1, $2, $3, $4, $5)
         on conflict (patient_id) do update
         set asked_at = excluded.asked_at, by_patient_id = excluded.by_patient_id, by_staff_id = excluded.by_staff_id,
             locale = excluded.locale, made_at = null, content = null, attempts = 0, taken_until = null
         where known.asked_at <= $6",
        command.patient_id,
        now.to_sqlx(),
        command.caller.patient_id(),
        command.caller.staff_id(),
        command.locale.code(),
        plus_minutes(now, -SAME_MINUTES).to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    audit::write(&mut tx, &note).await?;
    tx.commit().await
}
