//! Starting to pay for seats: they are kept until the provider's page ends.

use jiff::Timestamp;

use super::{
    Provider, Subject,
    start::{GRACE_MINUTES, NewPage, SESSION_MINUTES, Started, keep},
};
use crate::{
    appointment,
    database::{Database, Failure, Tx},
    error::AppError,
    group::{Take, keep_to_pay},
    i18n::Locale,
    idempotency,
    time::plus_minutes,
};

/// The command to go and pay for seats.
#[derive(Clone, Debug)]
pub struct StartSeats {
    /// What is booked once it is paid, by the patient who pays.
    pub take: Take,
    pub provider: Provider,
    /// The language of the provider's page.
    pub locale: Locale,
}

/// Keeps seats and begins their payment: all of them, or none. Who has as many seats kept already pays for those, and the older
/// page is given up.
///
/// # Errors
/// Those of [`take`](crate::group::take); `NOT_FOUND` where nothing is paid first; `BOOKING_FAILED` where they have been kept for
/// long enough; `RATE_LIMITED` for who goes to pay again and again; `FORBIDDEN` for staff.
pub async fn start_seats(
    database: &Database,
    command: StartSeats,
    now: Timestamp,
) -> Result<Started, AppError> {
    database
        .write("payment.start_seats", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: StartSeats, now: Timestamp) -> Result<Started, Failure> {
    let take = &command.take;
    let started_by = take.caller.patient_id().ok_or(AppError::Forbidden)?;
    let key = take.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let until = plus_minutes(now, SESSION_MINUTES + GRACE_MINUTES);
    let kept = keep_to_pay(&mut tx, take, until, now).await?.appointment;
    let own = appointment::lock(&mut tx, kept.id).await?;
    let ends_at = keep(&mut tx, &own, (take.patient_id, &take.reason), now).await?;
    let page = NewPage {
        subject: Subject::Appointment(own.id),
        provider: command.provider,
        locale: command.locale,
        started_by,
        ends_at,
    };
    let started = page.begin(&mut tx, now).await?;
    idempotency::answer(&mut tx, key, &started, &[kept.at_its_time()]).await?;
    tx.commit().await?;
    Ok(started)
}
