//! The record of a backup: that it was begun, and what became of it.

use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Database, Failure, Tx, backup::Made},
    error::AppError,
};

/// Records that a backup is made by hand. Answers with the id of the record.
///
/// # Errors
/// Those of the database.
pub async fn begin_backup(database: &Database) -> Result<i64, AppError> {
    database.write("backup.begin", begin).await
}

async fn begin(mut tx: Tx) -> Result<i64, Failure> {
    let now = tx.now();
    let id = sqlx::query_scalar!(
        "insert into backups (began_at) values ($1) returning id",
        now.to_sqlx()
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Records what became of a backup; none where it failed.
///
/// # Errors
/// Those of the database.
pub async fn finish_backup(database: &Database, id: i64, made: Option<&Made>) -> Result<(), AppError> {
    let made = made.map(|made| {
        let name = made.path.as_ref().and_then(|path| path.file_name());
        Kept {
            name: name.map_or_else(|| "-".to_owned(), |name| name.to_string_lossy().into_owned()),
            bytes: i64::try_from(made.bytes).unwrap_or(i64::MAX),
            rows: i64::try_from(made.rows).unwrap_or(i64::MAX),
        }
    });
    database
        .write("backup.finish", move |tx| finish(tx, id, made.clone()))
        .await
}

#[derive(Clone)]
struct Kept {
    name: String,
    bytes: i64,
    rows: i64,
}

async fn finish(mut tx: Tx, id: i64, made: Option<Kept>) -> Result<(), Failure> {
    let now = tx.now();
    let (name, bytes, rows) = match made {
        Some(made) => (Some(made.name), Some(made.bytes), Some(made.rows)),
        None => (None, None, None),
    };
    sqlx::query!(
        "update backups set ended_at = $2::timestamptz, name = $3, bytes = $4, rows = $5 where id = $1",
        id,
        now.to_sqlx() as _,
        name,
        bytes,
        rows,
    )
    .execute(&mut *tx)
    .await?;
    // What is known of old ones is of use to nobody.
    sqlx::query!(
        "delete from backups where began_at < $1::timestamptz - interval '90 days'",
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Claims the daily backup of a day: of several servers and rounds, one makes it. One that failed is tried again after an hour,
/// and one whose server has not been heard of after six.
pub(super) async fn claim(mut tx: Tx, day: Date, now: Timestamp) -> Result<Option<i64>, Failure> {
    let id = sqlx::query_scalar!(
        "insert into backups (day, began_at) values ($1, $2)
         on conflict on constraint backups_one_a_day do update set began_at = $2, ended_at = null
             where backups.name is null
               and backups.began_at < $2::timestamptz - case when backups.ended_at is null then interval '6 hours'
                                                             else interval '1 hour' end
         returning id",
        day.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(id)
}
