//! A service that a doctor offers at a clinic.

use jiff::Timestamp;

use super::{Offer, Saved, Subject, must_be_admin, record};
use crate::{
    account::Caller,
    availability::tell_times_changed,
    database::{Database, Failure, Lock, OnConstraint, Tx, locking},
    error::AppError,
    idempotency::{self, Changed, Key},
    schedule::{LockedDoctor, lock_doctor},
};

/// The command to replace the offers of a doctor.
#[derive(Clone, Debug)]
pub struct PutOffers {
    pub caller: Caller,
    pub doctor_id: i64,
    /// The version of the doctor that the caller has read (C7).
    pub version: i32,
    /// All of it.
    pub offers: Vec<Offer>,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Puts what a doctor offers in place of what they offered. Appointments stay as they are.
///
/// The lock waits for bookings in flight, which hold the doctor `for share`, and they for it: after this has answered,
/// nothing is booked that was withdrawn.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics, and where there is no such doctor, clinic or service;
/// `STALE_VERSION` where somebody changed the doctor since the caller read them; `IDEMPOTENCY_CONFLICT`.
pub async fn put_offers(database: &Database, command: PutOffers, now: Timestamp) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    database
        .write("organisation.put_offers", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: PutOffers, now: Timestamp) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let id = command.doctor_id;
    lock_offered(&mut tx, &command.offers).await?;
    let doctor = lock_doctor(&mut tx, &command.caller, id, command.version).await?;
    put(&mut tx, &doctor, &command.offers).await?;
    let version = sqlx::query_scalar!(
        "update doctors set version = version + 1 where id = $1 returning version",
        id,
    )
    .fetch_one(&mut *tx)
    .await?;
    record(
        &mut tx,
        Subject::Doctor(id),
        "offers_changed",
        version,
        &command.caller,
        now,
    )
    .await?;
    tell_times_changed(&mut tx, [id]);
    let saved = Saved { id, version };
    idempotency::answer(&mut tx, key, &saved, &[saved.made(Changed::Doctor)]).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Locks what is going to be offered, before the doctor who will: whoever describes a service or a clinic anew either
/// knows this doctor, or is waited for.
///
/// # Errors
/// Those of the database.
pub(super) async fn lock_offered(tx: &mut Tx, offers: &[Offer]) -> Result<(), Failure> {
    let clinics: Vec<i64> = offers.iter().map(|offer| offer.clinic_id).collect();
    let services: Vec<i64> = offers.iter().map(|offer| offer.service_id).collect();
    let locked = sqlx::query_scalar!(
        "select id from services where id = any($1) order by id for share",
        &services,
    );
    locking(Lock::Organisation, locked.fetch_all(&mut **tx)).await?;
    let locked = sqlx::query_scalar!(
        "select id from clinics where id = any($1) order by id for share",
        &clinics,
    );
    locking(Lock::Organisation, locked.fetch_all(&mut **tx)).await?;
    Ok(())
}

/// Writes what a locked doctor offers.
pub(super) async fn put(tx: &mut Tx, doctor: &LockedDoctor, offers: &[Offer]) -> Result<(), Failure> {
    let clinics: Vec<i64> = offers.iter().map(|offer| offer.clinic_id).collect();
    let services: Vec<i64> = offers.iter().map(|offer| offer.service_id).collect();
    sqlx::query!(
        "delete from offers
         where doctor_id = $1
           and not exists (select from unnest($2::bigint[], $3::bigint[]) as kept (clinic_id, service_id)
                           where kept.clinic_id = offers.clinic_id and kept.service_id = offers.service_id)",
        doctor.id(),
        &clinics,
        &services,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into offers (doctor_id, clinic_id, service_id)
         select $1, kept.* from unnest($2::bigint[], $3::bigint[]) as kept
         on conflict on constraint offers_pkey do nothing",
        doctor.id(),
        &clinics,
        &services,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("offers_clinic_id_fkey", AppError::NotFound)
    .on_constraint("offers_service_id_fkey", AppError::NotFound)?;
    Ok(())
}
