//! What the desk takes: cash, or by a card terminal that Janji knows nothing of.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{
    PaymentState, Provider,
    row::{give_up_open, of_appointment, promised},
};
use crate::{
    account::Caller,
    appointment::{AppointmentName, Status, lock, peek},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    event::Event,
    idempotency::{self, Key},
    money::Price,
};

/// The command to take a payment at the desk.
#[derive(Clone, Debug)]
pub struct TakeAtDesk {
    /// Somebody at the desk.
    pub caller: Caller,
    pub which: AppointmentName,
    /// Cash or a terminal.
    pub means: Provider,
    /// As it was typed; empty for all that is open.
    pub amount: String,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// A payment that the desk has taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub payment_id: i64,
    pub receipt_number: i64,
    /// The reference of the appointment.
    pub reference: String,
}

/// Takes a payment at the desk: at most what is open. Pages on which it could still be paid are ended.
///
/// # Errors
/// `NOT_FOUND`; `FORBIDDEN` for who is not at the desk; `VALIDATION_FAILED` for an amount that cannot be read, is more than what
/// is open, or where nothing is; `INVALID_TRANSITION` for an appointment that has come to its end or is not booked yet;
/// `IDEMPOTENCY_CONFLICT`.
pub async fn take_at_desk(
    database: &Database,
    command: TakeAtDesk,
    now: Timestamp,
) -> Result<Taken, AppError> {
    database
        .write("payment.take_at_desk", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: TakeAtDesk, now: Timestamp) -> Result<Taken, Failure> {
    let taken_by = match &command.caller {
        Caller::Admin { staff_id, .. } | Caller::Reception { staff_id, .. } => *staff_id,
        Caller::Doctor { .. } | Caller::Patient { .. } => return Err(AppError::Forbidden.into()),
    };
    if !command.means.is_desk() {
        return Err(AppError::invalid(Field::Amount, FieldProblem::Malformed).into());
    }
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let seen = peek(&mut tx, &command.which).await?;
    if !seen.is_visible_to(&command.caller) {
        return Err(AppError::NotFound.into());
    }
    let own = lock(&mut tx, seen.id).await?;
    if own.status == Status::Held || !own.status.occupies() {
        return Err(AppError::InvalidTransition {
            appointment_id: own.id,
            from: own.status,
            to: own.status,
        }
        .into());
    }
    let amount = amount_of(&mut tx, own.id, &command.amount).await?;
    let row = sqlx::query!(
        r#"insert into payments
               (appointment_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at, receipt_number)
           values ($1, $2, 'paid', $3, $4, $5, $6, $6, nextval('receipt_numbers'))
           returning id, receipt_number as "receipt_number!""#,
        own.id,
        command.means.as_str(),
        amount.minor,
        amount.currency,
        taken_by,
        now.to_sqlx(),
    )
    .fetch_one(&mut *tx)
    .await?;
    give_up_open(&mut tx, own.id, now).await?;
    tx.tell(Event::PaymentChanged {
        payment_id: row.id,
        appointment_id: own.id,
        to: PaymentState::Paid,
    });
    let taken = Taken {
        payment_id: row.id,
        receipt_number: row.receipt_number,
        reference: own.reference.clone(),
    };
    idempotency::answer(&mut tx, key, &taken, &[]).await?;
    tx.commit().await?;
    Ok(taken)
}

/// The amount that is taken: what was typed, or all that is open.
async fn amount_of(tx: &mut Tx, appointment_id: i64, typed: &str) -> Result<Price, Failure> {
    let wrong = |problem| AppError::invalid(Field::Amount, problem);
    let price = promised(tx, appointment_id).await?.price;
    let price = price.ok_or(wrong(FieldProblem::Unknown))?;
    let payments = of_appointment(tx, appointment_id).await?;
    let paid: i64 = (payments.iter())
        .filter(|payment| payment.state == PaymentState::Paid)
        .map(|payment| payment.price.minor)
        .sum();
    let open = price.minor - paid;
    if open <= 0 {
        return Err(wrong(FieldProblem::Taken).into());
    }
    let amount = match typed.trim() {
        "" => open,
        typed => {
            let read = Price::parse(typed, &price.currency).ok_or(wrong(FieldProblem::Malformed))?;
            read.minor
        }
    };
    match amount {
        amount if amount <= 0 => Err(wrong(FieldProblem::Malformed).into()),
        amount if amount > open => Err(wrong(FieldProblem::TooMany).into()),
        minor => Ok(Price {
            minor,
            currency: price.currency,
        }),
    }
}
