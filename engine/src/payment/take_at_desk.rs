//! What the desk takes: cash, or by a card terminal that Janji knows nothing of.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{
    PaymentState, Provider, Subject, SubjectName,
    row::{give_up_open, paid_for, promised},
    subject::{Standing, find, lock},
};
use crate::{
    account::Caller,
    appointment::{AppointmentName, peek},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    event::Event,
    idempotency::{self, Key},
    money::Price,
    stay,
};

/// The command to take a payment at the desk.
#[derive(Clone, Debug)]
pub struct TakeAtDesk {
    /// Somebody at the desk.
    pub caller: Caller,
    pub which: SubjectName,
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
    /// The reference of the appointment or the stay.
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
    let seen = find(&mut tx, &command.caller, &command.which).await?;
    let subject = seen.subject;
    if lock(&mut tx, subject, now).await? != Standing::Booked {
        return Err(not_booked(&mut tx, subject).await?.into());
    }
    let amount = amount_of(&mut tx, subject, &command.amount).await?;
    let row = sqlx::query!(
        r#"insert into payments
               (appointment_id, stay_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                receipt_number)
           values ($1, $2, $3, 'paid', $4, $5, $6, $7, $7, nextval('receipt_numbers'))
           returning id, receipt_number as "receipt_number!""#,
        subject.appointment_id(),
        subject.stay_id(),
        command.means.as_str(),
        amount.minor,
        amount.currency,
        taken_by,
        now.to_sqlx(),
    )
    .fetch_one(&mut *tx)
    .await?;
    give_up_open(&mut tx, subject, now).await?;
    tx.tell(Event::PaymentChanged {
        payment_id: row.id,
        to: PaymentState::Paid,
    });
    let taken = Taken {
        payment_id: row.id,
        receipt_number: row.receipt_number,
        reference: seen.reference,
    };
    idempotency::answer(&mut tx, key, &taken, &[]).await?;
    tx.commit().await?;
    Ok(taken)
}

/// What is said of something that is not booked, or has come to its end.
async fn not_booked(tx: &mut Tx, subject: Subject) -> Result<AppError, Failure> {
    Ok(match subject {
        Subject::Appointment(appointment_id) => {
            let status = peek(tx, &AppointmentName::Id(appointment_id)).await?.status;
            AppError::InvalidTransition {
                appointment_id,
                from: status,
                to: status,
            }
        }
        Subject::Stay(stay_id) => {
            let status = stay::pay::find(tx, stay_id).await?.status;
            AppError::StayTransition {
                stay_id,
                from: status,
                to: status,
            }
        }
    })
}

/// The amount that is taken: what was typed, or all that is open.
async fn amount_of(tx: &mut Tx, subject: Subject, typed: &str) -> Result<Price, Failure> {
    let wrong = |problem| AppError::invalid(Field::Amount, problem);
    let price = promised(tx, subject).await?.price;
    let price = price.ok_or(wrong(FieldProblem::Unknown))?;
    let paid = paid_for(tx, subject).await?;
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
