//! What became of the appointments of a period, and the times of its doctors that they had.

use sqlx::PgConnection;

use super::{
    Chosen,
    table::{Table, of_chosen},
};
use crate::database::Failure;

/// Counts appointments, by their present time: one that was moved counts once.
pub(super) async fn count(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
) -> Result<(), Failure> {
    let rows = of_chosen!(
        chosen,
        r#"
           select key, grouping(key) = 1 as "is_total!", count(*) as "appointments!",
                  count(*) filter (where status = 'pending') as "pending!",
                  count(*) filter (where status = 'confirmed') as "confirmed!",
                  count(*) filter (where status = 'in_progress') as "in_progress!",
                  count(*) filter (where status = 'completed') as "completed!",
                  count(*) filter (where status = 'no_show') as "no_show!",
                  count(*) filter (where status = 'cancelled') as "cancelled!",
                  count(*) filter (where status = 'rejected') as "rejected!",
                  count(*) filter (where status = 'expired') as "expired!",
                  count(*) filter (where is_late) as "cancelled_late!",
                  coalesce(sum(blocked_minutes) filter (where stands and status <> 'no_show'), 0)::bigint as "used!",
                  coalesce(sum(blocked_minutes - own_minutes) filter (where stands and status <> 'no_show'), 0)::bigint
                      as "buffers!",
                  coalesce(sum(blocked_minutes) filter (where status in ('in_progress', 'completed')), 0)::bigint
                      as "attended!",
                  coalesce(sum(blocked_minutes) filter (where status = 'no_show'), 0)::bigint as "lost!",
                  percentile_cont(array[0.5, 0.9]::float8[]) within group (
                      order by extract(epoch from starts_at - created_at)::float8 / 3600) filter (where stands) as lead,
                  count(*) filter (where stands and is_first) as "new!",
                  count(*) filter (where stands and not is_first) as "known!",
                  count(*) filter (where stands and is_coming) as "coming!",
                  count(score) as "ratings!", coalesce(sum(score), 0)::bigint as "score_sum!"
           from chosen
           left join ratings on appointment_id = chosen.id
           group by grouping sets ((key), ())"#
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let figures = table.figures(row.is_total, row.key);
        figures.appointments = row.appointments;
        figures.pending = row.pending;
        figures.confirmed = row.confirmed;
        figures.in_progress = row.in_progress;
        figures.completed = row.completed;
        figures.no_show = row.no_show;
        figures.cancelled = row.cancelled;
        figures.rejected = row.rejected;
        figures.expired = row.expired;
        figures.cancelled_late = row.cancelled_late;
        figures.used_minutes += row.used;
        figures.buffer_minutes = row.buffers;
        figures.attended_minutes += row.attended;
        figures.lost_minutes = row.lost;
        figures.lead_hours = match row.lead.as_deref() {
            Some([median, nine_of_ten]) => Some((*median, *nine_of_ten)),
            _ => None,
        };
        figures.new_patients = row.new;
        figures.known_patients = row.known;
        figures.coming = row.coming;
        figures.ratings = row.ratings;
        figures.score_sum = row.score_sum;
    }
    Ok(())
}
