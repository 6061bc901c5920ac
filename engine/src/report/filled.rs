//! Times that came free, and whether somebody else got them.

use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{By, Chosen, Filled, table::Table};
use crate::database::Failure;

/// Counts the times of confirmed appointments that were cancelled before they began. Nobody has two at once, so whoever has such
/// a time now got it afterwards.
pub(super) async fn filled(
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
                 and ($5::bigint is null or service_id = $5)), freed as (
               select key,
                      (select max(case when exists (
                                  select from waitlist_offers where booked_id = others.id) then 2 else 1 end)
                       from appointments as others
                       where others.doctor_id = chosen.doctor_id
                         and others.starts_at > chosen.starts_at - interval '1 day'
                         and others.starts_at < chosen.ends_at and others.ends_at > chosen.starts_at
                         and others.status in ('confirmed', 'in_progress', 'completed', 'no_show')
                         -- What was put beside it on purpose did not wait for it to come free.
                         and others.overbooked_because is null) as filled
               from chosen
               where status = 'cancelled' and group_id is null
                 and exists (select from appointment_changes
                             where appointment_id = chosen.id and from_status = 'confirmed' and to_status = 'cancelled'
                               -- Looked up for each, and not in the history of all years: see the view.
                               and changed_at < chosen.starts_at offset 0))
           select key, grouping(key) = 1 as "is_total!", count(*) as "freed!", count(filled) as "filled!",
                  count(*) filter (where filled = 2) as "by_waitlist!"
           from freed
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
        table.figures(row.is_total, row.key).filled = Filled {
            freed: row.freed,
            filled: row.filled,
            by_waitlist: row.by_waitlist,
        };
    }
    Ok(())
}
