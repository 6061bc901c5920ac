//! Reading payments. Who changes one has locked what it is for, and reads it after that.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{FactKind, PaymentFact, PaymentState, Provider, Subject, terms::Terms};
use crate::{
    database::{Failure, Tx},
    error::AppError,
    event::Event,
    money::Price,
    stay,
};

/// A payment as transactions read it.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub id: i64,
    pub subject: Subject,
    /// The payment on whose page this one is paid, where it has none of its own.
    pub lead_id: Option<i64>,
    /// The appointments that are booked by what is paid on its page, where they are several.
    pub parts: Vec<i64>,
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
    appointment_id: Option<i64>,
    stay_id: Option<i64>,
    lead_id: Option<i64>,
    parts: Option<Vec<i64>>,
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
            subject: Subject::of(self.appointment_id, self.stay_id)?,
            lead_id: self.lead_id,
            parts: self.parts.unwrap_or_default(),
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

impl Payment {
    /// The payment on whose page this one is paid: itself, or the one before it of a visit.
    pub fn page_id(&self) -> i64 {
        self.lead_id.unwrap_or(self.id)
    }
}

/// Reads payments: one list of columns for every condition.
macro_rules! payments {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select id, appointment_id, stay_id, lead_id, parts, provider, state, amount_minor, currency, started_by, provider_session,
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
    // A share of a visit has no ids of the provider's: those of its page are its own.
    let rows = payments!(
        "where provider = $1 and (id = $2 or provider_session = $3 or provider_payment = $4)
           and not exists (select from payments as page
                           where page.id = coalesce(payments.lead_id, payments.id)
                             and (page.provider_payment <> $4 or page.provider_session <> $3))
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

/// The payments that are paid on this page, that which has it first: one, or those of the appointments of a visit.
pub(super) async fn on_page(connection: &mut PgConnection, page_id: i64) -> Result<Vec<Payment>, Failure> {
    payments!(
        "where id = $1 or lead_id = $1 order by lead_id nulls first, id",
        page_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_payment)
    .collect()
}

/// The payments for this, in the order in which they were begun. It is locked.
pub(super) async fn of_subject(
    connection: &mut PgConnection,
    subject: Subject,
) -> Result<Vec<Payment>, Failure> {
    payments!(
        "where appointment_id = $1 or stay_id = $2 order by id",
        subject.appointment_id(),
        subject.stay_id()
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_payment)
    .collect()
}

/// What has been paid of this, and has not gone back since it became less. It is locked.
pub(super) async fn paid_for(connection: &mut PgConnection, subject: Subject) -> Result<i64, Failure> {
    let paid = sqlx::query_scalar!(
        r#"select coalesce(sum(amount_minor - (select coalesce(sum(refunds.amount_minor), 0) from refunds
                                               where payment_id = payments.id and why = 'fewer')), 0)::bigint as "paid!"
           from payments
           where (appointment_id = $1 or stay_id = $2) and state = 'paid'"#,
        subject.appointment_id(),
        subject.stay_id(),
    );
    Ok(paid.fetch_one(connection).await?)
}

/// What something was promised with.
#[derive(Clone, Debug)]
pub(super) struct Promised {
    pub price: Option<Price>,
    pub terms: Terms,
    /// What is paid before it is booked.
    pub first: Option<Price>,
    /// The patient's reason to come.
    pub reason: String,
}

/// Reads what something was promised with.
pub(super) async fn promised(connection: &mut PgConnection, subject: Subject) -> Result<Promised, Failure> {
    match subject {
        Subject::Appointment(id) => promised_appointment(connection, id).await,
        Subject::Stay(id) => {
            let stay = stay::pay::find(connection, id).await?;
            Ok(Promised {
                price: Some(stay.price()),
                first: stay.first(),
                terms: stay.terms,
                reason: String::new(),
            })
        }
    }
}

async fn promised_appointment(connection: &mut PgConnection, id: i64) -> Result<Promised, Failure> {
    let row = sqlx::query!(
        "select price_minor, currency, pay_when, pay_minor, refund_minutes, late_refund_percent, reason
         from appointments where id = $1",
        id,
    )
    .fetch_one(connection)
    .await?;
    Ok(Promised {
        first: Price::of(row.pay_minor, row.currency.clone()),
        terms: Terms::stored(
            row.pay_when.as_deref(),
            row.pay_minor,
            row.refund_minutes,
            row.late_refund_percent,
        ),
        price: Price::of(row.price_minor, row.currency),
        reason: row.reason,
    })
}

/// Writes that the money has come: now it has a receipt. What it is for is locked.
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
             -- Shares of a visit have those of their page.
             provider_session = case when lead_id is null then coalesce(provider_session, $4) end,
             provider_payment = case when lead_id is null then coalesce($5, provider_payment) end,
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

/// Writes another state of a payment. What it is for is locked.
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

/// Has the pages ended where this could still be paid: nobody is to pay there any more. A page on which other appointments of a
/// visit are paid with it is ended for all of them.
pub(super) async fn give_up_open(tx: &mut Tx, subject: Subject, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "with pages as (
             select coalesce(lead_id, id) as id from payments
             where (appointment_id = $1 or stay_id = $2) and state in ('created', 'paying') and given_up_at is null
         )
         update payments
         set given_up_at = $3, work_due_at = case when lead_id is null then $3::timestamptz end, version = version + 1
         where (id in (select id from pages) or lead_id in (select id from pages))
           and state in ('created', 'paying') and given_up_at is null",
        subject.appointment_id(),
        subject.stay_id(),
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn tell(tx: &mut Tx, payment: &Payment, to: PaymentState) {
    tx.tell(Event::PaymentChanged {
        payment_id: payment.id,
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
