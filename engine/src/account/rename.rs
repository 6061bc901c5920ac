//! Changing the name of a patient. Who did it, and what it was before, is recorded.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Caller, note_by};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// What of a patient was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Name,
    Birthday,
    /// The note of the desk.
    Note,
}

impl Part {
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Birthday => "birthday",
            Self::Note => "note",
        }
    }
}

/// Changes the name of a patient, by the patient or by the holder of the phone. The same name once more changes nothing.
///
/// # Errors
/// `NOT_FOUND` for a patient for whom the caller does not act.
pub async fn rename(
    database: &Database,
    caller: Caller,
    patient_id: i64,
    name: String,
    now: Timestamp,
) -> Result<(), AppError> {
    if caller.patient_id().is_none() || !caller.acts_for(Some(patient_id)) {
        return Err(AppError::NotFound);
    }
    let note = database
        .write("account.rename", move |tx| {
            attempt(tx, caller.clone(), patient_id, name.clone(), now)
        })
        .await?;
    if let Some(note) = note {
        audit::tell(database, &note);
    }
    Ok(())
}

async fn attempt(
    mut tx: Tx,
    caller: Caller,
    patient_id: i64,
    name: String,
    now: Timestamp,
) -> Result<Option<Note>, Failure> {
    let locked = sqlx::query_scalar!(
        r#"select coalesce(name, '') as "name!" from patients where id = $1 and active for no key update"#,
        patient_id,
    );
    let before = locking(Lock::Patient, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    if before == name {
        return Ok(None);
    }
    write_name(&mut tx, patient_id, &name).await?;
    record_change(&mut tx, &caller, patient_id, (Part::Name, &before, &name), now).await?;
    let note = changed(&caller, patient_id);
    audit::write(&mut tx, &note).await?;
    tx.commit().await?;
    Ok(Some(note))
}

/// The note that somebody changed what is kept about a patient.
pub(crate) fn changed(caller: &Caller, patient_id: i64) -> Note {
    note_by(caller, Kind::PatientChanged).of_patient(patient_id)
}

/// Writes the name of a locked patient.
pub(crate) async fn write_name(tx: &mut Tx, patient_id: i64, name: &str) -> Result<(), Failure> {
    sqlx::query!("update patients set name = $2 where id = $1", patient_id, name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Records a change of a patient: what, from what, and to what.
pub(crate) async fn record_change(
    tx: &mut Tx,
    caller: &Caller,
    patient_id: i64,
    (what, before, after): (Part, &str, &str),
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into patient_changes (patient_id, changed_at, what, before, after, staff_id, by_patient_id)
         values ($1, $2, $3, $4, $5, $6, $7)",
        patient_id,
        now.to_sqlx(),
        what.name(),
        before,
        after,
        caller.staff_id(),
        caller.patient_id(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
