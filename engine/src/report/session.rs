//! Sessions for groups, which have their doctor's time once, however many seats they have.

use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{By, Chosen, table::Table};
use crate::database::Failure;

/// Adds the minutes of sessions with somebody in a seat to those of the appointments. A session is of no channel.
pub(super) async fn sessions(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
) -> Result<(), Failure> {
    let rows = sqlx::query!(
        r#"with chosen as (
               select case $6::text when 'doctor' then doctor_id::text when 'clinic' then clinic_id::text
                                    when 'service' then service_id::text end as key,
                      (extract(epoch from blocks_until - blocks_from) / 60)::bigint as minutes,
                      exists (select from appointments as seats
                              where seats.group_id = sessions.group_id and seats.patient_id is not null
                                and seats.status in ('confirmed', 'in_progress', 'completed')) as is_used,
                      exists (select from appointments as seats
                              where seats.group_id = sessions.group_id and seats.patient_id is not null
                                and seats.status in ('in_progress', 'completed')) as is_attended
               from appointments as sessions
               join clinics on clinics.id = clinic_id
               where sessions.status = 'held' and group_id is not null and patient_id is null
                 and starts_at >= $1::date - interval '1 day' and starts_at < $2::date + interval '3 days'
                 and starts_at at time zone time_zone >= $1::date and starts_at at time zone time_zone < $2::date + 1
                 and ($3::bigint[] is null or clinic_id = any($3))
                 and ($4::bigint is null or doctor_id = $4)
                 and ($5::bigint is null or service_id = $5))
           select key, grouping(key) = 1 as "is_total!",
                  coalesce(sum(minutes) filter (where is_used), 0)::bigint as "used!",
                  coalesce(sum(minutes) filter (where is_attended), 0)::bigint as "attended!"
           from chosen
           group by grouping sets ((key), ())
           having count(*) > 0"#,
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
        let figures = table.figures(row.is_total, row.key);
        figures.used_minutes += row.used;
        figures.attended_minutes += row.attended;
    }
    Ok(())
}
