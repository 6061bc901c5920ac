//! Making the copies that were asked for.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{MAX_BYTES, collect::collect, pack::packed};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::Locale,
    time::plus_minutes,
};

/// The minutes for which a worker has a copy that it makes.
const LEASE_MINUTES: i64 = 5;

/// The attempts after which a copy cannot be made.
const MAX_ATTEMPTS: i32 = 3;

/// A copy that a worker makes.
#[derive(Clone, Copy, Debug)]
struct Taken {
    patient_id: i64,
    asked_at: Timestamp,
    locale: Locale,
}

/// Makes one of the copies that were asked for, and answers how many.
///
/// # Errors
/// Those of the database. The copy is tried again after some minutes.
pub async fn make(database: &Database, now: Timestamp) -> Result<usize, AppError> {
    let is_any = database
        .read("privacy.look", move |mut connection| async move {
            let is_any = sqlx::query_scalar!(
                r#"select exists (select from patient_exports where made_at is null) as "is_any!""#
            );
            Ok(is_any.fetch_one(&mut *connection).await?)
        })
        .await?;
    if !is_any {
        return Ok(0);
    }
    let Some(taken) = database
        .write("privacy.take_export", move |tx| take(tx, now))
        .await?
    else {
        return Ok(0);
    };
    let collected = collect(database, taken.patient_id, taken.locale, now).await?;
    let locale = taken.locale;
    let content = tokio::task::spawn_blocking(move || packed(&collected, locale, now))
        .await
        .map_err(|_| AppError::Internal)?;
    let content = Some(content).filter(|content| content.len() <= MAX_BYTES);
    if content.is_none() {
        tracing::error!(
            patient.id = taken.patient_id,
            "the copy of a patient's data is too large"
        );
    }
    database
        .write("privacy.keep_export", move |tx| {
            keep(tx, taken, content.clone(), now)
        })
        .await?;
    Ok(1)
}

async fn take(mut tx: Tx, now: Timestamp) -> Result<Option<Taken>, Failure> {
    // What could not be made again and again is given up.
    sqlx::query!(
        "update patient_exports set made_at = $1
         where patient_id in (select patient_id from patient_exports
                              where made_at is null and attempts >= $2 and taken_until <= $1 for update skip locked)",
        now.to_sqlx(),
        MAX_ATTEMPTS,
    )
    .execute(&mut *tx)
    .await?;
    let row = sqlx::query!(
        r#"update patient_exports set taken_until = $2, attempts = attempts + 1
           where patient_id = (select patient_id from patient_exports
                               where made_at is null and (taken_until is null or taken_until <= $1)
                               order by asked_at limit 1 for update skip locked)
           returning patient_id, asked_at as "asked_at: jiff_sqlx::Timestamp", locale"#,
        now.to_sqlx(),
        plus_minutes(now, LEASE_MINUTES).to_sqlx(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(row.map(|row| Taken {
        patient_id: row.patient_id,
        asked_at: row.asked_at.to_jiff(),
        locale: Locale::parse(&row.locale).unwrap_or_default(),
    }))
}

/// Keeps a copy, unless it is no longer asked for: somebody who was erased meanwhile has none.
async fn keep(mut tx: Tx, taken: Taken, content: Option<Vec<u8>>, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update patient_exports set made_at = $3, content = $4, taken_until = null
         where patient_id = $1 and asked_at = $2 and made_at is null",
        taken.patient_id,
        taken.asked_at.to_sqlx(),
        now.to_sqlx(),
        content,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
