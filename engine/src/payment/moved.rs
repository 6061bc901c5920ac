//! A hold that had been ended before the money came: another one takes its place, with what was promised and its payment.

use super::{Subject, row::Payment};
use crate::database::{Failure, Tx};

/// Moves a payment to the hold that took the place of the first one, and what was promised with that.
///
/// # Errors
/// Those of the database.
pub(super) async fn move_there(
    tx: &mut Tx,
    payment: Payment,
    (from, appointment_id): (i64, i64),
) -> Result<Payment, Failure> {
    promise(tx, (from, appointment_id)).await?;
    sqlx::query!(
        "update payments set appointment_id = $2 where id = $1",
        payment.id,
        appointment_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Payment {
        subject: Subject::Appointment(appointment_id),
        ..payment
    })
}

/// Promises with a hold what was promised with the one whose place it took.
///
/// # Errors
/// Those of the database.
pub(super) async fn promise(tx: &mut Tx, (from, appointment_id): (i64, i64)) -> Result<(), Failure> {
    sqlx::query!(
        "update appointments
         set price_minor = was.price_minor, currency = was.currency, pay_when = was.pay_when, pay_minor = was.pay_minor,
             refund_minutes = was.refund_minutes, late_refund_percent = was.late_refund_percent
         from appointments as was
         where appointments.id = $1 and was.id = $2",
        appointment_id,
        from,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
