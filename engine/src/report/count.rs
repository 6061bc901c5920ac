//! What became of the appointments of a period, and the times of its doctors that they had.

use sqlx::PgConnection;

use super::{
    Chosen, Figures,
    table::{Table, of_chosen},
};
use crate::database::Failure;

/// Counts appointments, by their present time: one that was moved counts once. The whole is the sum of its parts, which is added
/// here; only of the lead time it is not.
pub(super) async fn count(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
) -> Result<(), Failure> {
    let rows = of_chosen!(
        chosen,
        "id, patient_id, status, stands, is_late, is_coming, blocked_minutes, own_minutes, starts_at,
         extract(epoch from starts_at - created_at)::float8 / 3600 as lead",
        r#", firsts as materialized (
               -- What the view calls the first, but looked up once for each patient.
               select patient_id, (select min(starts_at) from appointments
                                   where appointments.patient_id = patients.patient_id
                                     and status in ('confirmed', 'in_progress', 'completed', 'no_show')) as first_at
               from (select distinct patient_id from chosen where stands order by patient_id) as patients
           ), counts as (
               select key, status, count(*) as appointments, count(*) filter (where is_late) as late,
                      sum(blocked_minutes) as blocked, sum(blocked_minutes - own_minutes) as buffers,
                      count(*) filter (where stands) as stood,
                      count(*) filter (where stands and starts_at = first_at) as new,
                      count(*) filter (where stands and is_coming) as coming,
                      count(score) as ratings, sum(score) as score_sum
               from chosen
               left join firsts on firsts.patient_id = chosen.patient_id
               left join ratings on appointment_id = chosen.id
               group by key, status
           ), leads as (
               select key, percentile_cont(array[0.5, 0.9]::float8[]) within group (order by lead) as lead
               from chosen
               where stands and $6::text is not null
               group by key)
           select counts.key, status as "status!", appointments as "appointments!", late as "late!",
                  blocked::bigint as "blocked!", buffers::bigint as "buffers!", stood as "stood!", new as "new!",
                  coming as "coming!", ratings as "ratings!", coalesce(score_sum, 0)::bigint as "score_sum!",
                  leads.lead,
                  (select percentile_cont(array[0.5, 0.9]::float8[]) within group (order by lead)
                   from chosen where stands) as lead_of_all
           from counts
           left join leads on leads.key = counts.key"#
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        for (is_total, key, lead) in [(true, None, &row.lead_of_all), (false, row.key, &row.lead)] {
            let figures = table.figures(is_total, key);
            figures.add_counted(&row.status, row.appointments, row.blocked, row.buffers);
            figures.cancelled_late += row.late;
            figures.lead_hours = hours(lead.as_deref());
            figures.new_patients += row.new;
            figures.known_patients += row.stood - row.new;
            figures.coming += row.coming;
            figures.ratings += row.ratings;
            figures.score_sum += row.score_sum;
        }
    }
    Ok(())
}

/// The median, and what nine of ten stay below.
fn hours(lead: Option<&[f64]>) -> Option<(f64, f64)> {
    match lead {
        Some([median, nine_of_ten]) => Some((*median, *nine_of_ten)),
        _ => None,
    }
}

impl Figures {
    /// Adds appointments of one status, with the minutes that they block and the buffers among these.
    fn add_counted(&mut self, status: &str, appointments: i64, blocked: i64, buffers: i64) {
        self.appointments += appointments;
        match status {
            "pending" => self.pending += appointments,
            "confirmed" => self.confirmed += appointments,
            "in_progress" => self.in_progress += appointments,
            "completed" => self.completed += appointments,
            "no_show" => {
                self.no_show += appointments;
                self.lost_minutes += blocked;
            }
            "cancelled" => self.cancelled += appointments,
            "rejected" => self.rejected += appointments,
            "expired" => self.expired += appointments,
            _ => {}
        }
        if matches!(status, "confirmed" | "in_progress" | "completed") {
            self.used_minutes += blocked;
            self.buffer_minutes += buffers;
        }
        if matches!(status, "in_progress" | "completed") {
            self.attended_minutes += blocked;
        }
    }
}
