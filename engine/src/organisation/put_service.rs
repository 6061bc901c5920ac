//! Describing a service.

use jiff::Timestamp;

use super::{Saved, Service, Subject, must_be_admin, record};
use crate::{
    account::Caller,
    availability::tell_times_changed,
    database::{Database, Failure, Lock, OnConstraint, Tx, locking},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Changed, Key},
};

/// The command to add or change a service.
#[derive(Clone, Debug)]
pub struct PutService {
    pub caller: Caller,
    /// The id to change, and the version that the caller has read (C7); `None` to add one.
    pub which: Option<(i64, i32)>,
    pub service: Service,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Adds a service, or changes one. Appointments that are booked stay as they are.
///
/// A booking holds its doctor `for share`. All doctors who offer the service are locked, so that a booking after this
/// call sees the new description.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin, and where there is no such service; `STALE_VERSION` where somebody changed it
/// since the caller read it; `VALIDATION_FAILED` where another one has its key; `IDEMPOTENCY_CONFLICT`.
pub async fn put_service(
    database: &Database,
    command: PutService,
    now: Timestamp,
) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    database
        .write("organisation.put_service", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: PutService, now: Timestamp) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let saved = match command.which {
        None => Saved {
            id: insert(&mut tx, &command.service).await?,
            version: 1,
        },
        Some((id, seen)) => {
            lock(&mut tx, id, seen).await?;
            let doctors = lock_doctors(&mut tx, id).await?;
            update(&mut tx, id, &command.service).await?;
            tell_times_changed(&mut tx, doctors);
            Saved {
                id,
                version: seen + 1,
            }
        }
    };
    let what = match command.which {
        None => "service_added",
        Some(_) => "service_changed",
    };
    record(
        &mut tx,
        Subject::Service(saved.id),
        what,
        saved.version,
        &command.caller,
        now,
    )
    .await?;
    // Something new is there, whatever becomes of it.
    let made = command.which.map(|_| saved.made(Changed::Service));
    idempotency::answer(&mut tx, key, &saved, made.as_slice()).await?;
    tx.commit().await?;
    Ok(saved)
}

async fn lock(tx: &mut Tx, id: i64, seen: i32) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!("select version from services where id = $1 for no key update", id);
    let version = locking(Lock::Organisation, locked.fetch_optional(&mut **tx))
        .await?
        .ok_or(AppError::NotFound)?;
    match version == seen {
        true => Ok(()),
        false => Err(AppError::StaleOrganisation.into()),
    }
}

/// Locks the doctors who offer the service, in the order of their ids.
async fn lock_doctors(tx: &mut Tx, service_id: i64) -> Result<Vec<i64>, Failure> {
    let locked = sqlx::query_scalar!(
        "select id from doctors
         where exists (select from offers where doctor_id = doctors.id and service_id = $1)
         order by id
         for no key update",
        service_id,
    );
    Ok(locking(Lock::Doctor, locked.fetch_all(&mut **tx)).await?)
}

const KEY_TAKEN: AppError = AppError::ValidationFailed {
    field: Field::ServiceKey,
    problem: FieldProblem::Taken,
};

/// Narrows a number that the form has checked.
fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

async fn insert(tx: &mut Tx, service: &Service) -> Result<i64, Failure> {
    let (horizon_unit, horizon_days) = service.horizon();
    let price = service.price.as_ref();
    sqlx::query_scalar!(
        "insert into services
             (key, name, mode, duration_minutes, buffer_before_minutes, buffer_after_minutes, slot_interval_minutes,
              notice_minutes, horizon_days, horizon_unit, cutoff_minutes, instant, price_minor, currency, active)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         returning id",
        service.key,
        service.name,
        service.mode,
        small(service.rules.duration),
        small(service.rules.buffer_before),
        small(service.rules.buffer_after),
        service.rules.interval,
        small(service.rules.notice),
        horizon_days,
        horizon_unit,
        service.cutoff_minutes,
        service.instant,
        price.map(|price| price.minor),
        price.map(|price| price.currency.as_str()),
        service.active,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("services_key_key", KEY_TAKEN)
}

async fn update(tx: &mut Tx, id: i64, service: &Service) -> Result<(), Failure> {
    let (horizon_unit, horizon_days) = service.horizon();
    let price = service.price.as_ref();
    sqlx::query!(
        "update services set
             key = $2, name = $3, mode = $4, duration_minutes = $5, buffer_before_minutes = $6,
             buffer_after_minutes = $7, slot_interval_minutes = $8, notice_minutes = $9, horizon_days = $10,
             horizon_unit = $11, cutoff_minutes = $12, instant = $13, price_minor = $14, currency = $15, active = $16,
             version = version + 1
         where id = $1",
        id,
        service.key,
        service.name,
        service.mode,
        small(service.rules.duration),
        small(service.rules.buffer_before),
        small(service.rules.buffer_after),
        service.rules.interval,
        small(service.rules.notice),
        horizon_days,
        horizon_unit,
        service.cutoff_minutes,
        service.instant,
        price.map(|price| price.minor),
        price.map(|price| price.currency.as_str()),
        service.active,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("services_key_key", KEY_TAKEN)?;
    Ok(())
}
