//! Browser sessions in PostgreSQL. Ids are stored hashed: whoever reads the table cannot step into one.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::limit::{self, Action, Counted};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
};

/// The person who signed in, as the session stores it. The guard looks them up at every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignedIn {
    Patient(i64),
    Staff(i64),
}

/// A session as it is stored.
#[derive(Clone)]
pub struct Row {
    /// SHA-256 of the session's id.
    pub id: Vec<u8>,
    pub data: serde_json::Value,
    pub expires_at: Timestamp,
}

/// Who begins a session, and how many may begin from there in a quarter of an hour; 0 is no limit.
#[derive(Clone, Debug, Default)]
pub struct Beginner {
    pub address: String,
    pub most: u32,
}

/// Writes a new session. Answers whether it did: an id that exists already is left alone.
///
/// # Errors
/// `RATE_LIMITED`: too many have begun from this address; or those of the database.
pub async fn create(
    database: &Database,
    row: Row,
    beginner: Beginner,
    now: Timestamp,
) -> Result<bool, AppError> {
    let (counted, is_new) = database
        .write("session.create", move |tx| {
            insert(tx, row.clone(), beginner.clone(), now)
        })
        .await?;
    limit::check(counted)?;
    Ok(is_new)
}

/// Overwrites a session that exists. A request that was under way while its session was signed out does not
/// bring it back.
///
/// # Errors
/// Those of the database.
pub async fn save(database: &Database, row: Row) -> Result<(), AppError> {
    database
        .write("session.save", move |tx| update(tx, row.clone()))
        .await
}

/// Reads a session that has not expired, by the SHA-256 of its id.
///
/// # Errors
/// Those of the database.
pub async fn load(database: &Database, id: Vec<u8>, now: Timestamp) -> Result<Option<Row>, AppError> {
    database
        .read("session.load", move |mut connection| async move {
            let row = sqlx::query!(
                "select data, expires_at from sessions where id = $1 and expires_at > $2",
                &id,
                now.to_sqlx(),
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.map(|row| Row {
                id,
                data: row.data,
                expires_at: row.expires_at.to_jiff(),
            }))
        })
        .await
}

/// Deletes a session, by the SHA-256 of its id.
///
/// # Errors
/// Those of the database.
pub async fn delete(database: &Database, id: Vec<u8>) -> Result<(), AppError> {
    database
        .write("session.delete", move |mut tx| {
            let id = id.clone();
            async move {
                sqlx::query!("delete from sessions where id = $1", &id)
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await
            }
        })
        .await
}

/// Commits either way: what is refused counts, too.
async fn insert(
    mut tx: Tx,
    row: Row,
    beginner: Beginner,
    now: Timestamp,
) -> Result<(Option<Counted>, bool), Failure> {
    let counted = limit::count(
        &mut tx,
        Action::SessionByAddress,
        &beginner.address,
        beginner.most,
        now,
    )
    .await?;
    if !counted.is_none_or(Counted::is_within) {
        tx.commit().await?;
        return Ok((counted, false));
    }
    let done = sqlx::query!(
        "insert into sessions (id, data, expires_at) values ($1, $2, $3)
         on conflict on constraint sessions_pkey do nothing",
        &row.id,
        &row.data,
        row.expires_at.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok((counted, done.rows_affected() > 0))
}

async fn update(mut tx: Tx, row: Row) -> Result<(), Failure> {
    sqlx::query!(
        "update sessions set data = $2, expires_at = $3 where id = $1",
        &row.id,
        &row.data,
        row.expires_at.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// 256 random bits, as text.
pub fn random_token() -> String {
    rand::rng()
        .random::<[u8; 32]>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
