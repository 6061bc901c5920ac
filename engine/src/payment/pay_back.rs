//! Paying back: what came too late or twice, and what was cancelled by the rule of its appointment.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    PaymentFact, PaymentState, Settled, Subject, Why,
    page::lock_page,
    row::{Payment, promised, read, write_paid, write_state},
    subject::{Standing, lock},
};
use crate::{
    account::Role,
    database::{Database, Failure, Tx},
    error::AppError,
    money::Price,
    stay,
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
    let page = lock_page(tx, payment_id, now).await?;
    if page.is_paid() {
        return Ok(Settled::Known);
    }
    // Each share of a visit goes back by itself: no appointment has back more than was paid for it.
    for (payment, _) in page.all {
        write(tx, &payment, fact, why, now).await?;
    }
    Ok(Settled::GoesBack)
}

/// Writes that the money has come and goes back, all of it that has not gone back at the provider. What it is for is locked.
pub(super) async fn write(
    tx: &mut Tx,
    payment: &Payment,
    fact: &PaymentFact,
    why: Why,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let (outside, fewer) = went(tx, payment.id).await?;
    let back = payment.price.minor - outside - fewer;
    if back > 0 {
        write_paid(tx, payment, fact, PaymentState::RefundDue, now).await?;
        insert(tx, payment, back, why, now).await?;
    } else {
        write_paid(tx, payment, fact, PaymentState::Refunded, now).await?;
        keep(tx, payment.id).await?;
    }
    Ok(Settled::GoesBack)
}

