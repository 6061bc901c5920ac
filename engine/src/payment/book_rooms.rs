//! Booking rooms that were paid: what is held, also where the hold ran out and the rooms are still free.

use jiff::Timestamp;

use super::{
    PaymentFact, PaymentState, Settled, Subject, accept,
    row::{give_up_open, read, write_paid},
    subject::Standing,
};
use crate::{
    appointment::Actor,
    database::{Failure, Tx},
    error::AppError,
    stay::{Status, pay::Paying},
};

/// Books the stay that a payment is for, or says that what is booked already is paid.
///
/// # Errors
/// Refusals of a booking, with which the money goes back.
pub(super) async fn book(
    tx: &mut Tx,
    (payment_id, stay_id): (i64, i64),
    fact: &PaymentFact,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let own = Paying::lock(tx, stay_id, now).await?;
    let payment = read(tx, payment_id).await?;
    if payment.state.is_paid() {
        return Ok(Settled::Known);
    }
    let subject = Subject::Stay(stay_id);
    if !matches!(own.status, Status::Held | Status::Lapsed) {
        // Another payment has booked it meanwhile, or it was given up.
        let standing = Standing::of_stay(own.status);
        return accept::take(tx, &payment, fact, (subject, standing), now).await;
    }
    let started_by = payment.started_by.ok_or(AppError::NotFound)?;
    own.book(tx, Actor::patient(started_by), now).await?;
    write_paid(tx, &payment, fact, PaymentState::Paid, now).await?;
    give_up_open(tx, subject, now).await?;
    Ok(Settled::Booked { subject })
}
