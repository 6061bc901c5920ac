//! Templates: prescriptions that a doctor writes often, under names of their own.
//!
//! A template is changed by comparing its version, in one statement. Adding one locks its doctor, so that no two are the last that
//! there is room for. It is copied when it is used.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{MAX_NAME, Medication, Typed, read::standing};
use crate::{
    account::{
        Caller,
        reads::{self, What},
    },
    appointment::{AppointmentName, peek},
    database::{Database, Failure, Lock, OnConstraint, Reader, Tx, locking},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
    text::required,
};

/// The number of templates that a doctor can have.
pub const MAX_TEMPLATES: i64 = 100;

const NAME_TAKEN: AppError = AppError::ValidationFailed {
    field: Field::TemplateName,
    problem: FieldProblem::Taken,
};

/// A template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub id: i64,
    pub version: i32,
    pub name: String,
    pub medications: Vec<Medication>,
    pub note: String,
}

/// The command to add or change a template.
#[derive(Clone, Debug)]
pub struct PutTemplate {
    pub caller: Caller,
    /// The id to change, and the version that the caller has read (C7); `None` to add one.
    pub which: Option<(i64, i32)>,
    pub name: String,
    pub content: Typed,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// A template that was saved: its id and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SavedTemplate {
    pub id: i64,
    pub version: i32,
}

/// The id of the doctor who calls: templates are theirs alone.
fn owner(caller: &Caller) -> Result<i64, AppError> {
    match caller {
        Caller::Doctor { doctor_id, .. } => Ok(*doctor_id),
        Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. } => Err(AppError::Forbidden),
    }
}

fn medications_of(stored: serde_json::Value) -> Result<Vec<Medication>, AppError> {
    serde_json::from_value(stored).map_err(|_| AppError::Internal)
}

/// The templates of the doctor who calls, by name.
///
/// # Errors
/// `FORBIDDEN` for everybody but doctors.
pub async fn templates(database: &Database, caller: &Caller) -> Result<Vec<Template>, AppError> {
    let doctor_id = owner(caller)?;
    database
        .read("prescription.templates", move |mut connection| async move {
            let rows = sqlx::query!(
                "select id, version, name, medications, note from prescription_templates
                 where doctor_id = $1
                 order by lower(name), id",
                doctor_id,
            )
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter()
                .map(|row| {
                    Ok(Template {
                        id: row.id,
                        version: row.version,
                        name: row.name,
                        medications: medications_of(row.medications)?,
                        note: row.note,
                    })
                })
                .collect()
        })
        .await
}

/// A template of the doctor who calls.
///
/// # Errors
/// `FORBIDDEN` for everybody but doctors; `NOT_FOUND`, also for another doctor's.
pub async fn template(database: &Database, caller: &Caller, id: i64) -> Result<Template, AppError> {
    let all = templates(database, caller).await?;
    all.into_iter()
        .find(|template| template.id == id)
        .ok_or(AppError::NotFound)
}

/// Adds a template, or changes one.
///
/// # Errors
/// `FORBIDDEN` for everybody but doctors; `NOT_FOUND`; `STALE_VERSION` where it was changed since the caller read it;
/// `VALIDATION_FAILED`, also where another one has the name, or there are too many; `IDEMPOTENCY_CONFLICT`.
pub async fn put_template(
    database: &Database,
    mut command: PutTemplate,
    now: Timestamp,
) -> Result<SavedTemplate, AppError> {
    owner(&command.caller)?;
    command.name = required(Field::TemplateName, &command.name, MAX_NAME)?;
    let (medications, note) = command.content.checked()?;
    command.content = Typed { medications, note };
    database
        .write("prescription.put_template", move |tx| {
            attempt_put(tx, command.clone(), now)
        })
        .await
}

async fn attempt_put(mut tx: Tx, command: PutTemplate, now: Timestamp) -> Result<SavedTemplate, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let doctor_id = owner(&command.caller)?;
    let medications = serde_json::to_value(&command.content.medications).map_err(|_| AppError::Internal)?;
    let saved = match command.which {
        None => {
            let locked = sqlx::query!(
                "select id from doctors where id = $1 for no key update",
                doctor_id
            );
            locking(Lock::Doctor, locked.fetch_one(&mut *tx)).await?;
            let id = sqlx::query_scalar!(
                "insert into prescription_templates (doctor_id, name, medications, note, changed_at)
                 select $1, $2, $3, $4, $5
                 where (select count(*) from prescription_templates where doctor_id = $1) < $6
                 returning id",
                doctor_id,
                command.name,
                medications,
                command.content.note,
                now.to_sqlx(),
                MAX_TEMPLATES,
            )
            .fetch_optional(&mut *tx)
            .await
            .on_constraint("prescription_templates_name_key", NAME_TAKEN)?
            .ok_or(AppError::invalid(Field::TemplateName, FieldProblem::TooMany))?;
            SavedTemplate { id, version: 1 }
        }
        Some((id, seen)) => {
            let version = sqlx::query_scalar!(
                "update prescription_templates
                 set name = $4, medications = $5, note = $6, changed_at = $7, version = version + 1
                 where id = $1 and doctor_id = $2 and version = $3
                 returning version",
                id,
                doctor_id,
                seen,
                command.name,
                medications,
                command.content.note,
                now.to_sqlx(),
            )
            .fetch_optional(&mut *tx)
            .await
            .on_constraint("prescription_templates_name_key", NAME_TAKEN)?;
            match version {
                Some(version) => SavedTemplate { id, version },
                None => return Err(why_not(&mut tx, doctor_id, id).await?.into()),
            }
        }
    };
    idempotency::answer(&mut tx, key, &saved, &[]).await?;
    tx.commit().await?;
    Ok(saved)
}

