//! Rating a visit, and what a doctor's ratings come to.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Average, Score};
use crate::{
    account::Caller,
    appointment::{AppointmentName, Status, lock, peek},
    database::{Database, Failure, OnConstraint, Tx},
    error::AppError,
    idempotency::{self, Key},
    nobody::is_nobody,
};

/// The command to rate an appointment.
#[derive(Clone, Debug)]
pub struct Rate {
    pub caller: Caller,
    pub which: AppointmentName,
    pub score: Score,
    pub comment: String,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// A rating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    pub id: i64,
    pub score: Score,
    pub comment: String,
    pub rated_at: Timestamp,
}

/// Rates an appointment, and returns the id of the rating (A5). Ratings of one doctor do not wait for each other: they
/// write no common row.
///
/// # Errors
/// `NOT_FOUND` for everybody but the appointment's patient; `INVALID_TRANSITION` before it is completed;
/// `RATING_EXISTS`, `IDEMPOTENCY_CONFLICT`.
pub async fn rate(database: &Database, command: Rate, now: Timestamp) -> Result<i64, AppError> {
    database
        .write("rating.rate", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Rate, now: Timestamp) -> Result<i64, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let id = peek(&mut tx, &command.which).await?.id;
    let appointment = lock(&mut tx, id).await?;
    let Caller::Patient { .. } = command.caller else {
        return Err(AppError::NotFound.into());
    };
    if !appointment.is_visible_to(&command.caller) || is_nobody(appointment.doctor_id) {
        return Err(AppError::NotFound.into());
    }
    if appointment.status != Status::Completed {
        return Err(AppError::InvalidTransition {
            appointment_id: id,
            from: appointment.status,
            to: Status::Completed,
        }
        .into());
    }
    let exists = sqlx::query_scalar!(
        r#"select exists (select from ratings where appointment_id = $1) as "exists!""#,
        id,
    )
    .fetch_one(&mut *tx)
    .await?;
    if exists {
        return Err(AppError::RatingExists.into());
    }
    let rating_id = sqlx::query_scalar!(
        "insert into ratings (appointment_id, doctor_id, score, comment, rated_at)
         values ($1, $2, $3, $4, $5) returning id",
        id,
        appointment.doctor_id,
        command.score.stars(),
        command.comment,
        now.to_sqlx(),
    )
    .fetch_one(&mut *tx)
    .await
    .on_constraint("ratings_appointment_id_key", AppError::RatingExists)?;
    idempotency::answer(&mut tx, key, &rating_id, &[]).await?;
    tx.commit().await?;
    Ok(rating_id)
}

/// The rating of an appointment that the caller may see, if there is one.
///
/// # Errors
/// `NOT_FOUND` for what is somebody else's.
pub async fn find(
    database: &Database,
    caller: Caller,
    reference: String,
) -> Result<Option<Rating>, AppError> {
    database
        .read("rating.find", move |mut connection| async move {
            let appointment = peek(&mut connection, &reference.into()).await?;
            if !appointment.is_visible_to(&caller) {
                return Err(AppError::NotFound.into());
            }
            let row = sqlx::query!(
                "select id, score, comment, rated_at from ratings where appointment_id = $1",
                appointment.id,
            )
            .fetch_optional(&mut *connection)
            .await?;
            let rating = row.map(|row| {
                Ok::<_, AppError>(Rating {
                    id: row.id,
                    score: Score::new(row.score).ok_or(AppError::Internal)?,
                    comment: row.comment,
                    rated_at: row.rated_at.to_jiff(),
                })
            });
            Ok(rating.transpose()?)
        })
        .await
}

/// Returns the present ratings of these doctors. Doctors without any are left out.
///
/// # Errors
/// Those of the database.
pub async fn averages(
    connection: &mut PgConnection,
    doctor_ids: &[i64],
) -> Result<HashMap<i64, Average>, Failure> {
    let rows = sqlx::query!(
        r#"select doctor_id, sum(score) as "sum!", count(*) as "count!"
           from ratings where doctor_id = any($1) group by doctor_id"#,
        doctor_ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.doctor_id,
                Average {
                    sum: row.sum,
                    count: row.count,
                },
            )
        })
        .collect())
}
