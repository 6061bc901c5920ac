//! What a worker does outside of every transaction: claimed by a lease, and its result.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Done, NewRefund, NewSession, OpenSession, PaymentState, Provider, Settled, Work, not_opened, opened,
    opened::{ASK_MINUTES, LEASE_MINUTES, end},
    refund::{self, Refund, locked},
    row::{read, write_state},
    settle,
};
use crate::{
    booking::Rules,
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::Locale,
    money::Price,
    time::plus_minutes,
};

/// The longest pause between two attempts, in minutes.
const MAX_PAUSE_MINUTES: i64 = 60;
/// The time after the end of a page after which we ask for the last time before its hold ends, in minutes.
const AFTER_END_MINUTES: i64 = 1;

/// Claims what is due with these providers, the oldest first. Each piece is one worker's until its lease ends.
///
/// # Errors
/// Those of the database.
pub async fn due_work(
    database: &Database,
    providers: &[Provider],
    most: i64,
    now: Timestamp,
) -> Result<Vec<Work>, AppError> {
    let named: Vec<String> = providers
        .iter()
        .map(|provider| provider.as_str().to_owned())
        .collect();
    let is_any = {
        let named = named.clone();
        database
            .read("payment.look_for_work", move |mut connection| async move {
                let is_any = sqlx::query_scalar!(
                    r#"select exists (select from payments where work_due_at <= $1 and provider = any($2))
                           or exists (select from refunds where work_due_at <= $1) as "is_any!""#,
                    now.to_sqlx(),
                    &named,
                );
                Ok(is_any.fetch_one(&mut *connection).await?)
            })
            .await?
    };
    if !is_any {
        return Ok(Vec::new());
    }
    database
        .write("payment.claim_work", move |tx| {
            claim(tx, named.clone(), most, now)
        })
        .await
}

async fn claim(mut tx: Tx, providers: Vec<String>, most: i64, now: Timestamp) -> Result<Vec<Work>, Failure> {
    let mut work = claim_sessions(&mut tx, &providers, most, now).await?;
    work.extend(claim_refunds(&mut tx, &providers, most, now).await?);
    tx.commit().await?;
    Ok(work)
}

