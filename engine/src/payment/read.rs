//! What was paid for an appointment, as its patient and the desk see it; and what a day brought.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    PaymentState, Provider, RefundState, Subject, SubjectName, Why,
    row::{promised, read},
    subject::{Seen, Standing, find, find_of},
    terms::Terms,
};
use crate::{
    account::Caller,
    database::{Database, Failure},
    error::AppError,
    money::Price,
    time::shown_zone,
};

/// A payment as pages show it.
#[derive(Clone, Debug)]
pub struct View {
    pub id: i64,
    pub provider: Provider,
    pub state: PaymentState,
    pub price: Price,
    /// What is paid on its page: of a visit, all shares together.
    pub whole: Price,
    /// What goes back, or went back, of its page with it and for the same reason.
    pub whole_back: Option<Price>,
    pub receipt_number: Option<i64>,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub session_ends_at: Option<Timestamp>,
    /// Who of the staff took it.
    pub taken_by: Option<String>,
    /// What goes back in the end, or went back.
    pub refund: Option<RefundView>,
    /// What goes back, or went back, since it costs less.
    pub back_already: i64,
}

/// An amount that goes back, as pages show it.
#[derive(Clone, Debug)]
pub struct RefundView {
    pub id: i64,
    pub state: RefundState,
    pub why: Why,
    pub amount: Price,
    pub done_at: Option<Timestamp>,
}

/// What is paid for an appointment or a stay.
#[derive(Clone, Debug)]
pub struct Account {
    pub subject: Subject,
    pub reference: String,
    /// Whether it is booked, or was to its end.
    pub stands: bool,
    /// Until when it is held.
    pub held_until: Option<Timestamp>,
    pub price: Option<Price>,
    pub terms: Terms,
    /// What is paid before it is booked.
    pub first: Option<Price>,
    /// In the order in which they were begun.
    pub payments: Vec<View>,
}

impl Account {
    /// What has been paid and stays.
    pub fn paid(&self) -> i64 {
        let standing = self
            .payments
            .iter()
            .filter(|payment| payment.state == PaymentState::Paid);
        standing
            .map(|payment| payment.price.minor - payment.back_already)
            .sum()
    }

    /// What is still to be paid of something that stands.
    pub fn open(&self) -> Option<Price> {
        let price = self.price.as_ref()?;
        let minor = price.minor - self.paid();
        (minor > 0 && self.stands).then(|| Price {
            minor,
            currency: price.currency.clone(),
        })
    }
}

async fn account(connection: &mut PgConnection, seen: Seen) -> Result<Account, Failure> {
    let promised = promised(connection, seen.subject).await?;
    Ok(Account {
        payments: views(connection, seen.subject).await?,
        subject: seen.subject,
        stands: seen.standing == Standing::Booked,
        held_until: seen.held_until.filter(|_| seen.standing == Standing::Held),
        price: promised.price,
        terms: promised.terms,
        first: promised.first,
        reference: seen.reference,
    })
}

async fn views(connection: &mut PgConnection, subject: Subject) -> Result<Vec<View>, Failure> {
    let rows = sqlx::query!(
        r#"select payments.id, provider, payments.state, payments.amount_minor, currency, receipt_number,
                  payments.created_at as "created_at: jiff_sqlx::Timestamp", paid_at as "paid_at: jiff_sqlx::Timestamp",
                  session_ends_at as "session_ends_at: jiff_sqlx::Timestamp", staff.name as "taken_by?",
                  refunds.id as "refund_id?", refunds.state as "refund_state?", refunds.why as "why?",
                  refunds.amount_minor as "refund_minor?", refunds.done_at as "refund_done_at?: jiff_sqlx::Timestamp",
                  (select coalesce(sum(fewer.amount_minor), 0)::bigint from refunds as fewer
                   where fewer.payment_id = payments.id and fewer.why = 'fewer') as "back_already!",
                  (select coalesce(sum(share.amount_minor), 0)::bigint from payments as share
                   where share.id = coalesce(payments.lead_id, payments.id)
                      or share.lead_id = coalesce(payments.lead_id, payments.id)) as "whole_minor!",
                  (select sum(back.amount_minor)::bigint from refunds as back
                   join payments as share on share.id = back.payment_id
                   where (share.id = coalesce(payments.lead_id, payments.id)
                          or share.lead_id = coalesce(payments.lead_id, payments.id))
                     and back.why = refunds.why and back.state = refunds.state) as whole_back_minor
           from payments
           left join staff on staff.id = taken_by
           left join refunds on refunds.payment_id = payments.id and refunds.why not in ('outside', 'fewer')
           where appointment_id = $1 or stay_id = $2
           order by payments.id"#,
        subject.appointment_id(),
        subject.stay_id(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency;
            let refund = match (row.refund_id, row.refund_state, row.why, row.refund_minor) {
                (Some(id), Some(state), Some(why), Some(minor)) => Some(RefundView {
                    id,
                    state: RefundState::parse(&state).ok_or(AppError::Internal)?,
                    why: Why::parse(&why).ok_or(AppError::Internal)?,
                    amount: Price {
                        minor,
                        currency: currency.clone(),
                    },
                    done_at: row.refund_done_at.map(|at| at.to_jiff()),
                }),
                _ => None,
            };
            Ok(View {
                id: row.id,
                provider: Provider::parse(&row.provider).ok_or(AppError::Internal)?,
                state: PaymentState::parse(&row.state).ok_or(AppError::Internal)?,
                whole: Price {
                    minor: row.whole_minor,
                    currency: currency.clone(),
                },
                whole_back: Price::of(row.whole_back_minor, Some(currency.clone())),
                price: Price {
                    minor: row.amount_minor,
                    currency,
                },
                receipt_number: row.receipt_number,
                created_at: row.created_at.to_jiff(),
                paid_at: row.paid_at.map(|at| at.to_jiff()),
                session_ends_at: row.session_ends_at.map(|at| at.to_jiff()),
                taken_by: row.taken_by,
                refund,
                back_already: row.back_already,
            })
        })
        .collect()
}

