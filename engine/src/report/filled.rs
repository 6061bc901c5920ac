//! Times that came free, and whether somebody else got them.

use sqlx::PgConnection;

use super::{
    Chosen, Filled,
    table::{Table, of_chosen},
};
use crate::database::Failure;

/// Counts the times of confirmed appointments that were cancelled before they began. Nobody has two at once, so whoever has such
/// a time now got it afterwards.
pub(super) async fn filled(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
) -> Result<(), Failure> {
    let rows = of_chosen!(
        chosen,
        r#", freed as (
               select key,
                      (select max(case when exists (
                                  select from waitlist_offers where booked_id = others.id) then 2 else 1 end)
                       from (select id from appointments
                             where doctor_id = chosen.doctor_id
                               and starts_at > chosen.starts_at - interval '1 day' and starts_at < chosen.ends_at
                               -- What blocks something does so until its end, or longer; seats block nothing.
                               and (blocks_until > chosen.starts_at or blocks_until = blocks_from)
                               and status in ('confirmed', 'in_progress', 'completed', 'no_show')
                             -- The index of busy times has all of this: only what is left is looked up.
                             offset 0) as near
                       join appointments as others on others.id = near.id
                       where others.ends_at > chosen.starts_at
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
           group by grouping sets ((key), ())"#
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
