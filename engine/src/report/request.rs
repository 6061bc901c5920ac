//! The answers to requests.

use sqlx::PgConnection;

use super::{
    Chosen, Requests,
    table::{Table, of_chosen},
};
use crate::database::Failure;

/// Counts requests by their first answer.
pub(super) async fn requests(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
) -> Result<(), Failure> {
    let rows = of_chosen!(
        chosen,
        r#"
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
           group by grouping sets ((key), ())"#
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
