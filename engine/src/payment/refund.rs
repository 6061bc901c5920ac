//! What a provider says of money that goes back, of disputes, and of amounts that are not what was asked for.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    PaymentState, RefundState, Settled, Why,
    page::lock_page,
    row::{Payment, read, write_state},
    subject::lock,
};
use crate::{
    database::{Failure, Tx},
    error::AppError,
    money::Price,
};

/// Locks what a payment is for and reads the payment after that.
pub(super) async fn locked(tx: &mut Tx, payment_id: i64, now: Timestamp) -> Result<Payment, Failure> {
    let seen = read(tx, payment_id).await?;
    lock(tx, seen.subject, now).await?;
    let payment = read(tx, payment_id).await?;
    match payment.subject == seen.subject {
        true => Ok(payment),
        // It was booked at another hold meanwhile, which is locked like this one in the next attempt of the provider.
        false => Err(AppError::ConcurrencyAbort.into()),
    }
}

/// A refund of a payment, by our key or the provider's id.
pub(super) struct Refund {
    pub id: i64,
    pub state: RefundState,
    pub minor: i64,
    /// Whether the state of the payment is its own.
    pub ends_payment: bool,
    /// The provider's id of it.
    pub provider_refund: Option<String>,
}

impl Refund {
    /// Whether it has this id at the provider.
    pub fn is_called(&self, refund: &str) -> bool {
        self.provider_refund.as_deref() == Some(refund)
    }
}

pub(super) async fn find(
    tx: &mut Tx,
    payment_id: i64,
    (refund, key): (&str, Option<&str>),
) -> Result<Option<Refund>, Failure> {
    let row = sqlx::query!(
        "select id, state, why, amount_minor, provider_refund from refunds
         where payment_id = $1 and (key = $2 or provider_refund = $3)
         order by key = $2 desc limit 1",
        payment_id,
        key.unwrap_or_default(),
        refund,
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| {
        Ok(Refund {
            id: row.id,
            state: RefundState::parse(&row.state).ok_or(AppError::Internal)?,
            minor: row.amount_minor,
            ends_payment: Why::parse(&row.why).is_some_and(Why::ends_payment),
            provider_refund: row.provider_refund,
        })
    })
    .transpose()
}

/// What ends a payment and has not gone back yet.
pub(super) async fn find_open(tx: &mut Tx, payment_id: i64) -> Result<Option<Refund>, Failure> {
    let row = sqlx::query!(
        "select id, state, amount_minor, provider_refund from refunds
         where payment_id = $1 and why not in ('outside', 'fewer') and state in ('due', 'refunding', 'failed')",
        payment_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| {
        Ok(Refund {
            id: row.id,
            state: RefundState::parse(&row.state).ok_or(AppError::Internal)?,
            minor: row.amount_minor,
            ends_payment: true,
            provider_refund: row.provider_refund,
        })
    })
    .transpose()
}

/// What we could not pay back, of this amount: who sees that on the worklist pays it back at the provider.
pub(super) async fn find_failed(tx: &mut Tx, payment_id: i64, minor: i64) -> Result<Option<Refund>, Failure> {
    let row = sqlx::query!(
        "select id, why from refunds
         where payment_id = $1 and why <> 'outside' and state = 'failed' and amount_minor = $2
         order by id limit 1",
        payment_id,
        minor,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Refund {
        id: row.id,
        state: RefundState::Failed,
        minor,
        ends_payment: Why::parse(&row.why).is_some_and(Why::ends_payment),
        // It is another one at the provider, and the failed one has been overtaken.
        provider_refund: None,
    }))
}

/// Writes that an amount went back: ours, or one that was made at the provider.
pub(super) async fn refunded(
    tx: &mut Tx,
    payment_id: i64,
    named: (&str, Option<&str>),
    amount: &Price,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let payment = locked(tx, payment_id, now).await?;
    if let Some(refund) = find(tx, payment.id, named).await? {
        let settled = match refund.state {
            RefundState::Refunded | RefundState::ByHand => Settled::Known,
            // What was said before it failed comes late, or again: a refund that has failed does not become another.
            RefundState::Failed if refund.is_called(named.0) => return Ok(Settled::Known),
            _ => {
                write_refunded(tx, &payment, &refund, named.0, now).await?;
                Settled::Noted
            }
        };
        // Such as a charge that was cancelled whole, of which a part was to go back.
        let rest = format!("{}:{}:rest", payment.provider.as_str(), named.0);
        write_outside(tx, &payment, (rest, amount.minor - refund.minor), named.0, now).await?;
        return Ok(settled);
    }
    if amount.minor <= 0 {
        return Ok(Settled::Known);
    }
    if let Some(refund) = find_failed(tx, payment.id, amount.minor).await? {
        write_refunded(tx, &payment, &refund, named.0, now).await?;
        return Ok(Settled::Noted);
    }
    // Also before we have heard that it was paid: events have no order, and what went back is not paid back again.
    let key = format!("{}:{}", payment.provider.as_str(), named.0);
    write_outside(tx, &payment, (key, amount.minor), named.0, now).await?;
    Ok(Settled::Noted)
}

