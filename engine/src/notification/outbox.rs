//! Messages, written in the transaction that makes them true.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::PgConnection;

use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    time::plus_minutes,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Sms,
    Email,
}

impl Channel {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

/// Puts a message out, in the caller's transaction: it is said if and only if that commits.
///
/// # Errors
/// Those of the database.
pub async fn enqueue(tx: &mut Tx, channel: Channel, recipient: &str, body: &str) -> Result<(), Failure> {
    sqlx::query!(
        "insert into messages (channel, recipient, body) values ($1, $2, $3)",
        channel.as_str(),
        recipient,
        body,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts out a message with a secret, which is erased once it is sent, and at this moment at the latest.
///
/// # Errors
/// Those of the database.
pub async fn enqueue_secret(
    tx: &mut Tx,
    channel: Channel,
    recipient: &str,
    body: &str,
    until: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into messages (channel, recipient, body, secret_until) values ($1, $2, $3, $4)",
        channel.as_str(),
        recipient,
        body,
        until.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A message as the demo shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    pub to: String,
    pub channel: String,
    pub body: String,
    /// When it was put out: in the demo this is when it is sent.
    pub sent_at: Timestamp,
}

/// The newest messages, for the demo's message page. Nothing outside of the demo may call this.
///
/// # Errors
/// Those of the database.
pub async fn newest(database: &Database) -> Result<Vec<Message>, AppError> {
    database
        .read("messages.newest", |mut connection| async move {
            load(&mut connection).await
        })
        .await
}

async fn load(connection: &mut PgConnection) -> Result<Vec<Message>, Failure> {
    let rows =
        sqlx::query!("select recipient, channel, body, created_at from messages where body <> '' order by id desc limit 200")
            .fetch_all(connection)
            .await?;
    Ok(rows
        .into_iter()
        .map(|row| Message {
            to: row.recipient,
            channel: row.channel,
            body: row.body,
            sent_at: row.created_at.to_jiff(),
        })
        .collect())
}

/// The time for which messages are kept, in minutes.
const KEEP_MINUTES: i64 = 7 * 24 * 60;

/// Erases secrets that were sent or that are good for nothing any more, and deletes old messages.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update messages set body = '', secret_until = null
         where secret_until is not null and (secret_until <= $1 or sent_at is not null)",
        now.to_sqlx()
    )
    .execute(&mut **tx)
    .await?;
    let old = plus_minutes(now, -KEEP_MINUTES);
    sqlx::query!("delete from messages where created_at <= $1", old.to_sqlx())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
