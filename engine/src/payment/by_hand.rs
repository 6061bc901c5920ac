//! What somebody does by hand: paying back what a provider cannot, and seeing to what was noticed.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    PaymentState, RefundState, Why,
    refund::locked,
    row::{read, write_state},
    subject::find_of,
};
use crate::{
    account::Caller,
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
};

/// The most characters of a reference.
const MAX_REFERENCE: usize = 100;

/// The command to say that an amount was paid back by hand.
#[derive(Clone, Debug)]
pub struct RefundByHand {
    /// Somebody at the desk.
    pub caller: Caller,
    pub refund_id: i64,
    /// Where it can be found: the number of a transfer or of a receipt.
    pub reference: String,
    pub key: Option<Key>,
}

/// Says that an amount was paid back by hand: one that the provider cannot pay back, or that the desk had taken.
///
/// # Errors
/// `NOT_FOUND`; `FORBIDDEN` for who is not at the desk; `VALIDATION_FAILED` without a reference; `STALE_VERSION` where it went
/// back already, or the provider is to do it; `IDEMPOTENCY_CONFLICT`.
pub async fn refund_by_hand(
    database: &Database,
    command: RefundByHand,
    now: Timestamp,
) -> Result<i64, AppError> {
    database
        .write("payment.refund_by_hand", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

fn desk(caller: &Caller) -> Result<i64, AppError> {
    match caller {
        Caller::Admin { staff_id, .. } | Caller::Reception { staff_id, .. } => Ok(*staff_id),
        Caller::Doctor { .. } | Caller::Patient { .. } => Err(AppError::Forbidden),
    }
}

/// Refuses whoever is kept from what a payment is for.
async fn must_see(tx: &mut Tx, caller: &Caller, payment_id: i64) -> Result<(), Failure> {
    let payment = read(tx, payment_id).await?;
    find_of(tx, caller, payment.subject).await?;
    Ok(())
}

async fn attempt(mut tx: Tx, command: RefundByHand, now: Timestamp) -> Result<i64, Failure> {
    let staff_id = desk(&command.caller)?;
    let reference = command.reference.trim();
    if reference.is_empty() {
        return Err(AppError::invalid(Field::PaidBackReference, FieldProblem::Missing).into());
    }
    if reference.chars().count() > MAX_REFERENCE {
        return Err(AppError::invalid(Field::PaidBackReference, FieldProblem::TooLong).into());
    }
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let payment_id = sqlx::query_scalar!("select payment_id from refunds where id = $1", command.refund_id)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(AppError::NotFound)?;
    must_see(&mut tx, &command.caller, payment_id).await?;
    let payment = locked(&mut tx, payment_id, now).await?;
    let refund = sqlx::query!("select state, why from refunds where id = $1", command.refund_id)
        .fetch_one(&mut *tx)
        .await?;
    let is_open = match RefundState::parse(&refund.state) {
        Some(RefundState::Failed) => true,
        Some(RefundState::Due) => payment.provider.is_desk(),
        _ => false,
    };
    if !is_open {
        return Err(payment.subject.stale().into());
    }
    sqlx::query!(
        "update refunds
         set state = 'by_hand', reference = $2, done_by = $3, done_at = $4, work_due_at = null, work_until = null
         where id = $1",
        command.refund_id,
        reference,
        staff_id,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    let ends_payment = Why::parse(&refund.why).is_some_and(Why::ends_payment);
    if ends_payment && payment.state.is_paid() && payment.state != PaymentState::Paid {
        write_state(&mut tx, &payment, PaymentState::Refunded).await?;
    }
    idempotency::answer(&mut tx, key, &payment_id, &[]).await?;
    tx.commit().await?;
    Ok(payment_id)
}

/// Says that somebody has seen to a wrong amount or a dispute. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND`; `FORBIDDEN` for who is not at the desk.
pub async fn see_to(
    database: &Database,
    caller: Caller,
    trouble_id: i64,
    now: Timestamp,
) -> Result<(), AppError> {
    database
        .write("payment.see_to", move |mut tx| {
            let caller = caller.clone();
            async move {
                let staff_id = desk(&caller)?;
                let payment_id =
                    sqlx::query_scalar!("select payment_id from payment_troubles where id = $1", trouble_id)
                        .fetch_optional(&mut *tx)
                        .await?
                        .ok_or(AppError::NotFound)?;
                must_see(&mut tx, &caller, payment_id).await?;
                locked(&mut tx, payment_id, now).await?;
                sqlx::query!(
                    "update payment_troubles set settled_at = $2, settled_by = $3 where id = $1 and settled_at is null",
                    trouble_id,
                    now.to_sqlx(),
                    staff_id,
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await
}
