//! Opening the provider's page: what is to be opened, and what came of it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    NewSession, OpenedSession, PaymentState, Subject, page::lock_page, row::read, subject::Standing,
};
use crate::{
    account::Caller,
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::Locale,
    money::Price,
    time::plus_minutes,
};

/// The time until we ask what became of a page, in minutes.
pub(super) const ASK_MINUTES: i64 = 2;
/// The time for which a worker, or who waits for a page, has a piece of work, in minutes. Another one does it after that, under the
/// same key.
pub(super) const LEASE_MINUTES: i64 = 2;
/// The time for which a time is still held after a page has failed or ended, in minutes: to go and pay anew.
const AGAIN_MINUTES: i64 = 10;

/// The way on for somebody who goes to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The page has to be opened first.
    Open(NewSession),
    /// The address of the page.
    There(String),
    /// It cannot be paid any more, or was paid.
    Over,
}

/// The opening of a page, which is one's own until this moment.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    payment_id: i64,
    until: Timestamp,
}

/// The way on for the patient of a payment.
///
/// # Errors
/// `NOT_FOUND`, also for a payment of somebody else.
pub async fn way(
    database: &Database,
    caller: Caller,
    payment_id: i64,
    now: Timestamp,
) -> Result<Way, AppError> {
    database
        .read("payment.way", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select payments.id, payments.provider, payments.state,
                          payments.amount_minor + (select coalesce(sum(share.amount_minor), 0)::bigint from payments as share
                                                   where share.lead_id = payments.id) as "amount_minor!",
                          payments.currency, payments.locale, payments.url,
                          payments.session_ends_at as "session_ends_at: jiff_sqlx::Timestamp",
                          payments.given_up_at is not null as "was_given_up!",
                          coalesce(appointments.reference, stays.reference) as "reference!", payments.started_by,
                          coalesce(appointments.patient_id, stays.patient_id) as patient_id
                   from payments as asked
                   -- A share of a visit is paid on the page of another one.
                   join payments on payments.id = coalesce(asked.lead_id, asked.id)
                   left join appointments on appointments.id = payments.appointment_id
                   left join stays on stays.id = payments.stay_id
                   where asked.id = $1"#,
                payment_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            if !caller.acts_for(row.patient_id) && !caller.acts_for(row.started_by) {
                return Err(AppError::NotFound.into());
            }
            let state = PaymentState::parse(&row.state).ok_or(AppError::Internal)?;
            let ends_at = row.session_ends_at.map(|at| at.to_jiff()).filter(|at| *at > now);
            let (Some(ends_at), true, false) = (ends_at, state.is_open(), row.was_given_up) else {
                return Ok(Way::Over);
            };
            Ok(match row.url {
                Some(url) => Way::There(url),
                None => Way::Open(NewSession {
                    payment_id: row.id,
                    provider: super::Provider::parse(&row.provider).ok_or(AppError::Internal)?,
                    price: Price {
                        minor: row.amount_minor,
                        currency: row.currency,
                    },
                    reference: row.reference,
                    locale: Locale::parse(&row.locale).unwrap_or_default(),
                    ends_at,
                }),
            })
        })
        .await
}

