//! What goes back of a page on which the appointments of a visit were paid together: which share it is of.

use jiff::Timestamp;

use super::{
    RefundState, Settled,
    page::lock_page,
    refund::{self, Refund, find_failed, find_open, write_outside, write_refunded},
    row::Payment,
};
use crate::{
    database::{Failure, Tx},
    money::Price,
};

/// Finds a refund of a page, by our key or the provider's id, with the payment that it is of.
///
/// # Errors
/// Those of the database.
async fn find(
    tx: &mut Tx,
    page: &[Payment],
    named: (&str, Option<&str>),
) -> Result<Option<(Payment, Refund)>, Failure> {
    for payment in page {
        if let Some(refund) = refund::find(tx, payment.id, named).await? {
            return Ok(Some((payment.clone(), refund)));
        }
    }
    Ok(None)
}

/// Writes that an amount of a page did not go back, also where it was said before that it had.
///
/// # Errors
/// Those of the database.
pub(super) async fn failed(
    tx: &mut Tx,
    page_id: i64,
    named: (&str, Option<&str>),
    now: Timestamp,
) -> Result<Settled, Failure> {
    // What was made at the provider for several shares at once fails for each of them.
    let page = lock_page(tx, page_id, now).await?.payments();
    let mut settled = Settled::Known;
    for payment in &page {
        if refund::failed(tx, payment.id, named, now).await? == Settled::Noted {
            settled = Settled::Noted;
        }
    }
    Ok(settled)
}

/// Writes that an amount of a page went back: of the share that we had asked it for, and what is more than that of all of them, as
/// far as they have not gone back.
///
/// # Errors
/// Those of the database.
pub(super) async fn refunded(
    tx: &mut Tx,
    page_id: i64,
    named: (&str, Option<&str>),
    amount: &Price,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let page = lock_page(tx, page_id, now).await?.payments();
    let page = page.as_slice();
    let mut settled = Settled::Known;
    if let Some((payment, refund)) = find(tx, page, named).await? {
        match refund.state {
            RefundState::Refunded | RefundState::ByHand => {}
            // What was said before it failed comes late, or again: a refund that has failed does not become another.
            RefundState::Failed if refund.is_called(named.0) => return Ok(Settled::Known),
            _ => {
                write_refunded(tx, &payment, &refund, named.0, now).await?;
                settled = Settled::Noted;
            }
        }
    } else {
        for payment in page {
            if let Some(refund) = find_failed(tx, payment.id, amount.minor).await? {
                write_refunded(tx, payment, &refund, named.0, now).await?;
                return Ok(Settled::Noted);
            }
        }
        if settle_failed(tx, page, named.0, amount.minor, now).await? {
            return Ok(Settled::Noted);
        }
    }
    let paid: i64 = page.iter().map(|payment| payment.price.minor).sum();
    if amount.minor >= paid {
        // Such as a charge that was cancelled whole: what else was to go back went with it.
        settle_the_others(tx, page, named.0, now).await?;
    }
    let rest = amount.minor - known(tx, page, named).await?;
    match rest > 0 && spread(tx, page, (named.0, rest), now).await? {
        true => Ok(Settled::Noted),
        false => Ok(settled),
    }
}

/// What is known of a refund of the provider, whatever share it was of.
async fn known(tx: &mut Tx, page: &[Payment], named: (&str, Option<&str>)) -> Result<i64, Failure> {
    let ids: Vec<i64> = page.iter().map(|payment| payment.id).collect();
    let known = sqlx::query_scalar!(
        r#"select coalesce(sum(amount_minor), 0)::bigint as "known!" from refunds
           where payment_id = any($1) and (provider_refund = $2 or key = $3) and state in ('refunded', 'by_hand')"#,
        &ids,
        named.0,
        named.1.unwrap_or_default(),
    );
    Ok(known.fetch_one(&mut **tx).await?)
}

/// Writes that what had failed of several shares was paid back at the provider in one sum. Answers whether it was.
async fn settle_failed(
    tx: &mut Tx,
    page: &[Payment],
    provider_refund: &str,
    minor: i64,
    now: Timestamp,
) -> Result<bool, Failure> {
    let mut failed = Vec::new();
    for payment in page {
        if let Some(refund) = find_open(tx, payment.id).await?
            && refund.state == RefundState::Failed
        {
            failed.push((payment, overtaken(refund)));
        }
    }
    let sum: i64 = failed.iter().map(|(_, refund)| refund.minor).sum();
    if failed.is_empty() || sum != minor {
        return Ok(false);
    }
    for (payment, refund) in failed {
        write_refunded(tx, payment, &refund, provider_refund, now).await?;
    }
    Ok(true)
}

/// A refund that failed, of which another one at the provider took the place: what is said of the first concerns it no more.
fn overtaken(refund: Refund) -> Refund {
    match refund.state {
        RefundState::Failed => Refund {
            provider_refund: None,
            ..refund
        },
        _ => refund,
    }
}

/// Writes that everything of ours went back that was still to.
async fn settle_the_others(
    tx: &mut Tx,
    page: &[Payment],
    provider_refund: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    for payment in page {
        let open = find_open(tx, payment.id).await?;
        if let Some(refund) = open {
            write_refunded(tx, payment, &overtaken(refund), provider_refund, now).await?;
        }
    }
    Ok(())
}

/// Writes what went back at the provider and not by us, of each share as much as is left of it. Answers whether any was.
async fn spread(
    tx: &mut Tx,
    page: &[Payment],
    (provider_refund, mut rest): (&str, i64),
    now: Timestamp,
) -> Result<bool, Failure> {
    let before = rest;
    for payment in page {
        let went = sqlx::query_scalar!(
            r#"select coalesce(sum(amount_minor), 0)::bigint as "went!" from refunds
               where payment_id = $1 and state <> 'failed'"#,
            payment.id,
        )
        .fetch_one(&mut **tx)
        .await?;
        let part = rest.min(payment.price.minor - went);
        if part > 0 {
            let key = format!("{}:{provider_refund}:{}", payment.provider.as_str(), payment.id);
            write_outside(tx, payment, (key, part), provider_refund, now).await?;
            rest -= part;
        }
    }
    Ok(rest < before)
}
