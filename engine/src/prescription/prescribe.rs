//! Prescribing.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::Medication;
use crate::{
    account::Caller,
    appointment::{Appointment, AppointmentName, Locked, Status, lock, peek},
    database::{Database, Failure, OnConstraint, Tx},
    error::AppError,
    event::Event,
    idempotency::{self, Key},
};

/// The command to write a prescription.
#[derive(Clone, Debug)]
pub struct Prescribe {
    pub caller: Caller,
    pub which: AppointmentName,
    /// The medications, at least one, all checked.
    pub medications: Vec<Medication>,
    pub note: String,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Whether a doctor may prescribe at an appointment in this status.
pub fn is_time_to_prescribe(status: Status) -> bool {
    matches!(status, Status::InProgress | Status::Completed)
}

/// Writes the prescription of an appointment, and answers with its id (A4).
///
/// # Errors
/// `NOT_FOUND` for everybody but the appointment's doctor; `INVALID_TRANSITION` before the visit has
/// begun, or where it will not be; `PRESCRIPTION_EXISTS`, `IDEMPOTENCY_CONFLICT`.
pub async fn prescribe(database: &Database, command: Prescribe, now: Timestamp) -> Result<i64, AppError> {
    database
        .write("prescription.prescribe", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: Prescribe, now: Timestamp) -> Result<i64, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let id = peek(&mut tx, &command.which).await?.id;
    let appointment = lock(&mut tx, id).await?;
    must_be_possible(&mut tx, &appointment, &command.caller).await?;
    let prescription_id = insert(&mut tx, &appointment, &command, now).await?;
    idempotency::answer(&mut tx, key, &prescription_id, &[]).await?;
    tx.tell(Event::PrescriptionWritten { appointment_id: id });
    tx.commit().await?;
    Ok(prescription_id)
}

/// Refuses what [`prescribe`] would refuse, and writes nothing: a prescription is shown to its doctor before it is signed.
///
/// # Errors
/// Those of [`prescribe`].
pub async fn may_prescribe(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
) -> Result<(), AppError> {
    database
        .read("prescription.may_prescribe", move |mut connection| async move {
            let appointment = peek(&mut connection, &which).await?;
            must_be_possible(&mut connection, &appointment, &caller).await
        })
        .await
}

async fn must_be_possible(
    connection: &mut PgConnection,
    appointment: &Appointment,
    caller: &Caller,
) -> Result<(), Failure> {
    let is_doctors = matches!(caller, Caller::Doctor { .. });
    if !is_doctors || !appointment.is_visible_to(caller) {
        return Err(AppError::NotFound.into());
    }
    if !is_time_to_prescribe(appointment.status) {
        return Err(AppError::InvalidTransition {
            appointment_id: appointment.id,
            from: appointment.status,
            to: Status::InProgress,
        }
        .into());
    }
    match stands(connection, appointment.id).await? {
        true => Err(AppError::PrescriptionExists.into()),
        false => Ok(()),
    }
}

async fn stands(connection: &mut PgConnection, appointment_id: i64) -> Result<bool, Failure> {
    let stands = sqlx::query_scalar!(
        r#"select exists (select from prescriptions where appointment_id = $1 and withdrawn_at is null) as "stands!""#,
        appointment_id,
    );
    Ok(stands.fetch_one(connection).await?)
}

async fn insert(
    tx: &mut Tx,
    appointment: &Locked<Appointment>,
    command: &Prescribe,
    now: Timestamp,
) -> Result<i64, Failure> {
    let prescription_id = sqlx::query_scalar!(
        "insert into prescriptions (appointment_id, note, written_at) values ($1, $2, $3) returning id",
        appointment.id,
        command.note,
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("prescriptions_appointment_id_key", AppError::PrescriptionExists)?;
    let column = |part: fn(&Medication) -> &String| -> Vec<String> {
        command.medications.iter().map(|row| part(row).clone()).collect()
    };
    sqlx::query!(
        "insert into medications (prescription_id, position, name, dose, frequency, duration, note)
         select $1, position, name, dose, frequency, duration, note
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) with ordinality
              as made (name, dose, frequency, duration, note, position)",
        prescription_id,
        &column(|row| &row.name),
        &column(|row| &row.dose),
        &column(|row| &row.frequency),
        &column(|row| &row.duration),
        &column(|row| &row.note),
    )
    .execute(&mut **tx)
    .await?;
    Ok(prescription_id)
}
