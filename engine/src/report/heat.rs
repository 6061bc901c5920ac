//! Weekdays and hours: when appointments begin, and when nobody comes.

use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::Chosen;
use crate::database::Failure;

/// An hour of a weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// Monday is 1.
    pub weekday: i32,
    /// On the clinic's wall.
    pub hour: i32,
    /// Appointments that begin in it, and stand or took place.
    pub appointments: i64,
    /// Those of them that were attended, and those to which nobody came.
    pub completed: i64,
    pub no_show: i64,
}

/// Counts appointments by the hour in which they begin; hours with none are left out.
pub(super) async fn hours(connection: &mut PgConnection, chosen: &Chosen) -> Result<Vec<Hour>, Failure> {
    let rows = sqlx::query_as!(
        Hour,
        r#"select extract(isodow from local_start)::integer as "weekday!", extract(hour from local_start)::integer as "hour!",
                  count(*) as "appointments!", count(*) filter (where status = 'completed') as "completed!",
                  count(*) filter (where status = 'no_show') as "no_show!"
           from reported_appointments
           where stands
             and starts_at >= $1::date - interval '1 day' and starts_at < $2::date + interval '3 days'
             and local_start >= $1::date and local_start < $2::date + 1
             and ($3::bigint[] is null or clinic_id = any($3))
             and ($4::bigint is null or doctor_id = $4)
             and ($5::bigint is null or service_id = $5)
           group by 1, 2
           order by 1, 2"#,
        chosen.period.first.to_sqlx() as _,
        chosen.period.last.to_sqlx() as _,
        chosen.clinics.as_deref(),
        chosen.doctor_id,
        chosen.service_id,
    );
    Ok(rows.fetch_all(connection).await?)
}
