//! Paying back: what came too late or twice, and what was cancelled by the rule of its appointment.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    PaymentFact, PaymentState, Settled, Why,
    row::{Payment, promised, read, write_paid, write_state},
};
use crate::{
    account::Role,
    appointment::{self, Status},
    database::{Database, Failure, Tx},
    error::AppError,
    time::plus_minutes,
};

/// Writes that money has come for which there is nothing to be had: it goes back.
///
/// # Errors
/// Those of the database.
pub(super) async fn came_too_late(
    tx: &mut Tx,
    payment_id: i64,
    fact: &PaymentFact,
    why: Why,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let seen = read(tx, payment_id).await?;
    appointment::lock(tx, seen.appointment_id).await?;
    let payment = read(tx, payment_id).await?;
    if payment.state.is_paid() {
        return Ok(Settled::Known);
    }
    write(tx, &payment, fact, why, now).await
}

/// Writes that the money has come and goes back, all of it that has not gone back at the provider. The appointment is locked.
pub(super) async fn write(
    tx: &mut Tx,
    payment: &Payment,
    fact: &PaymentFact,
    why: Why,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let back = payment.price.minor - went(tx, payment.id).await?;
    if back > 0 {
        write_paid(tx, payment, fact, PaymentState::RefundDue, now).await?;
        insert(tx, payment, back, why, now).await?;
    } else {
        write_paid(tx, payment, fact, PaymentState::Refunded, now).await?;
        keep(tx, payment.id).await?;
    }
    Ok(Settled::GoesBack)
}

/// What of a payment went back at the provider, and not by us.
async fn went(tx: &mut Tx, payment_id: i64) -> Result<i64, Failure> {
    let went = sqlx::query_scalar!(
        r#"select coalesce(sum(amount_minor), 0)::bigint as "went!" from refunds
           where payment_id = $1 and why = 'outside' and state <> 'failed'"#,
        payment_id,
    );
    Ok(went.fetch_one(&mut **tx).await?)
}

/// Writes that no more of a payment goes back by us. The appointment is locked.
async fn keep(tx: &mut Tx, payment_id: i64) -> Result<(), Failure> {
    sqlx::query!(
        "update payments set kept_minor = amount_minor where id = $1",
        payment_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes an amount that goes back. There is one of ours for each payment. The appointment is locked.
async fn insert(tx: &mut Tx, payment: &Payment, minor: i64, why: Why, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "insert into refunds (payment_id, key, why, state, amount_minor, created_at, work_due_at)
         values ($1, $2, $3, 'due', $4, $5, $6)",
        payment.id,
        format!("refund-{}", payment.id),
        why.as_str(),
        minor,
        now.to_sqlx(),
        // What the desk took, the desk pays back.
        (!payment.provider.is_desk()).then(|| now.to_sqlx()) as _,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update payments set kept_minor = amount_minor - $2 where id = $1",
        payment.id,
        minor,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Pays back what was paid for an appointment that has come to its end, as its rule says, or keeps it. The appointment is
/// locked.
///
/// # Errors
/// Those of the database.
pub(super) async fn of_ended(tx: &mut Tx, appointment_id: i64, now: Timestamp) -> Result<(), Failure> {
    let paid = sqlx::query_scalar!(
        "select id from payments where appointment_id = $1 and state = 'paid' and kept_minor is null order by id",
        appointment_id,
    )
    .fetch_all(&mut **tx)
    .await?;
    if paid.is_empty() {
        return Ok(());
    }
    let (by, counts_from) = ended_by(tx, appointment_id).await?;
    let rule = promised(tx, appointment_id).await?.terms.refund;
    for id in paid {
        let payment = read(tx, id).await?;
        let went = went(tx, id).await?;
        let (back, why) = match by {
            Role::Patient => (rule.back(&payment.price, counts_from, now), Why::Cancelled),
            _ => (payment.price.minor, Why::ByClinic),
        };
        // What went back at the provider is not paid back again.
        let back = back.min(payment.price.minor - went);
        if back > 0 {
            insert(tx, &payment, back, why, now).await?;
            write_state(tx, &payment, PaymentState::RefundDue).await?;
        } else {
            keep(tx, payment.id).await?;
        }
    }
    Ok(())
}

/// Who ended an appointment, and the start from which its rule counts: that of before, where the patient moved it late.
async fn ended_by(tx: &mut Tx, appointment_id: i64) -> Result<(Role, Timestamp), Failure> {
    let row = sqlx::query!(
        r#"select actor, coalesce(refund_from, starts_at) as "counts_from!: jiff_sqlx::Timestamp"
           from appointments
           join appointment_changes as changes on changes.appointment_id = appointments.id
           where appointments.id = $1
           order by changes.version desc
           limit 1"#,
        appointment_id,
    )
    .fetch_one(&mut **tx)
    .await?;
    let by = match row.actor.as_str() {
        "patient" => Role::Patient,
        _ => Role::System,
    };
    Ok((by, row.counts_from.to_jiff()))
}

/// Number of appointments that one round looks at.
const MAX_BATCH: i64 = 100;

/// The time after its start for which an appointment is looked at, in minutes: a month.
const LOOK_MINUTES: i64 = 31 * 24 * 60;

/// Pays back what was paid for appointments that were ended where nobody listened, such as by a command. Answers with how many
/// there were.
///
/// Every server asks for that all the time. So it begins with the few appointments that ended, by the index of their status and
/// start, and not with all that was ever paid and kept.
///
/// # Errors
/// Those of the database.
pub async fn catch_up(database: &Database, now: Timestamp) -> Result<usize, AppError> {
    let missed = database
        .read("payment.look", move |mut connection| async move {
            let missed = sqlx::query_scalar!(
                "with ended as materialized (
                     select id from appointments
                     where status in ('cancelled', 'rejected', 'expired') and starts_at > $2
                 )
                 select id from ended
                 where (select true from payments
                        where appointment_id = ended.id and state = 'paid' and kept_minor is null limit 1)
                 order by id limit $1",
                MAX_BATCH,
                plus_minutes(now, -LOOK_MINUTES).to_sqlx(),
            );
            Ok(missed.fetch_all(&mut *connection).await?)
        })
        .await?;
    let count = missed.len();
    for id in missed {
        database
            .write("payment.catch_up", move |mut tx| async move {
                let appointment = appointment::lock(&mut tx, id).await?;
                if matches!(
                    appointment.status,
                    Status::Cancelled | Status::Rejected | Status::Expired
                ) {
                    of_ended(&mut tx, id, now).await?;
                }
                tx.commit().await
            })
            .await?;
    }
    Ok(count)
}