/// Writes that an amount went back at the provider that we had not asked for; nothing where there is none. The appointment or stay
/// is locked.
pub(super) async fn write_outside(
    tx: &mut Tx,
    payment: &Payment,
    (key, minor): (String, i64),
    provider_refund: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    if minor <= 0 {
        return Ok(());
    }
    sqlx::query!(
        "insert into refunds (payment_id, key, why, state, amount_minor, provider_refund, created_at, done_at)
         values ($1, $2, $3, 'refunded', $4, $5, $6, $6)
         on conflict (key) do nothing",
        payment.id,
        key,
        Why::Outside.as_str(),
        minor,
        provider_refund,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes that a refund was made. What it is for is locked.
pub(super) async fn write_refunded(
    tx: &mut Tx,
    payment: &Payment,
    refund: &Refund,
    provider_refund: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "update refunds
         set state = 'refunded', done_at = $2, provider_refund = $3, work_due_at = null, work_until = null
         where id = $1",
        refund.id,
        now.to_sqlx(),
        refund.provider_refund.as_deref().unwrap_or(provider_refund),
    )
    .execute(&mut **tx)
    .await?;
    if refund.ends_payment {
        write_state(tx, payment, PaymentState::Refunded).await?;
    }
    Ok(())
}

/// Writes that an amount did not go back, also where it was said before that it had.
pub(super) async fn failed(
    tx: &mut Tx,
    payment_id: i64,
    named: (&str, Option<&str>),
    now: Timestamp,
) -> Result<Settled, Failure> {
    let payment = locked(tx, payment_id, now).await?;
    match find(tx, payment.id, named).await? {
        // Another one at the provider has taken its place, and that one has not failed.
        Some(refund) if refund.provider_refund.is_some() && !refund.is_called(named.0) => Ok(Settled::Known),
        Some(refund) if !matches!(refund.state, RefundState::Failed | RefundState::ByHand) => {
            write_failed(tx, &payment, &refund, Some(named.0)).await?;
            Ok(Settled::Noted)
        }
        _ => Ok(Settled::Known),
    }
}

/// Writes that a refund cannot be made: somebody has to pay it back. `provider_refund` is the provider's id of the one that has
/// failed, where it has got one. What it is for is locked.
pub(super) async fn write_failed(
    tx: &mut Tx,
    payment: &Payment,
    refund: &Refund,
    provider_refund: Option<&str>,
) -> Result<(), Failure> {
    sqlx::query!(
        "update refunds
         set state = 'failed', done_at = null, provider_refund = coalesce(provider_refund, $2),
             work_due_at = null, work_until = null
         where id = $1",
        refund.id,
        provider_refund,
    )
    .execute(&mut **tx)
    .await?;
    if refund.ends_payment {
        write_state(tx, payment, PaymentState::RefundFailed).await?;
    }
    Ok(())
}

/// Writes that a provider says another amount or currency than was asked for. Nothing is booked, and a person looks at it.
pub(super) async fn wrong_amount(
    tx: &mut Tx,
    payment_id: i64,
    said: &Price,
    now: Timestamp,
) -> Result<Settled, Failure> {
    lock_page(tx, payment_id, now).await?;
    let payment = read(tx, payment_id).await?;
    sqlx::query!(
        "insert into payment_troubles (payment_id, kind, said_minor, said_currency, noticed_at)
         values ($1, 'wrong_amount', $2, $3, $4)
         on conflict (payment_id, kind, reference) do nothing",
        payment.id,
        said.minor,
        said.currency,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    if payment.state.is_open() {
        super::opened::end(tx, payment.id, PaymentState::Failed, now).await?;
    }
    Ok(Settled::WrongAmount)
}

/// Writes that whoever paid has asked their bank for the money.
pub(super) async fn disputed(
    tx: &mut Tx,
    payment_id: i64,
    dispute: &str,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let payment = locked(tx, payment_id, now).await?;
    let noticed = sqlx::query!(
        "insert into payment_troubles (payment_id, kind, reference, noticed_at) values ($1, 'disputed', $2, $3)
         on conflict (payment_id, kind, reference) do nothing",
        payment.id,
        dispute,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(match noticed.rows_affected() {
        0 => Settled::Known,
        _ => Settled::Noted,
    })
}

/// Writes that a dispute is over, also where nobody had said that there was one: events have no order.
pub(super) async fn dispute_closed(
    tx: &mut Tx,
    payment_id: i64,
    dispute: &str,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let payment = locked(tx, payment_id, now).await?;
    sqlx::query!(
        "insert into payment_troubles (payment_id, kind, reference, noticed_at, settled_at)
         values ($1, 'disputed', $2, $3, $3)
         on conflict (payment_id, kind, reference)
         do update set settled_at = coalesce(payment_troubles.settled_at, excluded.settled_at)",
        payment.id,
        dispute,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(Settled::Noted)
}
