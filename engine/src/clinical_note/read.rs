//! Reading clinical notes.

use jiff::{Timestamp, tz::TimeZone};
use sqlx::PgConnection;

use super::{Note, Version};
use crate::{
    account::{
        Caller,
        acquaintance::must_know,
        reads::{self, What},
    },
    appointment::{AppointmentName, Status, peek},
    database::{Database, Failure},
    error::AppError,
    time,
};

/// The newest appointments of a patient whose notes are listed.
const MOST: i64 = 200;

/// What holds of the note of an appointment of a patient.
#[derive(Clone, Debug)]
pub struct Noted {
    pub appointment_id: i64,
    pub reference: String,
    pub doctor_id: i64,
    pub doctor_name: String,
    pub starts_at: Timestamp,
    pub zone: TimeZone,
    pub note: Version,
}

/// Reads the note of an appointment, with all its versions, and records that it was read.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors who have to do with its patient.
pub async fn read(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
    now: Timestamp,
) -> Result<Note, AppError> {
    let reader = caller.clone();
    let (note, patient_id) = database
        .read("clinical_note.read", move |mut connection| async move {
            let appointment = peek(&mut connection, &which).await?;
            let patient_id = appointment.patient_id.ok_or(AppError::NotFound)?;
            let may_write = match &caller {
                Caller::Doctor { .. } if appointment.status != Status::Held => {
                    appointment.is_visible_to(&caller)
                }
                _ => return Err(AppError::NotFound.into()),
            };
            if !may_write {
                must_know(&mut connection, &caller, patient_id, now).await?;
            }
            let versions = versions(&mut connection, appointment.id).await?;
            Ok((Note { versions, may_write }, patient_id))
        })
        .await?;
    if !note.versions.is_empty() {
        reads::record(database, &reader, What::History, [patient_id], now).await;
    }
    Ok(note)
}

async fn versions(connection: &mut PgConnection, appointment_id: i64) -> Result<Vec<Version>, Failure> {
    let rows = sqlx::query!(
        "select clinical_notes.version, staff.name, written_at, body
         from clinical_notes join staff on staff.id = staff_id
         where appointment_id = $1
         order by clinical_notes.version desc",
        appointment_id,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Version {
            version: row.version,
            written_by: row.name,
            written_at: row.written_at.to_jiff(),
            text: row.body,
        })
        .collect())
}

/// Lists what holds of the notes of a patient's appointments, of whatever doctor, newest appointment first, and records that
/// they were read.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors who have to do with the patient.
pub async fn of_patient(
    database: &Database,
    caller: Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<Vec<Noted>, AppError> {
    let reader = caller.clone();
    let noted = database
        .read("clinical_note.of_patient", move |mut connection| async move {
            if !matches!(caller, Caller::Doctor { .. }) {
                return Err(AppError::NotFound.into());
            }
            must_know(&mut connection, &caller, patient_id, now).await?;
            let rows = sqlx::query!(
                r#"select appointments.id, reference, appointments.doctor_id, doctors.name as doctor_name, starts_at,
                          time_zone, latest.version, staff.name as "written_by", written_at, body
                   from appointments
                   join doctors on doctors.id = appointments.doctor_id
                   join clinics on clinics.id = clinic_id
                   join lateral (select * from clinical_notes
                                 where appointment_id = appointments.id
                                 order by version desc limit 1) as latest on true
                   join staff on staff.id = latest.staff_id
                   where patient_id = $1 and body <> ''
                   order by starts_at desc, appointments.id desc
                   limit $2"#,
                patient_id,
                MOST,
            )
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter()
                .map(|row| {
                    Ok(Noted {
                        appointment_id: row.id,
                        reference: row.reference,
                        doctor_id: row.doctor_id,
                        doctor_name: row.doctor_name,
                        starts_at: row.starts_at.to_jiff(),
                        zone: time::stored_zone(&row.time_zone).ok_or(AppError::Internal)?,
                        note: Version {
                            version: row.version,
                            written_by: row.written_by,
                            written_at: row.written_at.to_jiff(),
                            text: row.body,
                        },
                    })
                })
                .collect()
        })
        .await?;
    reads::record(database, &reader, What::History, [patient_id], now).await;
    Ok(noted)
}