async fn claim_sessions(
    tx: &mut Tx,
    providers: &[String],
    most: i64,
    now: Timestamp,
) -> Result<Vec<Work>, Failure> {
    let rows = sqlx::query!(
        r#"with due as (
               select id from payments
               where work_due_at <= $1 and (work_until is null or work_until <= $1) and provider = any($2)
                 and state in ('created', 'paying')
               order by work_due_at, id
               limit $3
               for no key update skip locked
           )
           update payments set work_until = $4, attempts = attempts + 1
           from due
           where payments.id = due.id
           returning payments.id, provider, state,
                     amount_minor + (select coalesce(sum(share.amount_minor), 0)::bigint from payments as share
                                     where share.lead_id = payments.id) as "amount_minor!",
                     payments.currency, locale,
                     coalesce((select reference from appointments where appointments.id = appointment_id),
                              (select reference from stays where stays.id = stay_id)) as "reference!", provider_session, url,
                     given_up_at is not null as "was_given_up!",
                     session_ends_at as "session_ends_at!: jiff_sqlx::Timestamp""#,
        now.to_sqlx(),
        providers,
        most,
        plus_minutes(now, LEASE_MINUTES).to_sqlx(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let work = rows.into_iter().filter_map(|row| {
        let provider = Provider::parse(&row.provider)?;
        let price = Price {
            minor: row.amount_minor,
            currency: row.currency,
        };
        let ends_at = row.session_ends_at.to_jiff();
        Some(match row.provider_session {
            None => Work::Open(NewSession {
                payment_id: row.id,
                provider,
                price,
                reference: row.reference,
                locale: Locale::parse(&row.locale).unwrap_or_default(),
                ends_at,
            }),
            Some(session) => {
                let session = OpenSession {
                    payment_id: row.id,
                    provider,
                    session,
                    url: row.url,
                    price,
                    ends_at,
                };
                match row.was_given_up {
                    true => Work::Expire(session),
                    false => Work::Ask(session),
                }
            }
        })
    });
    Ok(work.collect())
}

async fn claim_refunds(
    tx: &mut Tx,
    providers: &[String],
    most: i64,
    now: Timestamp,
) -> Result<Vec<Work>, Failure> {
    let rows = sqlx::query!(
        r#"with due as (
               select refunds.id from refunds
               join payments on payments.id = payment_id
               where refunds.work_due_at <= $1 and (refunds.work_until is null or refunds.work_until <= $1)
                 and refunds.state in ('due', 'refunding') and provider = any($2)
               order by refunds.work_due_at, refunds.id
               limit $3
               for no key update of refunds skip locked
           )
           update refunds set work_until = $4, attempts = refunds.attempts + 1
           from due, payments
           -- A share of a visit goes back of what was paid on the page of all of them.
           join payments as page on page.id = coalesce(payments.lead_id, payments.id)
           where refunds.id = due.id and payments.id = refunds.payment_id
           returning refunds.id, refunds.payment_id, payments.provider, page.provider_session, page.provider_payment,
                     refunds.amount_minor, payments.currency,
                     key"#,
        now.to_sqlx(),
        providers,
        most,
        plus_minutes(now, LEASE_MINUTES).to_sqlx(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let work = rows.into_iter().filter_map(|row| {
        Some(Work::Refund(NewRefund {
            refund_id: row.id,
            payment_id: row.payment_id,
            provider: Provider::parse(&row.provider)?,
            session: row.provider_session.unwrap_or_default(),
            provider_payment: row.provider_payment,
            amount: Price {
                minor: row.amount_minor,
                currency: row.currency,
            },
            key: row.key,
        }))
    });
    Ok(work.collect())
}

/// Writes down what came of a piece of work, and when it is to be done again.
///
/// # Errors
/// Those of the database: the piece is done again when its lease ends.
pub async fn done_work(
    database: &Database,
    work: &Work,
    done: Done,
    rules: Rules,
    now: Timestamp,
) -> Result<Settled, AppError> {
    match (work, done) {
        (Work::Open(session), Done::Opened(page)) => {
            opened(database, session.payment_id, page, now).await?;
            Ok(Settled::Noted)
        }
        (Work::Open(session), Done::Refused) => {
            not_opened(database, session.payment_id, now).await?;
            Ok(Settled::Noted)
        }
        (
            Work::Open(NewSession { payment_id, .. })
            | Work::Ask(OpenSession { payment_id, .. })
            | Work::Expire(OpenSession { payment_id, .. }),
            Done::Told(fact),
        ) => {
            let settled = settle(database, fact, rules, now).await?;
            again(database, *payment_id, now).await?;
            Ok(settled)
        }
        (Work::Ask(session), Done::Refused) if session.ends_at < now => {
            // The provider knows of no such page, and it is over.
            let payment_id = session.payment_id;
            database
                .write("payment.unknown_page", move |mut tx| async move {
                    end(&mut tx, payment_id, PaymentState::Expired, now).await?;
                    tx.commit().await
                })
                .await?;
            Ok(Settled::Noted)
        }
        (Work::Refund(refund), Done::Told(fact)) => {
            let settled = settle(database, fact, rules, now).await?;
            refund_again(database, refund.refund_id, now).await?;
            Ok(settled)
        }
        (Work::Refund(refund), done) => refund_done(database, refund.clone(), done, now).await,
        (
            Work::Open(NewSession { payment_id, .. })
            | Work::Ask(OpenSession { payment_id, .. })
            | Work::Expire(OpenSession { payment_id, .. }),
            _,
        ) => {
            again(database, *payment_id, now).await?;
            Ok(Settled::Noted)
        }
    }
}

/// The pause before the next attempt, in minutes.
fn pause(attempts: i32) -> i64 {
    let doubled = 1_i64 << attempts.clamp(0, 6);
    doubled.clamp(ASK_MINUTES, MAX_PAUSE_MINUTES)
}

/// Gives a page back until the next attempt: once more before its hold ends, whatever the pause.
async fn again(database: &Database, payment_id: i64, now: Timestamp) -> Result<(), AppError> {
    database
        .write("payment.again", move |mut tx| async move {
            let payment = read(&mut tx, payment_id).await?;
            let mut next = plus_minutes(now, pause(payment.attempts));
            if let Some(last) = payment.session_ends_at.map(|end| plus_minutes(end, AFTER_END_MINUTES))
                && now < last
                && next > last
            {
                next = last;
            }
            sqlx::query!(
                "update payments set work_until = null, work_due_at = $2 where id = $1 and work_due_at is not null",
                payment_id,
                next.to_sqlx() as _,
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await
        })
        .await
}

async fn refund_again(database: &Database, refund_id: i64, now: Timestamp) -> Result<(), AppError> {
    database
        .write("payment.refund_again", move |mut tx| async move {
            let attempts = sqlx::query_scalar!("select attempts from refunds where id = $1", refund_id)
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query!(
                "update refunds set work_until = null, work_due_at = $2 where id = $1 and work_due_at is not null",
                refund_id,
                plus_minutes(now, pause(attempts)).to_sqlx() as _,
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await
        })
        .await
}

async fn refund_done(
    database: &Database,
    work: NewRefund,
    done: Done,
    now: Timestamp,
) -> Result<Settled, AppError> {
    let refund_id = work.refund_id;
    let is_over = matches!(done, Done::Refunded { .. } | Done::Refused);
    if let Done::Refunded { .. } | Done::Refused | Done::RefundUnderWay { .. } = &done {
        database
            .write("payment.refund_done", move |tx| {
                write_done(tx, work.clone(), done.clone(), now)
            })
            .await?;
    }
    if !is_over {
        refund_again(database, refund_id, now).await?;
    }
    Ok(Settled::Noted)
}

async fn write_done(mut tx: Tx, work: NewRefund, done: Done, now: Timestamp) -> Result<(), Failure> {
    let payment = locked(&mut tx, work.payment_id, now).await?;
    let Some(found) = refund::find(&mut tx, payment.id, ("", Some(&work.key))).await? else {
        return Ok(());
    };
    let Refund {
        id,
        state,
        ends_payment,
        ..
    } = found;
    if !matches!(state, super::RefundState::Due | super::RefundState::Refunding) {
        return Ok(());
    }
    match done {
        Done::Refunded { refund } => refund::write_refunded(&mut tx, &payment, &found, &refund, now).await?,
        Done::Refused => refund::write_failed(&mut tx, &payment, &found, None).await?,
        Done::RefundUnderWay { refund } => {
            sqlx::query!(
                "update refunds set state = 'refunding', provider_refund = coalesce(provider_refund, $2) where id = $1",
                id,
                refund,
            )
            .execute(&mut *tx)
            .await?;
            if ends_payment {
                write_state(&mut tx, &payment, PaymentState::Refunding).await?;
            }
        }
        _ => {}
    }
    tx.commit().await
}
