//! Messages, written in the transaction that makes them true.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::PgConnection;

use super::kind::{Channel, Kind, Trouble};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
    i18n::Locale,
    time::plus_minutes,
};

/// Puts a code out, in the caller's transaction: it is said if and only if that commits. Its text is erased once it is sent,
/// and at the end of its life at the latest.
///
/// # Errors
/// Those of the database.
pub async fn enqueue_secret(
    tx: &mut Tx,
    channel: Channel,
    recipient: &str,
    (locale, body): (Locale, &str),
    until: Timestamp,
) -> Result<(), Failure> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into messages (kind, channel, recipient, locale, body, due_at, not_after, secret_until)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        Kind::Code.as_str(),
        channel.as_str(),
        recipient,
        locale.code(),
        body,
        now,
        until.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::MessageDue { is_code: true });
    Ok(())
}

/// Puts out a mail about an account, in the caller's transaction: it is said if and only if that commits. One with a link that
/// acts is good until then: its text is erased once it is sent, and at that time at the latest.
///
/// # Errors
/// Those of the database.
pub async fn enqueue_mail(
    tx: &mut Tx,
    recipient: &str,
    locale: Locale,
    (subject, body): (&str, &str),
    until: Option<Timestamp>,
) -> Result<(), Failure> {
    let now = tx.now();
    sqlx::query!(
        "insert into messages (kind, channel, recipient, locale, subject, body, due_at, not_after, secret_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        Kind::Account.as_str(),
        Channel::Email.as_str(),
        recipient,
        locale.code(),
        subject,
        body,
        now.to_sqlx(),
        until.unwrap_or(plus_minutes(now, NEWS_MINUTES)).to_sqlx(),
        until.map(ToSqlx::to_sqlx) as _,
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::MessageDue { is_code: false });
    Ok(())
}

/// The time for which a mail that has only something to tell is news, in minutes.
const NEWS_MINUTES: i64 = 3 * 24 * 60;

/// Puts out a message to a patient that is written already, in the caller's transaction: it is said if and only if that
/// commits.
///
/// # Errors
/// Those of the database.
pub async fn enqueue(
    tx: &mut Tx,
    kind: Kind,
    (patient_id, phone): (i64, &str),
    (locale, body): (Locale, &str),
    not_after: Timestamp,
) -> Result<(), Failure> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into messages (kind, channel, recipient, patient_id, locale, body, due_at, not_after)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        kind.as_str(),
        Channel::Sms.as_str(),
        phone,
        patient_id,
        locale.code(),
        body,
        now,
        not_after.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::MessageDue { is_code: false });
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
    // A reminder is put out long before it is due.
    let rows = sqlx::query!(
        r#"select recipient, channel, body, greatest(created_at, due_at) as "sent_at!"
           from messages where body <> ''
           order by greatest(created_at, due_at) desc, id desc limit 200"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Message {
            to: row.recipient,
            channel: row.channel,
            body: row.body,
            sent_at: row.sent_at.to_jiff(),
        })
        .collect())
}

/// The time for which the texts of messages are kept, and then what is known of them, in minutes.
const KEEP_TEXT_MINUTES: i64 = 30 * 24 * 60;
const KEEP_MINUTES: i64 = 365 * 24 * 60;
/// Messages that one round erases or deletes.
const MAX_BATCH: i64 = 5000;

/// Erases secrets that were sent or that are good for nothing any more, and old texts; deletes what came to its end a year
/// ago. What is due stays, however old it is.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update messages set body = '', secret_until = null
         where id in (select id from messages
                      where secret_until is not null and (secret_until <= $1 or sent_at is not null)
                      limit $2 for update skip locked)",
        now.to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update messages set body = '', subject = ''
         where id in (select id from messages where ended_at <= $1 and (body <> '' or subject <> '')
                      limit $2 for update skip locked)",
        plus_minutes(now, -KEEP_TEXT_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from messages
         where id in (select id from messages where ended_at <= $1 and state not in ('due', 'claimed')
                      limit $2 for update skip locked)",
        plus_minutes(now, -KEEP_MINUTES).to_sqlx(),
        MAX_BATCH,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from message_links where good_until <= $1", now.to_sqlx())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Gives up what was put out before a copy was restored and is due by now: the first installation has sent it, as long as it
/// lived, and nobody is told twice. Answers with the number of messages.
///
/// # Errors
/// Those of the database.
pub async fn drop_from_before(tx: &mut Tx, restored_at: Timestamp) -> Result<u64, Failure> {
    let now = tx.now();
    let dropped = sqlx::query!(
        "update messages
         set state = 'suppressed', last_error = $3, claimed_by = null, claimed_until = null, ended_at = $1::timestamptz,
             body = case when secret_until is null then body else '' end, secret_until = null
         where state in ('due', 'claimed') and due_at <= $1 and created_at < $2",
        now.to_sqlx() as _,
        restored_at.to_sqlx(),
        Trouble::TooLate.as_str(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(dropped.rows_affected())
}
