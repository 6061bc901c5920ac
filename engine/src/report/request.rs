//! The answers to requests.

use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{By, Chosen, Requests, table::Table};
use crate::database::Failure;

/// Counts requests by their first answer.
pub(super) async fn requests(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
) -> Result<(), Failure> {
    let rows = sqlx::query!(
        r#"with chosen as (
               select *, case $6::text when 'doctor' then doctor_id::text when 'clinic' then clinic_id::text
                                       when 'service' then service_id::text when 'channel' then channel end as key
               from reported_appointments
               where starts_at >= $1::date - interval '1 day' and starts_at < $2::date + interval '3 days'
                 and local_start >= $1::date and local_start < $2::date + 1
                 and ($3::bigint[] is null or clinic_id = any($3))
                 and ($4::bigint is null or doctor_id = $4)
                 and ($5::bigint is null or service_id = $5))
           select key, grouping(key) = 1 as "is_total!",
                  count(*) filter (where answer.to_status = 'confirmed') as "confirmed!",
                  count(*) filter (where answer.to_status = 'rejected') as "rejected!",
                  count(*) filter (where answer.to_status = 'expired') as "expired!",
                  percentile_cont(0.5::float8) within group (
                      order by extract(epoch from answer.changed_at - asked.changed_at)::float8 / 60)
                      filter (where answer.to_status in ('confirmed', 'rejected')) as minutes
           from chosen
           cross join lateral (select changed_at from appointment_changes
                               where appointment_id = chosen.id and to_status = 'pending'
                               order by version limit 1) as asked
           cross join lateral (select to_status, changed_at from appointment_changes
                               where appointment_id = chosen.id and from_status = 'pending' and to_status <> 'pending'
                               order by version limit 1) as answer
           where was_requested
           group by grouping sets ((key), ())"#,
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
        table.figures(row.is_total, row.key).requests = Requests {
            confirmed: row.confirmed,
            rejected: row.rejected,
            expired: row.expired,
            minutes_to_answer: row.minutes,
        };
    }
    Ok(())
}