/// What is paid for something that the caller may see.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn account_of(
    database: &Database,
    caller: Caller,
    which: SubjectName,
) -> Result<Account, AppError> {
    database
        .read("payment.account_of", move |mut connection| async move {
            let seen = find(&mut connection, &caller, &which).await?;
            account(&mut connection, seen).await
        })
        .await
}

/// What is paid for what a payment is for, also for the patient who went to pay for it.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn account_of_payment(
    database: &Database,
    caller: Caller,
    payment_id: i64,
) -> Result<Account, AppError> {
    database
        .read("payment.account_of_payment", move |mut connection| async move {
            let payment = read(&mut connection, payment_id).await?;
            let seen = find_of(&mut connection, &caller, payment.subject).await?;
            account(&mut connection, seen).await
        })
        .await
}

/// What was paid for these appointments and stays; nothing for those for which nothing was.
///
/// # Errors
/// Those of the database.
pub async fn paid_of(database: &Database, appointments: Vec<i64>) -> Result<BTreeMap<i64, Price>, AppError> {
    if appointments.is_empty() {
        return Ok(BTreeMap::new());
    }
    database
        .read("payment.paid_of", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select appointment_id as "appointment_id!", sum(amount_minor)::bigint as "minor!", min(currency) as "currency!"
                   from payments
                   where appointment_id = any($1) and state = 'paid'
                   group by appointment_id"#,
                &appointments,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| {
                    let price = Price {
                        minor: row.minor,
                        currency: row.currency,
                    };
                    (row.appointment_id, price)
                })
                .collect())
        })
        .await
}

/// What somebody took on a day, by one means and in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayTotal {
    /// Who of the staff took it; none for what was paid on a provider's page.
    pub taken_by: Option<String>,
    pub means: Provider,
    pub payments: i64,
    pub taken: Price,
    /// What went back of payments by these means on that day.
    pub paid_back: Price,
}

/// What a day of a clinic brought, by person and means: what came in, and what went back.
///
/// # Errors
/// `NOT_FOUND` for a clinic that is not the caller's; `FORBIDDEN` for who is not at the desk.
pub async fn day_totals(
    database: &Database,
    caller: Caller,
    clinic_id: i64,
    date: civil::Date,
) -> Result<Vec<DayTotal>, AppError> {
    if !caller.role().is_at_desk() {
        return Err(AppError::Forbidden);
    }
    caller.must_be_of(clinic_id)?;
    database
        .read("payment.day_totals", move |mut connection| async move {
            let zone = sqlx::query_scalar!("select time_zone from clinics where id = $1", clinic_id)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?;
            let zone = shown_zone(&zone);
            let midnight = |date: civil::Date| {
                let at = date
                    .to_zoned(zone.clone())
                    .map_err(|_| AppError::InvalidDateRange)?;
                Ok::<_, Failure>(at.timestamp())
            };
            let tomorrow = date.tomorrow().map_err(|_| AppError::InvalidDateRange)?;
            totals(&mut connection, clinic_id, midnight(date)?, midnight(tomorrow)?).await
        })
        .await
}

async fn totals(
    connection: &mut PgConnection,
    clinic_id: i64,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<DayTotal>, Failure> {
    let rows = sqlx::query!(
        r#"with moved as (
               select taken_by as staff_id, provider, payments.currency, payments.amount_minor as taken, 0::bigint as back
               from payments
               left join appointments on appointments.id = appointment_id
               left join stays on stays.id = stay_id
               left join room_types on room_types.id = stays.room_type_id
               where coalesce(appointments.clinic_id, room_types.clinic_id) = $1 and paid_at >= $2 and paid_at < $3
               union all
               select done_by, provider, payments.currency, 0, refunds.amount_minor
               from refunds
               join payments on payments.id = payment_id
               left join appointments on appointments.id = appointment_id
               left join stays on stays.id = stay_id
               left join room_types on room_types.id = stays.room_type_id
               where coalesce(appointments.clinic_id, room_types.clinic_id) = $1 and paid_at is not null and done_at >= $2 and done_at < $3
           )
           select staff.name as "taken_by?", provider as "provider!", currency as "currency!",
                  count(*) filter (where taken > 0) as "payments!", sum(taken)::bigint as "taken!", sum(back)::bigint as "back!"
           from moved
           left join staff on staff.id = moved.staff_id
           group by staff.id, staff.name, provider, currency
           order by staff.name nulls last, provider, currency"#,
        clinic_id,
        from.to_sqlx(),
        until.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let price = |minor| Price {
                minor,
                currency: row.currency.clone(),
            };
            Ok(DayTotal {
                taken_by: row.taken_by,
                means: Provider::parse(&row.provider).ok_or(AppError::Internal)?,
                payments: row.payments,
                taken: price(row.taken),
                paid_back: price(row.back),
            })
        })
        .collect()
}
