//! Starting to pay for rooms that somebody holds: the hold lasts until the provider's page ends.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Provider, Subject,
    start::{GRACE_MINUTES, MAX_PAYING_MINUTES, NewPage, SESSION_MINUTES, Started},
};
use crate::{
    account::Caller,
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::Locale,
    idempotency::{self, Key},
    stay::{Status, pay::Paying},
    time::plus_minutes,
};

/// The command to go and pay for rooms that are held.
#[derive(Clone, Debug)]
pub struct StartRooms {
    /// The patient whose hold it is, or the holder of their phone.
    pub caller: Caller,
    pub stay_id: i64,
    pub provider: Provider,
    /// The language of the provider's page.
    pub locale: Locale,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Begins a payment, and holds the rooms until the provider's page has ended. An older page for the same hold is given up.
///
/// # Errors
/// `NOT_FOUND` for a hold of somebody else, and where nothing is paid first; `INVALID_TRANSITION` for a hold that has lost its
/// rooms, and where it has been held for long enough; `ROOM_TYPE_NOT_FOUND`, `INVALID_DATE_RANGE`; `RATE_LIMITED` for who goes to
/// pay again and again; `FORBIDDEN` for staff.
pub async fn start_rooms(
    database: &Database,
    command: StartRooms,
    now: Timestamp,
) -> Result<Started, AppError> {
    database
        .write("payment.start_rooms", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: StartRooms, now: Timestamp) -> Result<Started, Failure> {
    let started_by = command.caller.patient_id().ok_or(AppError::Forbidden)?;
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let own = Paying::lock(&mut tx, command.stay_id, now).await?;
    if !own.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    if matches!(own.status, Status::Booked | Status::Arrived) {
        // In another tab.
        return Ok(Started::Booked {
            reference: own.reference.clone(),
        });
    }
    own.must_be_held(&mut tx, now).await?;
    let ends_at = plus_minutes(now, SESSION_MINUTES);
    if ends_at > plus_minutes(own.created_at, MAX_PAYING_MINUTES) {
        return Err(own.ran_out().into());
    }
    sqlx::query!(
        "update stays set held_until = greatest(held_until, $2) where id = $1",
        own.id,
        plus_minutes(ends_at, GRACE_MINUTES).to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    let page = NewPage {
        subject: Subject::Stay(own.id),
        provider: command.provider,
        locale: command.locale,
        started_by,
        ends_at,
    };
    let started = page.begin(&mut tx, now).await?;
    idempotency::answer(&mut tx, key, &started, &[own.made()]).await?;
    tx.commit().await?;
    Ok(started)
}
