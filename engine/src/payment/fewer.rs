//! A stay that becomes shorter costs less: what was paid for it beyond that goes back at once, by its rule.

use jiff::Timestamp;

use super::{
    PaymentState, Subject, Why,
    pay_back::{changed_by, insert_refund},
    row::{of_subject, paid_for, promised},
};
use crate::{
    account::Role,
    database::{Failure, Tx},
    money::Price,
};

/// Pays back what a stay costs less than was paid for it. Nights that the patient gives up too late are paid back by the rule of
/// the stay as if all of it was cancelled, and the rest is kept; what the clinic shortens is paid back whole. The newest payment
/// goes back first. The stay is locked.
///
/// # Errors
/// Those of the database.
pub(super) async fn of_shorter(tx: &mut Tx, stay_id: i64, now: Timestamp) -> Result<(), Failure> {
    let subject = Subject::Stay(stay_id);
    let was = promised(tx, subject).await?;
    let Some(price) = was.price else {
        return Ok(());
    };
    let over = paid_for(tx, subject).await? - price.minor;
    if over <= 0 {
        return Ok(());
    }
    let over = Price {
        minor: over,
        currency: price.currency,
    };
    let (by, counts_from) = changed_by(tx, subject).await?;
    let back = match by {
        Role::Patient => was.terms.refund.back(&over, counts_from, now),
        _ => over.minor,
    };
    sqlx::query!(
        "update stays set given_up_minor = given_up_minor + $2::bigint where id = $1 and $2::bigint > 0",
        stay_id,
        over.minor - back,
    )
    .execute(&mut **tx)
    .await?;
    pay_back(tx, subject, back, now).await
}

/// Pays this much back of what was paid, from the newest payment on.
async fn pay_back(tx: &mut Tx, subject: Subject, mut back: i64, now: Timestamp) -> Result<(), Failure> {
    let payments = of_subject(tx, subject).await?;
    let paid = payments.iter().rev();
    for payment in paid.filter(|payment| payment.state == PaymentState::Paid) {
        let before = sqlx::query!(
            r#"select count(*) filter (where why = 'fewer') as "count!",
                      coalesce(sum(amount_minor) filter (where why = 'fewer' or state <> 'failed'), 0)::bigint as "minor!"
               from refunds where payment_id = $1"#,
            payment.id,
        )
        .fetch_one(&mut **tx)
        .await?;
        let part = back.min(payment.price.minor - before.minor);
        if part <= 0 {
            continue;
        }
        back -= part;
        let key = format!("refund-{}-{}", payment.id, before.count + 1);
        insert_refund(tx, payment, (key, part), Why::Fewer, now).await?;
    }
    Ok(())
}
