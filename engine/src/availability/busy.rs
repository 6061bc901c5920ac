//! Busy times, for pages that are open.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Except;
use crate::{database::Database, error::AppError};

/// Reads the busy ranges of a doctor that are still ahead, in seconds since 1970, without those of `except`.
///
/// # Errors
/// Those of the database.
pub async fn busy(
    database: &Database,
    doctor_id: i64,
    except: Except,
    now: Timestamp,
) -> Result<Vec<(i64, i64)>, AppError> {
    database
        .read("availability.busy", move |mut connection| async move {
            let rows = sqlx::query!(
                "select blocks_from, blocks_until from appointments
                 where doctor_id = $1 and blocks_until > $2 and occupies(appointments, $2)
                   and (status <> 'held' or held_by is distinct from $3)
                   and id is distinct from $4
                 order by starts_at",
                doctor_id,
                now.to_sqlx(),
                except.holds_of,
                except.appointment_id,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| {
                    (
                        row.blocks_from.to_jiff().as_second(),
                        row.blocks_until.to_jiff().as_second(),
                    )
                })
                .collect())
        })
        .await
}
