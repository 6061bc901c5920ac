//! Reading payments. Who changes one has locked its appointment, and reads it after that.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    FactKind, PaymentFact, PaymentState, Provider,
    terms::{RefundRule, Terms, When},
};
use crate::{
    database::{Failure, Tx},
    error::AppError,
    event::Event,
    money::Price,
};

/// A payment as transactions read it.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub id: i64,
    pub appointment_id: i64,
    pub provider: Provider,
    pub state: PaymentState,
    pub price: Price,
    pub started_by: Option<i64>,
    pub session: Option<String>,
    pub session_ends_at: Option<Timestamp>,
    pub was_given_up: bool,
    pub attempts: i32,
}

struct Row {
    id: i64,
    appointment_id: i64,
    provider: String,
    state: String,
    amount_minor: i64,
    currency: String,
    started_by: Option<i64>,
    provider_session: Option<String>,
    session_ends_at: Option<jiff_sqlx::Timestamp>,
    given_up_at: Option<jiff_sqlx::Timestamp>,
    attempts: i32,
}

impl Row {
    fn into_payment(self) -> Result<Payment, Failure> {
        Ok(Payment {
            id: self.id,
            appointment_id: self.appointment_id,
            provider: Provider::parse(&self.provider).ok_or(AppError::Internal)?,
            state: PaymentState::parse(&self.state).ok_or(AppError::Internal)?,
            price: Price {
                minor: self.amount_minor,
                currency: self.currency,
            },
            started_by: self.started_by,
            session: self.provider_session,
            session_ends_at: self.session_ends_at.map(|at| at.to_jiff()),
            was_given_up: self.given_up_at.is_some(),
            attempts: self.attempts,
        })
    }
}

/// Reads payments: one list of columns for every condition.
macro_rules! payments {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select id, appointment_id, provider, state, amount_minor, currency, started_by, provider_session,
                      session_ends_at as "session_ends_at: jiff_sqlx::Timestamp",
                      given_up_at as "given_up_at: jiff_sqlx::Timestamp", attempts
               from payments "# + $condition,
            $($argument),+
        )
    };
}

/// Reads a payment.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn read(connection: &mut PgConnection, id: i64) -> Result<Payment, Failure> {
    let row = payments!("where id = $1", id).fetch_optional(connection).await?;
    row.ok_or(AppError::NotFound)?.into_payment()
}

/// The payment that a fact is about, without a lock.
pub(super) async fn of_fact(
    connection: &mut PgConnection,
    fact: &PaymentFact,
) -> Result<Option<Payment>, Failure> {
    let rows = payments!(
        "where provider = $1 and (id = $2 or provider_session = $3 or provider_payment = $4)
           and (provider_payment is null or $4::text is null or provider_payment = $4)
         order by id",
        fact.provider.as_str(),
        fact.payment_id,
        fact.session,
        fact.provider_payment
    )
    .fetch_all(connection)
    .await?;
    let found = rows
        .into_iter()
        .map(Row::into_payment)
        .collect::<Result<Vec<_>, _>>()?;
    // Where the ids do not agree it is no payment of ours, such as that of another installation with the same account.
    let agrees = |payment: &Payment| {
        fact.payment_id.is_none_or(|id| id == payment.id)
            && match (&payment.session, &fact.session) {
                (Some(own), Some(said)) => own == said,
                _ => true,
            }
    };
    Ok(found.into_iter().find(agrees))
}

/// The payments of an appointment, in the order in which they were begun. The appointment is locked.
pub(super) async fn of_appointment(
    connection: &mut PgConnection,
    appointment_id: i64,
) -> Result<Vec<Payment>, Failure> {
    payments!("where appointment_id = $1 order by id", appointment_id)
        .fetch_all(connection)
        .await?
        .into_iter()
        .map(Row::into_payment)
        .collect()
}

/// What an appointment was promised with.
#[derive(Clone, Debug)]
pub(super) struct Promised {
    pub price: Option<Price>,
    pub terms: Terms,
    /// What is paid before it is booked.
    pub first: Option<Price>,
    /// The patient's reason to come.
    pub reason: String,
}

/// Reads what an appointment was promised with.
pub(super) async fn promised(
    connection: &mut PgConnection,
    appointment_id: i64,
) -> Result<Promised, Failure> {
    let row = sqlx::query!(
        "select price_minor, currency, pay_when, pay_minor, refund_minutes, late_refund_percent, reason
         from appointments where id = $1",
        appointment_id,
    )
    .fetch_one(connection)
    .await?;
    Ok(Promised {
        first: Price::of(row.pay_minor, row.currency.clone()),
        terms: Terms {
            when: When::stored(row.pay_when.as_deref(), row.pay_minor),
            refund: RefundRule {
                full_minutes: row.refund_minutes.unwrap_or_default(),
                late_percent: row.late_refund_percent.unwrap_or_default(),
            },
        },
        price: Price::of(row.price_minor, row.currency),
        reason: row.reason,
    })
}

/// Writes that the money has come: now it has a receipt. The appointment is locked.
pub(super) async fn write_paid(
    tx: &mut Tx,
    payment: &Payment,
    fact: &PaymentFact,
    to: PaymentState,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "update payments
         set state = $2, paid_at = $3, receipt_number = nextval('receipt_numbers'), ended_at = null,
             provider_session = coalesce(provider_session, $4), provider_payment = coalesce($5, provider_payment),
             work_due_at = null, work_until = null, version = version + 1
         where id = $1",
        payment.id,
        to.as_str(),
        now.to_sqlx(),
        fact.session,
        fact.provider_payment,
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, payment, to);
    Ok(())
}

/// Writes another state of a payment. The appointment is locked.
pub(super) async fn write_state(tx: &mut Tx, payment: &Payment, to: PaymentState) -> Result<(), Failure> {
    sqlx::query!(
        "update payments set state = $2, work_due_at = null, work_until = null, version = version + 1 where id = $1",
        payment.id,
        to.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    tell(tx, payment, to);
    Ok(())
}

/// Has the pages ended where an appointment could still be paid: nobody is to pay there any more.
pub(super) async fn give_up_open(tx: &mut Tx, appointment_id: i64, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update payments set given_up_at = $2, work_due_at = $2, version = version + 1
         where appointment_id = $1 and state in ('created', 'paying') and given_up_at is null",
        appointment_id,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn tell(tx: &mut Tx, payment: &Payment, to: PaymentState) {
    tx.tell(Event::PaymentChanged {
        payment_id: payment.id,
        appointment_id: payment.appointment_id,
        to,
    });
}

impl FactKind {
    /// The word in metrics and logs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Paid { .. } => "paid",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Refunded { .. } => "refunded",
            Self::RefundFailed { .. } => "refund_failed",
            Self::Disputed { .. } => "disputed",
            Self::DisputeClosed { .. } => "dispute_closed",
        }
    }
}
