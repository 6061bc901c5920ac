//! Reminders, and whether those came who had one.

use sqlx::PgConnection;

use super::{
    Chosen, Part, Reminders,
    table::{Table, of_chosen},
};
use crate::database::Failure;

/// Counts reminders of the appointments that stand, each message of a visit for each of its appointments.
pub(super) async fn reminders(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
) -> Result<(), Failure> {
    let rows = of_chosen!(
        chosen,
        r#", told as (
               select key, status in ('completed', 'no_show') as is_over, status = 'no_show' as is_no_show, sent, delivered,
                      failed, sent > 0 as is_reminded
               from chosen
               cross join lateral (
                   select count(*) filter (where state in ('sent', 'delivered')) as sent,
                          count(*) filter (where state = 'delivered') as delivered,
                          count(*) filter (where state = 'failed') as failed
                   from (select state from messages where appointment_id = chosen.id and kind like 'reminder%'
                         union all
                         -- Those of a visit that are kept at another of its appointments.
                         select state
                         from (select distinct message_id from message_parts
                               where message_parts.appointment_id = chosen.id and said like 'reminder%') as parts
                         join messages on messages.id = message_id
                         where kind like 'reminder%' and messages.appointment_id is distinct from chosen.id) as told) as reminders
               where stands)
           select key, grouping(key) = 1 as "is_total!",
                  sum(sent)::bigint as "sent!", sum(delivered)::bigint as "delivered!", sum(failed)::bigint as "failed!",
                  count(*) filter (where is_over and is_reminded) as "reminded!",
                  count(*) filter (where is_no_show and is_reminded) as "reminded_no_show!",
                  count(*) filter (where is_over and not is_reminded) as "unreminded!",
                  count(*) filter (where is_no_show and not is_reminded) as "unreminded_no_show!"
           from told
           group by grouping sets ((key), ())
           having count(*) > 0"#
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        table.figures(row.is_total, row.key).reminders = Reminders {
            sent: row.sent,
            delivered: row.delivered,
            failed: row.failed,
            reminded: Part {
                of: row.reminded,
                part: row.reminded_no_show,
            },
            unreminded: Part {
                of: row.unreminded,
                part: row.unreminded_no_show,
            },
        };
    }
    Ok(())
}
