//! Describing what patients book and where they go: a service or a clinic.

use std::future::Future;

use jiff::Timestamp;

use super::{Saved, Subject, must_be_admin, record};
use crate::{
    account::Caller,
    availability::tell_times_changed,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Changed, Key},
};

/// A description with a version, on which the times of doctors depend.
pub trait Description: Clone + Send + Sync + 'static {
    /// The name of the transaction in measurements.
    const TRANSACTION: &'static str;
    /// The words of the history of changes for a new one and for a change.
    const CHANGES: [&'static str; 2];
    /// What counts its changes.
    const CHANGED: Changed;

    fn subject(id: i64) -> Subject;

    /// Checks what only the database can judge, before anything is locked.
    fn check(&self, tx: &mut Tx) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Locks the row and returns its version, if there is one.
    fn lock(tx: &mut Tx, id: i64) -> impl Future<Output = Result<Option<i32>, Failure>> + Send;

    /// Locks the doctors whose times depend on it, in the order of their ids.
    fn lock_doctors(tx: &mut Tx, id: i64) -> impl Future<Output = Result<Vec<i64>, Failure>> + Send;

    fn insert(&self, tx: &mut Tx) -> impl Future<Output = Result<i64, Failure>> + Send;

    fn update(&self, tx: &mut Tx, id: i64) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The command to add or change a service or a clinic.
#[derive(Clone, Debug)]
pub struct Put<T> {
    pub caller: Caller,
    /// The id to change, and the version that the caller has read (C7); `None` to add one.
    pub which: Option<(i64, i32)>,
    pub description: T,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Adds a service or a clinic, or changes one. Appointments that are booked stay as they are, and keep their moments in
/// time; schedules follow the clock of the clinic.
///
/// A booking holds its doctor `for share`. All doctors whose times depend on it are locked, so that a booking after this
/// call sees the new description.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics, and where there is no such thing; `STALE_VERSION` where somebody
/// changed it since the caller read it; `VALIDATION_FAILED` where another one has its key or name;
/// `IDEMPOTENCY_CONFLICT`.
pub async fn put<T: Description>(
    database: &Database,
    command: Put<T>,
    now: Timestamp,
) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    database
        .write(T::TRANSACTION, move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt<T: Description>(mut tx: Tx, command: Put<T>, now: Timestamp) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    command.description.check(&mut tx).await?;
    let [added, changed] = T::CHANGES;
    let (saved, what) = match command.which {
        None => {
            let id = command.description.insert(&mut tx).await?;
            (Saved { id, version: 1 }, added)
        }
        Some((id, seen)) => {
            if T::lock(&mut tx, id).await?.ok_or(AppError::NotFound)? != seen {
                return Err(AppError::StaleOrganisation.into());
            }
            let doctors = T::lock_doctors(&mut tx, id).await?;
            command.description.update(&mut tx, id).await?;
            tell_times_changed(&mut tx, doctors);
            let version = seen + 1;
            (Saved { id, version }, changed)
        }
    };
    record(
        &mut tx,
        T::subject(saved.id),
        what,
        saved.version,
        &command.caller,
        now,
    )
    .await?;
    // Something new is there, whatever becomes of it.
    let made = command.which.map(|_| saved.made(T::CHANGED));
    idempotency::answer(&mut tx, key, &saved, made.as_slice()).await?;
    tx.commit().await?;
    Ok(saved)
}
