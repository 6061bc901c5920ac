//! Reading a copy, and what became of it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{KEEP_MINUTES, State};
use crate::{
    account::Caller, database::Database, error::AppError, privacy::must_be_theirs, time::plus_minutes,
};

/// Says what became of the copy of a patient's data.
///
/// # Errors
/// `NOT_FOUND` for somebody else's.
pub async fn state(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<State, AppError> {
    must_be_theirs(caller, patient_id)?;
    database
        .read("privacy.export_state", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select asked_at as "asked_at: jiff_sqlx::Timestamp", made_at as "made_at: jiff_sqlx::Timestamp",
                          length(content) as bytes
                   from patient_exports where patient_id = $1"#,
                patient_id,
            )
            .fetch_optional(&mut *connection)
            .await?;
            let Some(row) = row else {
                return Ok(State::None);
            };
            let made_at = row.made_at.map(jiff_sqlx::Timestamp::to_jiff);
            Ok(match (made_at, row.bytes) {
                (None, _) => State::Waiting {
                    asked_at: row.asked_at.to_jiff(),
                },
                (Some(made_at), _) if plus_minutes(made_at, KEEP_MINUTES) <= now => State::None,
                (Some(made_at), Some(bytes)) => State::Ready {
                    made_at,
                    until: plus_minutes(made_at, KEEP_MINUTES),
                    bytes,
                },
                (Some(_), None) => State::Failed,
            })
        })
        .await
}

/// Reads the copy of a patient's data, a ZIP file.
///
/// # Errors
/// `NOT_FOUND` for somebody else's, and where there is none, or none any more.
pub async fn content(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<Vec<u8>, AppError> {
    must_be_theirs(caller, patient_id)?;
    database
        .read("privacy.export_content", move |mut connection| async move {
            let content = sqlx::query_scalar!(
                r#"select content as "content!" from patient_exports
                   where patient_id = $1 and content is not null and made_at > $2"#,
                patient_id,
                plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
            );
            Ok(content
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?)
        })
        .await
}
