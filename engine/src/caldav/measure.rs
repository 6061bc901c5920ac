//! Figures of calendars elsewhere.

use metrics::gauge;

use super::rules::State;
use crate::{database::Database, error::AppError};

/// The number up to which is counted what is to be done.
const MOST_MEASURED: i64 = 100_000;

/// Measures what accounts there are, and what is to be done there.
///
/// # Errors
/// Those of the database.
pub async fn measure(database: &Database) -> Result<(), AppError> {
    let (accounts, waiting) = database
        .read("caldav.measure", |mut connection| async move {
            let accounts =
                sqlx::query!(r#"select state, count(*) as "count!" from calendar_accounts group by state"#)
                    .fetch_all(&mut *connection)
                    .await?;
            let waiting = sqlx::query_scalar!(
                r#"select count(*) as "count!" from (select from calendar_jobs limit $1) as counted"#,
                MOST_MEASURED,
            )
            .fetch_one(&mut *connection)
            .await?;
            let accounts: Vec<_> = accounts.into_iter().map(|row| (row.state, row.count)).collect();
            Ok((accounts, waiting))
        })
        .await?;
    database.statistics().record(|| {
        for state in State::ALL {
            let count = accounts
                .iter()
                .find(|(known, _)| known == state.as_str())
                .map_or(0, |(_, count)| *count);
            gauge!("janji_calendar_accounts", "state" => state.as_str()).set(count as f64);
        }
        gauge!("janji_calendar_jobs_waiting").set(waiting as f64);
    });
    Ok(())
}
