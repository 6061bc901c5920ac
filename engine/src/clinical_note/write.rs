//! Writing a clinical note.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::MAX_NOTE;
use crate::{
    account::Caller,
    appointment::{AppointmentName, lock, peek},
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Field},
    idempotency::{self, Key},
    text::typed,
};

/// The command to write the note of an appointment anew.
#[derive(Clone, Debug)]
pub struct WriteNote {
    pub caller: Caller,
    pub which: AppointmentName,
    /// The version that the caller has read; 0 where there was none.
    pub version: i32,
    /// Empty to take the note out.
    pub text: String,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Writes the next version of a note, and answers with its number. The same text again makes no version.
///
/// # Errors
/// `NOT_FOUND` for everybody but the appointment's doctor; `STALE_VERSION` where somebody wrote since the caller read it;
/// `VALIDATION_FAILED`, `IDEMPOTENCY_CONFLICT`.
pub async fn write(database: &Database, mut command: WriteNote, now: Timestamp) -> Result<i32, AppError> {
    command.text = typed(Field::ClinicalNote, &command.text, MAX_NOTE)?;
    database
        .write("clinical_note.write", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: WriteNote, now: Timestamp) -> Result<i32, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let Caller::Doctor { staff_id, .. } = command.caller else {
        return Err(AppError::NotFound.into());
    };
    let id = peek(&mut tx, &command.which).await?.id;
    let appointment = lock(&mut tx, id).await?;
    if !appointment.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    let latest = sqlx::query!(
        "select version, body from clinical_notes where appointment_id = $1 order by version desc limit 1",
        appointment.id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let (version, text) = latest.map_or((0, String::new()), |latest| (latest.version, latest.body));
    if text == command.text {
        // Nothing is lost: what holds is what was written.
        return Ok(version);
    }
    if version != command.version {
        return Err(AppError::StaleText.into());
    }
    let next = version + 1;
    sqlx::query!(
        "insert into clinical_notes (appointment_id, version, staff_id, body, written_at) values ($1, $2, $3, $4, $5)",
        appointment.id,
        next,
        staff_id,
        command.text,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await
    .on_constraint("clinical_notes_pkey", AppError::StaleText)?;
    idempotency::answer(&mut tx, key, &next, &[]).await?;
    tx.commit().await?;
    Ok(next)
}
