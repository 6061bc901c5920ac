//! Reading what was prescribed.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::Medication;
use crate::{
    account::{
        Caller,
        reads::{self, What},
    },
    appointment::{AppointmentName, Item, of_patient_with_doctor, peek},
    database::{Database, Failure},
    error::AppError,
};

/// A prescription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prescription {
    pub id: i64,
    pub appointment_id: i64,
    pub written_at: Timestamp,
    pub note: String,
    pub medications: Vec<Medication>,
    /// None while it stands.
    pub withdrawn: Option<Withdrawn>,
}

/// The end of a prescription that is void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    pub at: Timestamp,
    pub because: String,
}

/// The prescriptions of an appointment, for its patient and its doctor: the one that stands, if there is one, and those
/// that were withdrawn, newest first.
///
/// # Errors
/// `NOT_FOUND` where there is none, and for what is somebody else's.
pub async fn find(
    database: &Database,
    caller: Caller,
    reference: String,
) -> Result<Vec<Prescription>, AppError> {
    let reader = caller.clone();
    let found = database
        .read("prescription.find", move |mut connection| async move {
            of_which(&mut connection, &caller, &reference.into()).await
        })
        .await?;
    record(database, &reader, &found).await;
    Ok(found)
}

/// A prescription by its id, for its patient and its doctor.
///
/// # Errors
/// `NOT_FOUND`, also for what is somebody else's.
pub async fn find_by_id(database: &Database, caller: Caller, id: i64) -> Result<Prescription, AppError> {
    let reader = caller.clone();
    let found = database
        .read("prescription.find_by_id", move |mut connection| async move {
            let appointment_id =
                sqlx::query_scalar!("select appointment_id from prescriptions where id = $1", id)
                    .fetch_optional(&mut *connection)
                    .await?
                    .ok_or(AppError::NotFound)?;
            let all = of_which(&mut connection, &caller, &AppointmentName::Id(appointment_id)).await?;
            Ok(all
                .into_iter()
                .find(|prescription| prescription.id == id)
                .ok_or(AppError::NotFound)?)
        })
        .await?;
    record(database, &reader, std::slice::from_ref(&found)).await;
    Ok(found)
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

/// Prescriptions, newest first, also those that were withdrawn: a patient's own and the family's, and those that a doctor wrote.
///
/// # Errors
/// `FORBIDDEN` for admins, who have no business with them.
pub async fn listing(
    database: &Database,
    caller: Caller,
    listing: Listing,
) -> Result<Vec<Prescription>, AppError> {
    let reader = caller.clone();
    let since = caller.opened_since();
    let (own, of_doctor) = match caller {
        Caller::Patient { .. } => (Some(caller.patient_ids()), None),
        Caller::Doctor { doctor_id, .. } => (None, Some(doctor_id)),
        Caller::Admin { .. } | Caller::Reception { .. } => return Err(AppError::Forbidden),
    };
    let found = database
        .read("prescription.listing", move |mut connection| async move {
            let ids = sqlx::query_scalar!(
                "select prescriptions.id from prescriptions
                 join appointments on appointments.id = appointment_id
                 where ($1::bigint[] is null or patient_id = any($1))
                   and ($2::bigint is null or doctor_id = $2)
                   and ($3::bigint is null or patient_id = $3)
                   and ($4::bigint is null or appointment_id = $4)
                   and ($5::bigint is null or prescriptions.id < $5)
                   and ($7::timestamptz is null or appointments.created_at >= $7)
                 order by prescriptions.id desc limit $6",
                own.as_deref(),
                of_doctor,
                listing.patient_id,
                listing.appointment_id,
                listing.before,
                listing.limit,
                since.map(ToSqlx::to_sqlx) as _,
            )
            .fetch_all(&mut *connection)
            .await?;
            of_ids(&mut connection, &ids).await
        })
        .await?;
    record(database, &reader, &found).await;
    Ok(found)
}

/// Records that somebody of staff read these.
async fn record(database: &Database, reader: &Caller, read: &[Prescription]) {
    let ids = read.iter().map(|one| one.appointment_id).collect();
    reads::record_of_appointments(database, reader, What::History, ids, database.now()).await;
}

async fn of_which(
    connection: &mut PgConnection,
    caller: &Caller,
    which: &AppointmentName,
) -> Result<Vec<Prescription>, Failure> {
    let appointment = peek(connection, which).await?;
    let is_theirs = match caller {
        Caller::Patient { .. } | Caller::Doctor { .. } => appointment.is_visible_to(caller),
        Caller::Admin { .. } | Caller::Reception { .. } => false,
    };
    if !is_theirs {
        return Err(AppError::NotFound.into());
    }
    let ids = sqlx::query_scalar!(
        "select id from prescriptions where appointment_id = $1",
        appointment.id
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut all = of_ids(connection, &ids).await?;
    all.sort_by_key(|prescription| prescription.withdrawn.is_some());
    match all.is_empty() {
        true => Err(AppError::NotFound.into()),
        false => Ok(all),
    }
}

/// The prescriptions with these ids, newest first; whether the caller may see them is not asked.
///
/// # Errors
/// Those of the database.
pub(super) async fn of_ids(connection: &mut PgConnection, ids: &[i64]) -> Result<Vec<Prescription>, Failure> {
    let rows = sqlx::query!(
        r#"select prescriptions.id, appointment_id, written_at, prescriptions.note, withdrawn_at, withdrawn_because,
                  name, dose, frequency, duration, medications.note as medication_note
           from prescriptions
           join medications on prescription_id = prescriptions.id
           where prescriptions.id = any($1)
           order by prescriptions.id desc, position"#,
        ids,
    )
    .fetch_all(connection)
    .await?;
    let mut prescriptions = Vec::<Prescription>::new();
    for row in rows {
        let medication = Medication {
            name: row.name,
            dose: row.dose,
            frequency: row.frequency,
            duration: row.duration,
            note: row.medication_note,
        };
        match prescriptions.last_mut() {
            Some(last) if last.id == row.id => last.medications.push(medication),
            _ => prescriptions.push(Prescription {
                id: row.id,
                appointment_id: row.appointment_id,
                written_at: row.written_at.to_jiff(),
                note: row.note,
                medications: vec![medication],
                withdrawn: row.withdrawn_at.map(|at| Withdrawn {
                    at: at.to_jiff(),
                    because: row.withdrawn_because,
                }),
            }),
        }
    }
    Ok(prescriptions)
}

/// The prescriptions that stand of these appointments, by appointment.
pub(super) async fn standing(
    connection: &mut PgConnection,
    appointment_ids: &[i64],
) -> Result<HashMap<i64, Prescription>, Failure> {
    let ids = sqlx::query_scalar!(
        "select id from prescriptions where appointment_id = any($1) and withdrawn_at is null",
        appointment_ids,
    )
    .fetch_all(&mut *connection)
    .await?;
    let standing = of_ids(connection, &ids).await?;
    Ok(standing
        .into_iter()
        .map(|prescription| (prescription.appointment_id, prescription))
        .collect())
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
            let mut prescriptions = standing(&mut connection, &ids).await?;
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
