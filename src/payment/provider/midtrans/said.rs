//! What Midtrans says of a transaction, in our own words.

use engine::{
    money::Price,
    payment::{FactKind, PaymentFact, Provider as Name},
};
use serde_json::Value;

use crate::payment::provider::client::text;

/// The only currency of Midtrans. It has a hundred units here and none there.
const CURRENCY: &str = "IDR";

/// Our own id of the payment of an order.
pub(super) fn payment_of(order: &str) -> Option<i64> {
    order.rsplit_once('-')?.1.parse().ok().filter(|id| *id > 0)
}

/// Whole rupiah.
pub(super) fn whole(price: &Price) -> Option<i64> {
    (price.currency == CURRENCY && price.minor > 0 && price.minor % 100 == 0).then_some(price.minor / 100)
}

/// An amount as it is written: `150000.00`.
pub(super) fn written(amount: &str) -> Option<Price> {
    Price::exact(amount, CURRENCY)
}

/// The amount of a transaction, in its currency.
pub(super) fn gross(transaction: &Value) -> Option<Price> {
    let price = written(text(transaction, "/gross_amount")?)?;
    Some(Price {
        currency: text(transaction, "/currency").unwrap_or(CURRENCY).to_owned(),
        ..price
    })
}

pub(super) fn refunds(transaction: &Value) -> impl Iterator<Item = &Value> {
    let listed = transaction.pointer("/refunds").and_then(Value::as_array);
    listed.into_iter().flatten()
}

/// The id under which an amount went back by a cancellation, where it did: one whose answer was lost is not made again. All of the
/// charge went back by it, also where only a part was to.
pub(super) fn cancelled(transaction: &Value, amount: &Price) -> Option<String> {
    let is_enough = |gross: Price| gross.currency == amount.currency && gross.minor >= amount.minor;
    let went_back = text(transaction, "/transaction_status") == Some("cancel")
        && text(transaction, "/approval_code").is_some()
        && gross(transaction).is_some_and(is_enough);
    let id = text(transaction, "/transaction_id").filter(|_| went_back)?;
    Some(id.to_owned())
}

pub(super) fn fact(order: &str, transaction: Option<&str>, kind: FactKind) -> PaymentFact {
    PaymentFact {
        provider: Name::Midtrans,
        payment_id: payment_of(order),
        session: Some(order.to_owned()),
        provider_payment: transaction.map(str::to_owned),
        kind,
        event_id: None,
    }
}

/// What a transaction says; nothing while it is under way, and `None` where it makes no sense.
pub(super) fn facts(transaction: &Value, has_ended: bool) -> Option<Vec<PaymentFact>> {
    let order = text(transaction, "/order_id")?;
    let id = text(transaction, "/transaction_id")?;
    let paid = || {
        Some(FactKind::Paid {
            amount: gross(transaction)?,
        })
    };
    let kinds = match text(transaction, "/transaction_status")? {
        "settlement" => vec![paid()?],
        // Suspected of fraud, it waits for somebody of the clinic at Midtrans.
        "capture" if text(transaction, "/fraud_status").is_none_or(|fraud| fraud == "accept") => {
            vec![paid()?]
        }
        "capture" | "authorize" | "pending" => Vec::new(),
        // Snap lets people try another card until its page ends.
        "deny" | "failure" if has_ended => vec![FactKind::Failed],
        "deny" | "failure" => Vec::new(),
        "expire" => vec![FactKind::Expired],
        // A card that was charged is given back by it before it is settled.
        "cancel" if text(transaction, "/approval_code").is_some() => vec![
            paid()?,
            FactKind::Refunded {
                refund: id.to_owned(),
                // A cancellation has no key. It is all that can go back of a payment, and so it is ours where there is one.
                key: payment_of(order).map(|id| format!("refund-{id}")),
                amount: gross(transaction)?,
            },
        ],
        "cancel" => vec![FactKind::Expired],
        "refund" | "partial_refund" => of_refunds(transaction, id, paid()?)?,
        "chargeback" | "partial_chargeback" => vec![
            paid()?,
            FactKind::Disputed {
                dispute: id.to_owned(),
            },
        ],
        _ => return None,
    };
    Some(
        kinds
            .into_iter()
            .map(|kind| fact(order, Some(id), kind))
            .collect(),
    )
}

/// Each refund by the key that it was asked for with; those made at Midtrans have one of Midtrans.
fn of_refunds(transaction: &Value, id: &str, paid: FactKind) -> Option<Vec<FactKind>> {
    let mut told = vec![paid];
    for refund in refunds(transaction) {
        let key = text(refund, "/refund_key");
        told.push(FactKind::Refunded {
            refund: key.unwrap_or(id).to_owned(),
            key: key.map(str::to_owned),
            amount: written(text(refund, "/refund_amount")?)?,
        });
    }
    if told.len() == 1 {
        told.push(FactKind::Refunded {
            refund: text(transaction, "/refund_key").unwrap_or(id).to_owned(),
            key: text(transaction, "/refund_key").map(str::to_owned),
            amount: written(
                text(transaction, "/refund_amount").or_else(|| text(transaction, "/gross_amount"))?,
            )?,
        });
    }
    Some(told)
}