/// What of a payment has gone another way: back at the provider and not by us, and back since what it is for costs less.
async fn went(tx: &mut Tx, payment_id: i64) -> Result<(i64, i64), Failure> {
    let went = sqlx::query!(
        r#"select coalesce(sum(amount_minor) filter (where why = 'outside' and state <> 'failed'), 0)::bigint as "outside!",
                  coalesce(sum(amount_minor) filter (where why = 'fewer'), 0)::bigint as "fewer!"
           from refunds where payment_id = $1"#,
        payment_id,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((went.outside, went.fewer))
}

/// Writes that no more of a payment goes back by us. What it is for is locked.
async fn keep(tx: &mut Tx, payment_id: i64) -> Result<(), Failure> {
    sqlx::query!(
        "update payments
         set kept_minor = amount_minor - (select coalesce(sum(refunds.amount_minor), 0) from refunds
                                          where payment_id = $1 and why = 'fewer')
         where id = $1",
        payment_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes an amount that goes back, after which nothing is left of the payment. There is one of those for each payment. What it
/// is for is locked.
async fn insert(tx: &mut Tx, payment: &Payment, minor: i64, why: Why, now: Timestamp) -> Result<(), Failure> {
    insert_refund(tx, payment, (format!("refund-{}", payment.id), minor), why, now).await?;
    sqlx::query!(
        "update payments
         set kept_minor = amount_minor - $2::bigint - (select coalesce(sum(refunds.amount_minor), 0) from refunds
                                                       where payment_id = $1 and why = 'fewer')
         where id = $1",
        payment.id,
        minor,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes an amount that goes back under this key.
pub(super) async fn insert_refund(
    tx: &mut Tx,
    payment: &Payment,
    (key, minor): (String, i64),
    why: Why,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into refunds (payment_id, key, why, state, amount_minor, created_at, work_due_at)
         values ($1, $2, $3, 'due', $4, $5, $6)",
        payment.id,
        key,
        why.as_str(),
        minor,
        now.to_sqlx(),
        // What the desk took, the desk pays back.
        (!payment.provider.is_desk()).then(|| now.to_sqlx()) as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Pays back what was paid for something that has come to its end, as its rule says, or keeps it. It is locked.
///
/// # Errors
/// Those of the database.
pub(super) async fn of_ended(tx: &mut Tx, subject: Subject, now: Timestamp) -> Result<(), Failure> {
    let paid = sqlx::query_scalar!(
        "select id from payments
         where (appointment_id = $1 or stay_id = $2) and state = 'paid' and kept_minor is null order by id",
        subject.appointment_id(),
        subject.stay_id(),
    )
    .fetch_all(&mut **tx)
    .await?;
    if paid.is_empty() {
        return Ok(());
    }
    let (by, counts_from) = changed_by(tx, subject).await?;
    let rule = promised(tx, subject).await?.terms.refund;
    let mut given_up = given_up(tx, subject).await?;
    for id in paid {
        let payment = read(tx, id).await?;
        let (outside, fewer) = went(tx, id).await?;
        // What went back for fewer nights is no part of it any more.
        let standing = Price {
            minor: payment.price.minor - fewer,
            currency: payment.price.currency.clone(),
        };
        let (back, why) = match by {
            Role::Patient => {
                // By the rule it was decided already what is kept for nights that were given up: it does not go back by halves.
                let kept = given_up.min(standing.minor);
                given_up -= kept;
                let rest = Price {
                    minor: standing.minor - kept,
                    currency: standing.currency.clone(),
                };
                (rule.back(&rest, counts_from, now), Why::Cancelled)
            }
            _ => (standing.minor, Why::ByClinic),
        };
        // What went back at the provider is not paid back again.
        let back = back.min(standing.minor - outside);
        if back > 0 {
            insert(tx, &payment, back, why, now).await?;
            write_state(tx, &payment, PaymentState::RefundDue).await?;
        } else {
            keep(tx, payment.id).await?;
        }
    }
    Ok(())
}

/// What is kept for nights that the patient gave up before.
async fn given_up(tx: &mut Tx, subject: Subject) -> Result<i64, Failure> {
    match subject {
        Subject::Appointment(_) => Ok(0),
        Subject::Stay(id) => Ok(stay::pay::find(tx, id).await?.given_up_minor),
    }
}

/// Who changed something last, such as ended it, and the start from which its rule counts: that of before, where the patient moved
/// it late. A stay begins with the day of the arrival.
pub(super) async fn changed_by(tx: &mut Tx, subject: Subject) -> Result<(Role, Timestamp), Failure> {
    let (actor, counts_from) = match subject {
        Subject::Appointment(id) => {
            let row = sqlx::query!(
                r#"select actor, coalesce(refund_from, starts_at) as "counts_from!: jiff_sqlx::Timestamp"
                   from appointments
                   join appointment_changes as changes on changes.appointment_id = appointments.id
                   where appointments.id = $1
                   order by changes.version desc
                   limit 1"#,
                id,
            )
            .fetch_one(&mut **tx)
            .await?;
            (row.actor, row.counts_from)
        }
        Subject::Stay(id) => {
            let row = sqlx::query!(
                r#"select actor,
                          coalesce(refund_from, stays.arrival)::timestamp at time zone time_zone
                              as "counts_from!: jiff_sqlx::Timestamp"
                   from stays
                   join room_types on room_types.id = room_type_id
                   join clinics on clinics.id = clinic_id
                   join stay_changes as changes on changes.stay_id = stays.id
                   where stays.id = $1
                   order by changes.version desc
                   limit 1"#,
                id,
            )
            .fetch_one(&mut **tx)
            .await?;
            (row.actor, row.counts_from)
        }
    };
    let by = match actor.as_str() {
        "patient" => Role::Patient,
        _ => Role::System,
    };
    Ok((by, counts_from.to_jiff()))
}

/// Number of appointments that one round looks at.
const MAX_BATCH: i64 = 100;

/// The time after its start for which an appointment is looked at, in minutes: a month.
const LOOK_MINUTES: i64 = 31 * 24 * 60;

/// Pays back what was paid for appointments and stays that were ended where nobody listened, such as by a command. Answers with
/// how many there were.
///
/// Every server asks for that all the time. So it begins with the few appointments that ended, by the index of their status and
/// start, and not with all that was ever paid and kept.
///
/// # Errors
/// Those of the database.
pub async fn catch_up(database: &Database, now: Timestamp) -> Result<usize, AppError> {
    let since = plus_minutes(now, -LOOK_MINUTES);
    let missed = database
        .read("payment.look", move |mut connection| async move {
            let missed = sqlx::query!(
                "with ended as materialized (
                     select id from appointments
                     where status in ('cancelled', 'rejected', 'expired') and starts_at > $2
                 ), ended_stays as materialized (
                     select id from stays
                     where status in ('cancelled', 'lapsed') and departure > ($2 at time zone 'UTC')::date
                 )
                 (select id as appointment_id, null::bigint as stay_id from ended
                  where (select true from payments
                         where appointment_id = ended.id and state = 'paid' and kept_minor is null limit 1)
                  order by id limit $1)
                 union all
                 (select null, id from ended_stays
                  where (select true from payments
                         where stay_id = ended_stays.id and state = 'paid' and kept_minor is null limit 1)
                  order by id limit $1)",
                MAX_BATCH,
                since.to_sqlx(),
            );
            let missed = missed.fetch_all(&mut *connection).await?;
            let subjects = missed
                .into_iter()
                .map(|row| Subject::of(row.appointment_id, row.stay_id));
            Ok(subjects.collect::<Result<Vec<_>, _>>()?)
        })
        .await?;
    let count = missed.len();
    for subject in missed {
        database
            .write("payment.catch_up", move |mut tx| async move {
                if lock(&mut tx, subject, now).await? == Standing::Over {
                    of_ended(&mut tx, subject, now).await?;
                }
                tx.commit().await
            })
            .await?;
    }
    Ok(count)
}
