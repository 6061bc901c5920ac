//! Taking money for what is booked already: it is paid by it, or the money goes back.

use jiff::Timestamp;

use super::{
    PaymentFact, PaymentState, Settled, Subject, Why, pay_back,
    row::{Payment, give_up_open, paid_for, promised, write_paid},
    subject::Standing,
};
use crate::{
    database::{Failure, Tx},
    error::AppError,
};

/// Takes money for what is locked and stands like this. What was paid already is paid back.
///
/// # Errors
/// `NOT_FOUND` for what is not booked.
pub(super) async fn take(
    tx: &mut Tx,
    payment: &Payment,
    fact: &PaymentFact,
    (subject, standing): (Subject, Standing),
    now: Timestamp,
) -> Result<Settled, Failure> {
    if standing != Standing::Booked {
        return Err(AppError::NotFound.into());
    }
    let paid = paid_for(tx, subject).await?;
    let price = promised(tx, subject).await?.price;
    let is_open = price.is_some_and(|price| {
        price.currency == payment.price.currency && paid + payment.price.minor <= price.minor
    });
    // A deposit is paid once; the rest is the desk's to take.
    if paid > 0 || !is_open {
        return pay_back::write(tx, payment, fact, Why::Twice, now).await;
    }
    write_paid(tx, payment, fact, PaymentState::Paid, now).await?;
    give_up_open(tx, subject, now).await?;
    Ok(Settled::Booked { subject })
}
