//! What each day brought.

use jiff::civil;
use jiff_sqlx::ToSqlx;

use super::clinics_of;
use crate::{account::Caller, database::Database, error::AppError, money::Price};

/// What a day brought in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revenue {
    /// In the zone of each clinic.
    pub day: civil::Date,
    pub payments: i64,
    pub taken: Price,
    pub paid_back: Price,
}

impl Revenue {
    /// What stayed of it.
    pub fn kept(&self) -> Price {
        Price {
            minor: self.taken.minor - self.paid_back.minor,
            currency: self.taken.currency.clone(),
        }
    }
}

/// What each day since this one brought, by currency: what was paid on it, and what went back on it, whenever it was paid.
///
/// # Errors
/// Those of the database.
pub async fn revenue(
    database: &Database,
    caller: &Caller,
    since: civil::Date,
) -> Result<Vec<Revenue>, AppError> {
    let clinics = clinics_of(caller);
    database
        .read("payment.revenue", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"with moved as (
                       select (paid_at at time zone time_zone)::date as day, payments.currency,
                              payments.amount_minor as taken, 0::bigint as back
                       from payments
                       left join appointments on appointments.id = appointment_id
                       left join stays on stays.id = stay_id
                       left join room_types on room_types.id = stays.room_type_id
                       join clinics on clinics.id = coalesce(appointments.clinic_id, room_types.clinic_id)
                       where paid_at >= $1::date - 1 and ($2::bigint[] is null or clinics.id = any($2))
                       union all
                       select (done_at at time zone time_zone)::date, payments.currency, 0, refunds.amount_minor
                       from refunds
                       join payments on payments.id = payment_id
                       left join appointments on appointments.id = appointment_id
                       left join stays on stays.id = stay_id
                       left join room_types on room_types.id = stays.room_type_id
                       join clinics on clinics.id = coalesce(appointments.clinic_id, room_types.clinic_id)
                       -- What never counted as taken does not count as paid back, such as a wrong amount.
                       where paid_at is not null and done_at >= $1::date - 1 and ($2::bigint[] is null or clinics.id = any($2))
                   )
                   select day as "day!: jiff_sqlx::Date", currency as "currency!", sum(taken)::bigint as "taken!",
                          sum(back)::bigint as "back!", count(*) filter (where taken > 0) as "payments!"
                   from moved
                   where day >= $1
                   group by day, currency
                   order by day, currency"#,
                since.to_sqlx() as _,
                clinics.as_deref(),
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Revenue {
                    day: row.day.to_jiff(),
                    payments: row.payments,
                    taken: Price {
                        minor: row.taken,
                        currency: row.currency.clone(),
                    },
                    paid_back: Price {
                        minor: row.back,
                        currency: row.currency,
                    },
                })
                .collect())
        })
        .await
}
