//! Settling what a provider says: the one place where a payment is believed.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    FactKind, PaymentFact, PaymentState, Settled, Why, book,
    opened::end,
    page, pay_back, refund,
    row::{of_fact, on_page},
    shares,
};
use crate::{
    booking::Rules,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// Settles a fact, once for each event. What is paid is booked if the hold runs or the time is still free, and else goes back,
/// in the same transaction. `rules` are those by which a request waits for its answer.
///
/// # Errors
/// Those of the database: nothing was written then, and the provider sends it again.
pub async fn settle(
    database: &Database,
    fact: PaymentFact,
    rules: Rules,
    now: Timestamp,
) -> Result<Settled, AppError> {
    database
        .write("payment.settle", move |tx| attempt(tx, fact.clone(), rules, now))
        .await
}

async fn attempt(mut tx: Tx, fact: PaymentFact, rules: Rules, now: Timestamp) -> Result<Settled, Failure> {
    if !claim(&mut tx, &fact, now).await? {
        return Ok(Settled::Known);
    }
    let settled = match of_fact(&mut tx, &fact).await? {
        None => Settled::Unknown,
        Some(payment) => {
            // What is said of a share of a visit is said of its page.
            let payment_id = payment.page_id();
            let page = on_page(&mut tx, payment_id).await?;
            let (asked, is_several) = (page::asked(&page)?, page.len() > 1);
            match &fact.kind {
                FactKind::Paid { amount } if *amount != asked => {
                    refund::wrong_amount(&mut tx, payment_id, amount, now).await?
                }
                FactKind::Paid { .. } => paid(&mut tx, payment_id, &fact, rules, now).await?,
                FactKind::Failed => over(&mut tx, payment_id, PaymentState::Failed, now).await?,
                FactKind::Expired => over(&mut tx, payment_id, PaymentState::Expired, now).await?,
                FactKind::Refunded { refund, key, amount } => {
                    let named = (refund.as_str(), key.as_deref());
                    match is_several {
                        true => shares::refunded(&mut tx, payment_id, named, amount, now).await?,
                        false => refund::refunded(&mut tx, payment_id, named, amount, now).await?,
                    }
                }
                FactKind::RefundFailed { refund, key } => {
                    let named = (refund.as_str(), key.as_deref());
                    match is_several {
                        true => shares::failed(&mut tx, payment_id, named, now).await?,
                        false => refund::failed(&mut tx, payment_id, named, now).await?,
                    }
                }
                FactKind::Disputed { dispute } => refund::disputed(&mut tx, payment_id, dispute, now).await?,
                FactKind::DisputeClosed { dispute } => {
                    refund::dispute_closed(&mut tx, payment_id, dispute, now).await?
                }
            }
        }
    };
    tx.commit().await?;
    Ok(settled)
}

/// Takes an event, unless it was taken: a twin waits here until the first one has committed.
async fn claim(tx: &mut Tx, fact: &PaymentFact, now: Timestamp) -> Result<bool, Failure> {
    let Some(event_id) = &fact.event_id else {
        return Ok(true);
    };
    let claimed = sqlx::query!(
        "insert into provider_events (source, event_id, received_at) values ($1, $2, $3) on conflict do nothing",
        fact.provider.as_str(),
        event_id,
        now.to_sqlx(),
    );
    let claimed = locking(Lock::IdempotencyKey, claimed.execute(&mut **tx)).await?;
    Ok(claimed.rows_affected() == 1)
}

/// The money has come. What cannot be booked for whatever reason goes back.
async fn paid(
    tx: &mut Tx,
    payment_id: i64,
    fact: &PaymentFact,
    rules: Rules,
    now: Timestamp,
) -> Result<Settled, Failure> {
    // Only the event is locked so far: who waits for that one holds nothing.
    let part = tx.new_part().await?;
    let booked = book::book(tx, payment_id, fact, rules, now).await;
    if let Ok(settled) = part.settle(tx, booked).await? {
        return Ok(settled);
    }
    // All that the refused part had locked was given back with it.
    let part = tx.new_part().await?;
    let back = pay_back::came_too_late(tx, payment_id, fact, Why::TooLate, now).await;
    Ok(part.settle(tx, back).await??)
}

/// The page has ended without money.
async fn over(tx: &mut Tx, payment_id: i64, to: PaymentState, now: Timestamp) -> Result<Settled, Failure> {
    Ok(match end(tx, payment_id, to, now).await? {
        true => Settled::Noted,
        false => Settled::Known,
    })
}
