//! What was paid in a period, and what went back in it.

use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{By, Chosen, Money, table::Table};
use crate::database::Failure;

/// Sums payments by the day on which they came, and what went back by the day on which it went, whenever it was paid. What was
/// paid for rooms is of a clinic, and of no doctor, service or channel.
pub(super) async fn money(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
) -> Result<(), Failure> {
    let rows = sqlx::query!(
        r#"with moved as (
               select payments.appointment_id, payments.stay_id, payments.currency, payments.amount_minor as taken,
                      0::bigint as back, paid_at as moved_at
               from payments
               where paid_at >= $1::date - interval '1 day' and paid_at < $2::date + interval '3 days'
               union all
               select payments.appointment_id, payments.stay_id, payments.currency, 0, refunds.amount_minor, done_at
               from refunds
               join payments on payments.id = payment_id
               -- What never counted as taken does not count as paid back, such as a wrong amount.
               where paid_at is not null
                 and done_at >= $1::date - interval '1 day' and done_at < $2::date + interval '3 days'
           ), chosen as (
               select moved.currency, taken, back,
                      case $6::text when 'doctor' then appointments.doctor_id::text when 'clinic' then clinics.id::text
                                    when 'service' then appointments.service_id::text
                                    when 'channel' then (select channel from reported_appointments
                                                         where reported_appointments.id = appointment_id) end as key
               from moved
               left join appointments on appointments.id = appointment_id
               left join stays on stays.id = stay_id
               left join room_types on room_types.id = stays.room_type_id
               join clinics on clinics.id = coalesce(appointments.clinic_id, room_types.clinic_id)
               where moved_at at time zone time_zone >= $1::date and moved_at at time zone time_zone < $2::date + 1
                 and ($3::bigint[] is null or clinics.id = any($3))
                 and ($4::bigint is null or appointments.doctor_id = $4)
                 and ($5::bigint is null or appointments.service_id = $5))
           select key, grouping(key) = 1 as "is_total!", currency as "currency!", sum(taken)::bigint as "taken!",
                  sum(back)::bigint as "back!"
           from chosen
           group by grouping sets ((key, currency), (currency))
           order by currency"#,
        chosen.period.first.to_sqlx() as _,
        chosen.period.last.to_sqlx() as _,
        chosen.clinics.as_deref(),
        chosen.doctor_id,
        chosen.service_id,
        chosen.by.map(By::as_str),
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        table.figures(row.is_total, row.key).money.push(Money {
            currency: row.currency,
            taken: row.taken,
            paid_back: row.back,
        });
    }
    Ok(())
}
