//! Busy times, for pages that are open.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Except;
use crate::{database::Database, error::AppError};

/// The busy ranges of a doctor that are still ahead, for whoever looks: each page leaves out its own.
#[derive(Clone, Debug, Default)]
pub struct Busy(Vec<Blocked>);

#[derive(Clone, Debug)]
struct Blocked {
    /// In seconds since 1970.
    range: (i64, i64),
    /// `None` where it is by a calendar elsewhere, and nobody's own.
    appointment_id: Option<i64>,
    /// SHA-256 of the token of the visitor who holds it, where it is a hold.
    held_by: Option<Vec<u8>>,
}

impl Busy {
    /// The ranges in seconds since 1970, without those of `except`.
    pub fn without(&self, except: &Except) -> Vec<(i64, i64)> {
        let is_own = |blocked: &Blocked| {
            (blocked.appointment_id.is_some() && except.appointment_id == blocked.appointment_id)
                || (blocked.held_by.is_some() && blocked.held_by == except.holds_of)
        };
        self.0
            .iter()
            .filter(|blocked| !is_own(blocked))
            .map(|blocked| blocked.range)
            .collect()
    }
}

/// Reads the busy ranges of a doctor.
///
/// # Errors
/// Those of the database.
pub async fn busy(database: &Database, doctor_id: i64, now: Timestamp) -> Result<Busy, AppError> {
    database
        .read("availability.busy", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select id as "id?", blocks_from as "blocks_from!: jiff_sqlx::Timestamp",
                          blocks_until as "blocks_until!: jiff_sqlx::Timestamp",
                          case when status = 'held' then held_by end as "held_by?"
                   from appointments
                   where doctor_id = $1 and blocks_until > $2 and occupies(appointments, $2)
                   union all
                   select null, lower(span), upper(span), null
                   from external_busy
                   where doctor_id = $1 and span && tstzrange($2, null)
                   order by 2"#,
                doctor_id,
                now.to_sqlx(),
            )
            .fetch_all(&mut *connection)
            .await?;
            let blocked = rows.into_iter().map(|row| Blocked {
                range: (
                    row.blocks_from.to_jiff().as_second(),
                    row.blocks_until.to_jiff().as_second(),
                ),
                appointment_id: row.id,
                held_by: row.held_by,
            });
            Ok(Busy(blocked.collect()))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_leaves_out_its_own_and_nothing_else() {
        let blocked = |from: i64, id: i64, held_by: Option<u8>| Blocked {
            range: (from, from + 10),
            appointment_id: Some(id),
            held_by: held_by.map(|byte| vec![byte; 32]),
        };
        let busy = Busy(vec![
            blocked(0, 1, None),
            blocked(20, 2, Some(7)),
            blocked(40, 3, Some(8)),
        ]);
        let except = |appointment_id: Option<i64>, holds_of: Option<u8>| Except {
            appointment_id,
            holds_of: holds_of.map(|byte| vec![byte; 32]),
        };
        for (except, expected) in [
            // An appointment that nobody holds is not of a page without holds.
            (except(None, None), vec![0, 20, 40]),
            (except(None, Some(7)), vec![0, 40]),
            (except(Some(1), None), vec![20, 40]),
            (except(Some(1), Some(8)), vec![20]),
            (except(Some(9), Some(9)), vec![0, 20, 40]),
        ] {
            let starts: Vec<i64> = busy.without(&except).iter().map(|range| range.0).collect();
            assert_eq!(starts, expected, "{except:?}");
        }
    }
}