/// Takes the opening of a page for the time of a lease, as a worker does: it is opened by one at a time. Answers until when; with
/// nothing where somebody opens it just now, or it is there.
///
/// # Errors
/// Those of the database.
pub async fn begin_opening(
    database: &Database,
    payment_id: i64,
    now: Timestamp,
) -> Result<Option<Opening>, AppError> {
    let opening = Opening {
        payment_id,
        until: plus_minutes(now, LEASE_MINUTES),
    };
    let begun = database
        .write("payment.begin_opening", move |mut tx| async move {
            let begun = sqlx::query!(
                "update payments set work_until = $2
                 where id = $1 and lead_id is null and state = 'created' and provider_session is null
                   and (work_until is null or work_until <= $3)",
                payment_id,
                opening.until.to_sqlx(),
                now.to_sqlx(),
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(begun.rows_affected() == 1)
        })
        .await?;
    Ok(begun.then_some(opening))
}

/// Gives the opening of a page back that came to nothing: the next one may try it at once.
///
/// # Errors
/// Those of the database.
pub async fn give_opening_back(database: &Database, opening: Opening) -> Result<(), AppError> {
    database
        .write("payment.give_opening_back", move |mut tx| async move {
            sqlx::query!(
                "update payments set work_until = null where id = $1 and state = 'created' and work_until = $2",
                opening.payment_id,
                opening.until.to_sqlx() as _,
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await
        })
        .await
}

/// Stores the page that a provider has opened. A page that was given up meanwhile is ended by the worker.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn opened(
    database: &Database,
    payment_id: i64,
    session: OpenedSession,
    now: Timestamp,
) -> Result<(), AppError> {
    database
        .write("payment.opened", move |tx| {
            store(tx, payment_id, session.clone(), now)
        })
        .await
}

async fn store(mut tx: Tx, payment_id: i64, session: OpenedSession, now: Timestamp) -> Result<(), Failure> {
    lock_page(&mut tx, payment_id, now).await?;
    let payment = read(&mut tx, payment_id).await?;
    let due_at = match payment.was_given_up {
        true => now,
        false => plus_minutes(now, ASK_MINUTES),
    };
    sqlx::query!(
        "update payments
         set state = case when state = 'created' then 'paying' else state end,
             provider_session = coalesce(provider_session, $2), url = coalesce(url, $3),
             work_due_at = case when state = 'created' then $4 else work_due_at end, work_until = null,
             attempts = case when state = 'created' then 0 else attempts end, version = version + 1
         where id = $1",
        payment.id,
        session.session,
        session.url,
        due_at.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update payments set state = 'paying', version = version + 1 where lead_id = $1 and state = 'created'",
        payment.id,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Says that a page cannot be opened: the payment has failed, and the time is held for a while to try again.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn not_opened(database: &Database, payment_id: i64, now: Timestamp) -> Result<(), AppError> {
    database
        .write("payment.not_opened", move |mut tx| async move {
            let seen = read(&mut tx, payment_id).await?;
            end(&mut tx, seen.id, PaymentState::Failed, now).await?;
            tx.commit().await
        })
        .await
}

/// Ends a payment that is open without money. Answers whether it was open.
///
/// # Errors
/// Those of the database.
pub(super) async fn end(
    tx: &mut Tx,
    payment_id: i64,
    to: PaymentState,
    now: Timestamp,
) -> Result<bool, Failure> {
    let page = lock_page(tx, payment_id, now).await?;
    if !page.is_open() {
        return Ok(false);
    }
    sqlx::query!(
        "update payments set state = $2, ended_at = $3, work_due_at = null, work_until = null, version = version + 1
         where id = $1 or lead_id = $1",
        payment_id,
        to.as_str(),
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    if !page.was_given_up() {
        for (subject, standing) in &page.subjects {
            if *standing == Standing::Held {
                shorten(tx, *subject, plus_minutes(now, AGAIN_MINUTES)).await?;
            }
        }
    }
    Ok(true)
}

/// Lets a hold last until then at most.
async fn shorten(tx: &mut Tx, subject: Subject, until: Timestamp) -> Result<(), Failure> {
    match subject {
        Subject::Appointment(id) => {
            sqlx::query!(
                "update appointments set held_until = least(held_until, $2) where id = $1",
                id,
                until.to_sqlx() as _,
            )
            .execute(&mut **tx)
            .await?
        }
        Subject::Stay(id) => {
            sqlx::query!(
                "update stays set held_until = least(held_until, $2) where id = $1",
                id,
                until.to_sqlx() as _,
            )
            .execute(&mut **tx)
            .await?
        }
    };
    Ok(())
}
