//! Describing a clinic.

use jiff::Timestamp;

use super::{Clinic, Saved, Subject, must_be_admin, record, zone::must_be_known};
use crate::{
    account::Caller,
    availability::tell_times_changed,
    database::{Database, Failure, Lock, OnConstraint, Tx, locking},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
};

/// The command to add or change a clinic.
#[derive(Clone, Debug)]
pub struct PutClinic {
    pub caller: Caller,
    /// The id to change, and the version that the caller has read (C7); `None` to add one.
    pub which: Option<(i64, i32)>,
    pub clinic: Clinic,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Adds a clinic, or changes one. Appointments keep their moments in time, whatever the clock of the clinic shows
/// then; schedules follow the clock. The doctors who work there are locked, so that a booking after this call sees the
/// new description.
///
/// # Errors
/// Those of [`super::put_service`]: `VALIDATION_FAILED` where another one has its name.
pub async fn put_clinic(database: &Database, command: PutClinic, now: Timestamp) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    database
        .write("organisation.put_clinic", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

const NAME_TAKEN: AppError = AppError::ValidationFailed {
    field: Field::Title,
    problem: FieldProblem::Taken,
};

async fn attempt(mut tx: Tx, command: PutClinic, now: Timestamp) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    must_be_known(&mut tx, &command.clinic.time_zone).await?;
    let (saved, what) = match command.which {
        None => (insert(&mut tx, &command.clinic).await?, "clinic_added"),
        Some((id, seen)) => (
            update(&mut tx, id, seen, &command.clinic).await?,
            "clinic_changed",
        ),
    };
    record(
        &mut tx,
        Subject::Clinic(saved.id),
        what,
        saved.version,
        &command.caller,
        now,
    )
    .await?;
    idempotency::answer(&mut tx, key, &saved, None).await?;
    tx.commit().await?;
    Ok(saved)
}

async fn insert(tx: &mut Tx, clinic: &Clinic) -> Result<Saved, Failure> {
    let id = sqlx::query_scalar!(
        "insert into clinics (name, address, city, phone, time_zone) values ($1, $2, $3, $4, $5) returning id",
        clinic.name,
        clinic.address,
        clinic.city,
        clinic.phone,
        clinic.time_zone,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("clinics_name_key", NAME_TAKEN)?;
    Ok(Saved { id, version: 1 })
}

async fn update(tx: &mut Tx, id: i64, seen: i32, clinic: &Clinic) -> Result<Saved, Failure> {
    let locked = sqlx::query_scalar!("select version from clinics where id = $1 for no key update", id);
    let version = locking(Lock::Organisation, locked.fetch_optional(&mut **tx))
        .await?
        .ok_or(AppError::NotFound)?;
    if version != seen {
        return Err(AppError::StaleOrganisation.into());
    }
    let locked = sqlx::query_scalar!(
        "select id from doctors
         where exists (select from offers where doctor_id = doctors.id and clinic_id = $1)
         order by id
         for no key update",
        id,
    );
    let doctors = locking(Lock::Doctor, locked.fetch_all(&mut **tx)).await?;
    let version = sqlx::query_scalar!(
        "update clinics set name = $2, address = $3, city = $4, phone = $5, time_zone = $6, version = version + 1
         where id = $1 returning version",
        id,
        clinic.name,
        clinic.address,
        clinic.city,
        clinic.phone,
        clinic.time_zone,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("clinics_name_key", NAME_TAKEN)?;
    tell_times_changed(tx, doctors);
    Ok(Saved { id, version })
}