/// The reason why a template could not be changed: it is another version, or not there.
async fn why_not(tx: &mut Tx, doctor_id: i64, id: i64) -> Result<AppError, Failure> {
    let is_there = sqlx::query_scalar!(
        r#"select exists (select from prescription_templates where id = $1 and doctor_id = $2) as "is_there!""#,
        id,
        doctor_id,
    );
    Ok(match is_there.fetch_one(&mut **tx).await? {
        true => AppError::StaleText,
        false => AppError::NotFound,
    })
}

/// Deletes a template. A second request changes nothing.
///
/// # Errors
/// `FORBIDDEN` for everybody but doctors; `NOT_FOUND` for another doctor's.
pub async fn delete_template(database: &Database, caller: &Caller, id: i64) -> Result<(), AppError> {
    let doctor_id = owner(caller)?;
    database
        .write("prescription.delete_template", move |mut tx| async move {
            let deleted = sqlx::query!(
                "delete from prescription_templates where id = $1 and doctor_id = $2",
                id,
                doctor_id,
            )
            .execute(&mut *tx)
            .await?;
            let is_somebody_elses = deleted.rows_affected() == 0
                && sqlx::query_scalar!(
                    r#"select exists (select from prescription_templates where id = $1) as "is_there!""#,
                    id,
                )
                .fetch_one(&mut *tx)
                .await?;
            if is_somebody_elses {
                return Err(AppError::NotFound.into());
            }
            tx.commit().await?;
            Ok(())
        })
        .await
}

/// Whether [`last_of_patient`] has something to repeat. Nothing of it is read.
///
/// # Errors
/// Those of the database.
pub async fn has_last_of_patient(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
) -> Result<bool, AppError> {
    let newest = database
        .read(
            "prescription.has_last_of_patient",
            move |mut connection| async move { newest_of_patient(&mut connection, &caller, &which).await },
        )
        .await;
    match newest {
        Ok(_) => Ok(true),
        Err(AppError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The appointment of which the newest prescription is that stands, of any other appointment of doctor and patient; and who the
/// patient is.
async fn newest_of_patient(
    connection: &mut Reader,
    caller: &Caller,
    which: &AppointmentName,
) -> Result<(i64, i64), Failure> {
    let appointment = peek(connection, which).await?;
    let is_doctors = matches!(caller, Caller::Doctor { .. });
    let patient_id = appointment
        .patient_id
        .filter(|_| is_doctors && appointment.is_visible_to(caller))
        .ok_or(AppError::NotFound)?;
    let newest = sqlx::query_scalar!(
        "select appointment_id from prescriptions
         join appointments on appointments.id = appointment_id
         where doctor_id = $1 and patient_id = $2 and withdrawn_at is null and appointment_id <> $3
         order by written_at desc, prescriptions.id desc
         limit 1",
        appointment.doctor_id,
        patient_id,
        appointment.id,
    )
    .fetch_optional(&mut **connection)
    .await?
    .ok_or(AppError::NotFound)?;
    Ok((newest, patient_id))
}

/// What the doctor prescribed last to the patient of an appointment, to be repeated: the newest prescription that stands, of
/// any other appointment of the two. Records that it was read.
///
/// # Errors
/// `NOT_FOUND` for everybody but the appointment's doctor, and where nothing was prescribed.
pub async fn last_of_patient(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
    now: Timestamp,
) -> Result<Typed, AppError> {
    let reader = caller.clone();
    let (last, patient_id) = database
        .read("prescription.last_of_patient", move |mut connection| async move {
            let (newest, patient_id) = newest_of_patient(&mut connection, &caller, &which).await?;
            let mut found = standing(&mut connection, &[newest]).await?;
            let last = found.remove(&newest).ok_or(AppError::NotFound)?;
            Ok((last, patient_id))
        })
        .await?;
    reads::record(database, &reader, What::History, [patient_id], now).await;
    Ok(Typed {
        medications: last.medications,
        note: last.note,
    })
}
