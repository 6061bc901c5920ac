//! What was paid for an appointment, as its patient and the desk see it; and what a day brought.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{PaymentState, Provider, RefundState, Why, row::promised, terms::Terms};
use crate::{
    account::Caller,
    appointment::{AppointmentName, Status, peek},
    booking::Wanted,
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
    pub receipt_number: Option<i64>,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub session_ends_at: Option<Timestamp>,
    /// Who of the staff took it.
    pub taken_by: Option<String>,
    /// The one of ours that goes back.
    pub refund: Option<RefundView>,
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

/// What is paid for an appointment.
#[derive(Clone, Debug)]
pub struct Account {
    pub appointment_id: i64,
    pub reference: String,
    pub status: Status,
    pub wanted: Wanted,
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
        standing.map(|payment| payment.price.minor).sum()
    }

    /// What is still to be paid of an appointment that stands.
    pub fn open(&self) -> Option<Price> {
        let price = self.price.as_ref()?;
        let minor = price.minor - self.paid();
        (minor > 0 && self.status.occupies() && self.status != Status::Held).then(|| Price {
            minor,
            currency: price.currency.clone(),
        })
    }
}

async fn account(
    connection: &mut PgConnection,
    caller: &Caller,
    which: &AppointmentName,
) -> Result<Account, Failure> {
    let appointment = peek(connection, which).await?;
    if !appointment.is_visible_to(caller) {
        return Err(AppError::NotFound.into());
    }
    let promised = promised(connection, appointment.id).await?;
    Ok(Account {
        payments: views(connection, appointment.id).await?,
        appointment_id: appointment.id,
        wanted: Wanted::from(&appointment),
        status: appointment.status,
        held_until: appointment.held_until,
        price: promised.price,
        terms: promised.terms,
        first: promised.first,
        reference: appointment.reference,
    })
}

async fn views(connection: &mut PgConnection, appointment_id: i64) -> Result<Vec<View>, Failure> {
    let rows = sqlx::query!(
        r#"select payments.id, provider, payments.state, payments.amount_minor, currency, receipt_number,
                  payments.created_at as "created_at: jiff_sqlx::Timestamp", paid_at as "paid_at: jiff_sqlx::Timestamp",
                  session_ends_at as "session_ends_at: jiff_sqlx::Timestamp", staff.name as "taken_by?",
                  refunds.id as "refund_id?", refunds.state as "refund_state?", refunds.why as "why?",
                  refunds.amount_minor as "refund_minor?", refunds.done_at as "refund_done_at?: jiff_sqlx::Timestamp"
           from payments
           left join staff on staff.id = taken_by
           left join refunds on refunds.payment_id = payments.id and refunds.why <> 'outside'
           where appointment_id = $1
           order by payments.id"#,
        appointment_id,
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
            })
        })
        .collect()
}

/// What is paid for an appointment that the caller may see.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn account_of(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
) -> Result<Account, AppError> {
    database
        .read("payment.account_of", move |mut connection| async move {
            account(&mut connection, &caller, &which).await
        })
        .await
}

/// What is paid for the appointment of a payment, also for the patient who went to pay for it.
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
            let appointment_id =
                sqlx::query_scalar!("select appointment_id from payments where id = $1", payment_id)
                    .fetch_optional(&mut *connection)
                    .await?
                    .ok_or(AppError::NotFound)?;
            account(&mut connection, &caller, &AppointmentName::Id(appointment_id)).await
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
                r#"select appointment_id, sum(amount_minor)::bigint as "minor!", min(currency) as "currency!"
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
               join appointments on appointments.id = appointment_id
               where clinic_id = $1 and paid_at >= $2 and paid_at < $3
               union all
               select done_by, provider, payments.currency, 0, refunds.amount_minor
               from refunds
               join payments on payments.id = payment_id
               join appointments on appointments.id = appointment_id
               where clinic_id = $1 and paid_at is not null and done_at >= $2 and done_at < $3
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

/// A receipt of a payment, to print.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub number: i64,
    pub reference: String,
    pub provider: Provider,
    pub price: Price,
    pub paid_at: Timestamp,
    pub taken_by: Option<String>,
    pub patient_name: Option<String>,
    pub clinic_name: String,
    pub clinic_address: String,
    pub clinic_phone: String,
    pub zone_name: String,
    pub starts_at: Timestamp,
    /// What went back of it.
    pub paid_back: Option<Price>,
}

/// The receipt of a payment, for its patient and for the desk.
///
/// # Errors
/// `NOT_FOUND`, also for a payment that has not been paid.
pub async fn receipt(database: &Database, caller: Caller, payment_id: i64) -> Result<Receipt, AppError> {
    database
        .read("payment.receipt", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select appointment_id, receipt_number as "number!", reference, provider, amount_minor, payments.currency,
                          paid_at as "paid_at!: jiff_sqlx::Timestamp", staff.name as "taken_by?", patients.name as "patient_name?",
                          clinics.name as clinic_name, clinics.address || ', ' || clinics.city as "clinic_address!",
                          clinics.phone as clinic_phone, time_zone, starts_at as "starts_at: jiff_sqlx::Timestamp",
                          (select sum(refunds.amount_minor)::bigint from refunds
                           where payment_id = payments.id and refunds.state in ('refunded', 'by_hand')) as back
                   from payments
                   join appointments on appointments.id = appointment_id
                   join clinics on clinics.id = clinic_id
                   left join patients on patients.id = appointments.patient_id
                   left join staff on staff.id = taken_by
                   where payments.id = $1 and receipt_number is not null"#,
                payment_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            let appointment = peek(&mut connection, &AppointmentName::Id(row.appointment_id)).await?;
            if !appointment.is_visible_to(&caller) {
                return Err(AppError::NotFound.into());
            }
            Ok(Receipt {
                number: row.number,
                reference: row.reference,
                provider: Provider::parse(&row.provider).ok_or(AppError::Internal)?,
                paid_back: row.back.map(|minor| Price {
                    minor,
                    currency: row.currency.clone(),
                }),
                price: Price {
                    minor: row.amount_minor,
                    currency: row.currency,
                },
                paid_at: row.paid_at.to_jiff(),
                taken_by: row.taken_by,
                patient_name: row.patient_name,
                clinic_name: row.clinic_name,
                clinic_address: row.clinic_address,
                clinic_phone: row.clinic_phone,
                zone_name: row.time_zone,
                starts_at: row.starts_at.to_jiff(),
            })
        })
        .await
}
