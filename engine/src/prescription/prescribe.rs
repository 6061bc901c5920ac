//! Prescribing, and reading what was prescribed.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::Medication;
use crate::{
    account::Caller,
    appointment::{Appointment, AppointmentName, Item, Locked, Status, lock, of_patient_with_doctor, peek},
    database::{Database, Failure, OnConstraint, Tx},
    error::AppError,
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

/// A prescription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prescription {
    pub id: i64,
    pub appointment_id: i64,
    pub written_at: Timestamp,
    pub note: String,
    pub medications: Vec<Medication>,
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
    let Caller::Doctor { .. } = command.caller else {
        return Err(AppError::NotFound.into());
    };
    if !appointment.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    if !is_time_to_prescribe(appointment.status) {
        return Err(AppError::InvalidTransition {
            appointment_id: id,
            from: appointment.status,
            to: Status::InProgress,
        }
        .into());
    }
    if exists(&mut tx, id).await? {
        return Err(AppError::PrescriptionExists.into());
    }
    let prescription_id = insert(&mut tx, &appointment, &command, now).await?;
    idempotency::answer(&mut tx, key, &prescription_id, &[]).await?;
    tx.commit().await?;
    Ok(prescription_id)
}

async fn exists(tx: &mut Tx, appointment_id: i64) -> Result<bool, Failure> {
    let exists = sqlx::query_scalar!(
        r#"select exists (select from prescriptions where appointment_id = $1) as "exists!""#,
        appointment_id,
    );
    Ok(exists.fetch_one(&mut **tx).await?)
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

/// The prescription of an appointment, for its patient and its doctor.
///
/// # Errors
/// `NOT_FOUND`, also for what is somebody else's.
pub async fn find(database: &Database, caller: Caller, reference: String) -> Result<Prescription, AppError> {
    database
        .read("prescription.find", move |mut connection| async move {
            of_which(&mut connection, &caller, &reference.into()).await
        })
        .await
}

/// A prescription by its id, for its patient and its doctor.
///
/// # Errors
/// `NOT_FOUND`, also for what is somebody else's.
pub async fn find_by_id(database: &Database, caller: Caller, id: i64) -> Result<Prescription, AppError> {
    database
        .read("prescription.find_by_id", move |mut connection| async move {
            let appointment_id =
                sqlx::query_scalar!("select appointment_id from prescriptions where id = $1", id)
                    .fetch_optional(&mut *connection)
                    .await?
                    .ok_or(AppError::NotFound)?;
            of_which(&mut connection, &caller, &AppointmentName::Id(appointment_id)).await
        })
        .await
}

/// A search for prescriptions.
#[derive(Clone, Debug)]
pub struct Listing {
    pub patient_id: Option<i64>,
    pub appointment_id: Option<i64>,
    /// The id of the last one that the caller has.
    pub before: Option<i64>,
    pub limit: i64,
}

/// Prescriptions, newest first: a patient's own and the family's, and those that a doctor wrote.
///
/// # Errors
/// `FORBIDDEN` for admins, who have no business with them.
pub async fn listing(
    database: &Database,
    caller: Caller,
    listing: Listing,
) -> Result<Vec<Prescription>, AppError> {
    let (own, of_doctor) = match caller {
        Caller::Patient { .. } => (Some(caller.patient_ids()), None),
        Caller::Doctor { doctor_id, .. } => (None, Some(doctor_id)),
        Caller::Admin { .. } => return Err(AppError::Forbidden),
    };
    database
        .read("prescription.listing", move |mut connection| async move {
            let ids = sqlx::query_scalar!(
                "select appointment_id from prescriptions
                 join appointments on appointments.id = appointment_id
                 where ($1::bigint[] is null or patient_id = any($1))
                   and ($2::bigint is null or doctor_id = $2)
                   and ($3::bigint is null or patient_id = $3)
                   and ($4::bigint is null or appointment_id = $4)
                   and ($5::bigint is null or prescriptions.id < $5)
                 order by prescriptions.id desc limit $6",
                own.as_deref(),
                of_doctor,
                listing.patient_id,
                listing.appointment_id,
                listing.before,
                listing.limit,
            )
            .fetch_all(&mut *connection)
            .await?;
            let mut prescriptions: Vec<Prescription> = of_appointments(&mut connection, &ids)
                .await?
                .into_values()
                .collect();
            prescriptions.sort_by_key(|prescription| std::cmp::Reverse(prescription.id));
            Ok(prescriptions)
        })
        .await
}

async fn of_which(
    connection: &mut PgConnection,
    caller: &Caller,
    which: &AppointmentName,
) -> Result<Prescription, Failure> {
    let appointment = peek(connection, which).await?;
    let is_theirs = match caller {
        Caller::Patient { .. } | Caller::Doctor { .. } => appointment.is_visible_to(caller),
        Caller::Admin { .. } => false,
    };
    if !is_theirs {
        return Err(AppError::NotFound.into());
    }
    of_appointments(connection, &[appointment.id])
        .await?
        .remove(&appointment.id)
        .ok_or(AppError::NotFound.into())
}

/// The prescriptions of these appointments, by appointment; whether the caller may see them is not asked.
///
/// # Errors
/// Those of the database.
pub async fn of_appointments(
    connection: &mut PgConnection,
    appointment_ids: &[i64],
) -> Result<HashMap<i64, Prescription>, Failure> {
    let rows = sqlx::query!(
        r#"select prescriptions.id, appointment_id, written_at, prescriptions.note,
                  name, dose, frequency, duration, medications.note as medication_note
           from prescriptions
           join medications on prescription_id = prescriptions.id
           where appointment_id = any($1)
           order by prescriptions.id, position"#,
        appointment_ids,
    )
    .fetch_all(connection)
    .await?;
    let mut prescriptions = HashMap::<i64, Prescription>::new();
    for row in rows {
        prescriptions
            .entry(row.appointment_id)
            .or_insert_with(|| Prescription {
                id: row.id,
                appointment_id: row.appointment_id,
                written_at: row.written_at.to_jiff(),
                note: row.note,
                medications: Vec::new(),
            })
            .medications
            .push(Medication {
                name: row.name,
                dose: row.dose,
                frequency: row.frequency,
                duration: row.duration,
                note: row.medication_note,
            });
    }
    Ok(prescriptions)
}

/// A patient's appointments with a doctor, newest first, and what was prescribed at each.
///
/// # Errors
/// `NOT_FOUND` for a patient who has none: who else is a patient is not for this doctor to know.
pub async fn history(
    database: &Database,
    doctor_id: i64,
    patient_id: i64,
) -> Result<Vec<(Item, Option<Prescription>)>, AppError> {
    database
        .read("prescription.history", move |mut connection| async move {
            let items = of_patient_with_doctor(&mut connection, patient_id, doctor_id).await?;
            if items.is_empty() {
                return Err(AppError::NotFound.into());
            }
            let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
            let mut prescriptions = of_appointments(&mut connection, &ids).await?;
            Ok(items
                .into_iter()
                .map(|item| {
                    let prescription = prescriptions.remove(&item.id);
                    (item, prescription)
                })
                .collect())
        })
        .await
}
