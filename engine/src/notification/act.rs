//! What the links in messages do: they show an appointment to whoever has them, and let them answer for its patient.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{links, stops};
use crate::{
    account::Caller,
    appointment::{Item, Status, find_by_id, lock},
    database::{Database, Failure, Tx},
    error::AppError,
    stay,
};

/// An appointment that a link leads to.
#[derive(Clone, Debug)]
pub struct Linked {
    pub item: Item,
    /// Its patient, alone: whoever has a link acts for nobody else, whatever phone they share.
    pub caller: Caller,
}

/// Follows a link to an appointment. Changes nothing.
///
/// # Errors
/// `NOT_FOUND` for a link that is unknown, was for something else, or whose appointment has begun.
pub async fn open(database: &Database, secret: String, now: Timestamp) -> Result<Linked, AppError> {
    let found = database
        .read("messages.open_link", move |mut connection| async move {
            links::find(&mut connection, &secret, now)
                .await?
                .ok_or(AppError::NotFound.into())
        })
        .await?;
    let caller = Caller::Patient {
        id: found.patient_id,
        name: None,
        family: Vec::new(),
        opened_since: found.opened_since.map(jiff_sqlx::Timestamp::to_jiff),
    };
    let item = find_by_id(database, caller.clone(), found.appointment_id).await?;
    match item.has_started(now) {
        true => Err(AppError::NotFound),
        false => Ok(Linked { item, caller }),
    }
}

/// An offer of the waitlist that a link leads to.
#[derive(Clone, Debug)]
pub struct LinkedOffer {
    pub offer_id: i64,
    /// Its patient, alone: whoever has a link acts for nobody else, whatever phone they share.
    pub caller: Caller,
}

/// Follows a link to an offer. Changes nothing.
///
/// # Errors
/// `NOT_FOUND` for a link that is unknown, was for something else, or whose time has begun.
pub async fn open_offer(
    database: &Database,
    secret: String,
    now: Timestamp,
) -> Result<LinkedOffer, AppError> {
    let found = database
        .read("messages.open_offer", move |mut connection| async move {
            links::find_offer(&mut connection, &secret, now)
                .await?
                .ok_or(AppError::NotFound.into())
        })
        .await?;
    Ok(LinkedOffer {
        offer_id: found.offer_id,
        caller: Caller::Patient {
            id: found.patient_id,
            name: None,
            family: Vec::new(),
            opened_since: found.opened_since.map(jiff_sqlx::Timestamp::to_jiff),
        },
    })
}

/// A stay that a link leads to.
#[derive(Clone, Debug)]
pub struct LinkedStay {
    pub item: stay::Item,
    /// Its patient, alone: whoever has a link acts for nobody else, whatever phone they share.
    pub caller: Caller,
}

/// Follows a link to a stay. Changes nothing.
///
/// # Errors
/// `NOT_FOUND` for a link that is unknown, was for something else, or whose stay is over.
pub async fn open_stay(database: &Database, secret: String, now: Timestamp) -> Result<LinkedStay, AppError> {
    let found = database
        .read("messages.open_stay", move |mut connection| async move {
            links::find_stay(&mut connection, &secret, now)
                .await?
                .ok_or(AppError::NotFound.into())
        })
        .await?;
    let caller = Caller::Patient {
        id: found.patient_id,
        name: None,
        family: Vec::new(),
        opened_since: found.opened_since.map(jiff_sqlx::Timestamp::to_jiff),
    };
    let item = stay::stay(database, &caller, found.stay_id).await?;
    Ok(LinkedStay { item, caller })
}

/// Says for a patient that they come. A second time changes nothing.
///
/// # Errors
/// `NOT_FOUND`, as [`open`]; `INVALID_TRANSITION` for an appointment that is not confirmed.
pub async fn come(database: &Database, secret: String, now: Timestamp) -> Result<(), AppError> {
    let linked = open(database, secret, now).await?;
    database
        .write("messages.come", move |tx| note(tx, linked.item.id, now))
        .await
}

async fn note(mut tx: Tx, appointment_id: i64, now: Timestamp) -> Result<(), Failure> {
    let appointment = lock(&mut tx, appointment_id).await?;
    if appointment.status != Status::Confirmed || appointment.has_started(now) {
        return Err(AppError::InvalidTransition {
            appointment_id,
            from: appointment.status,
            to: Status::Confirmed,
        }
        .into());
    }
    sqlx::query!(
        "update appointments set coming_at = coalesce(coming_at, $2) where id = $1",
        appointment_id,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Ends the reminders to whoever got this link. What they have to know still reaches them.
///
/// # Errors
/// `NOT_FOUND` for a link that is unknown or was for something else.
pub async fn unsubscribe(database: &Database, secret: String, now: Timestamp) -> Result<(), AppError> {
    database
        .write("messages.unsubscribe", move |mut tx| {
            let secret = secret.clone();
            async move {
                let recipient = links::find_recipient(&mut tx, &secret, now)
                    .await?
                    .ok_or(AppError::NotFound)?;
                stops::unsubscribe(&mut tx, &recipient, now).await?;
                tx.commit().await
            }
        })
        .await
}
