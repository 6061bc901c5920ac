//! Recipients to whom nothing goes any more.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::kind::{Kind, Trouble};
use crate::database::{Failure, Tx};

/// The number of times that an address has to be refused: the first may be a slip of the provider.
const REFUSALS: i32 = 2;

/// The word for who does not want reminders; what they have to know still reaches them.
pub const UNSUBSCRIBED: &str = "unsubscribed";

/// Counts that a recipient said stop, or that nobody is there.
///
/// # Errors
/// Those of the database.
pub async fn count(tx: &mut Tx, recipient: &str, trouble: Trouble, now: Timestamp) -> Result<(), Failure> {
    write(tx, recipient, trouble.as_str(), now).await
}

/// Notes that a recipient does not want reminders.
///
/// # Errors
/// Those of the database.
pub async fn unsubscribe(tx: &mut Tx, recipient: &str, now: Timestamp) -> Result<(), Failure> {
    write(tx, recipient, UNSUBSCRIBED, now).await
}

async fn write(tx: &mut Tx, recipient: &str, reason: &str, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "insert into message_stops as known (recipient, reason, stopped_at) values ($1, $2, $3)
         on conflict (recipient) do update set
             reason = excluded.reason, count = known.count + 1, stopped_at = excluded.stopped_at",
        recipient,
        reason,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Why nothing of this kind goes to a recipient, if so. A code always does: who asks for one wants it.
///
/// # Errors
/// Those of the database.
pub async fn find(tx: &mut Tx, recipient: &str, kind: Kind) -> Result<Option<Trouble>, Failure> {
    if kind == Kind::Code {
        return Ok(None);
    }
    let stop = sqlx::query!(
        "select reason, count from message_stops where recipient = $1",
        recipient
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(stop.and_then(|stop| match stop.reason.as_str() {
        UNSUBSCRIBED => kind.is_optional().then_some(Trouble::OptedOut),
        reason => match Trouble::parse(reason) {
            Some(Trouble::NoSuchRecipient) if stop.count < REFUSALS => None,
            trouble => trouble,
        },
    }))
}

/// Lets messages go to a recipient again who has shown that they are there.
///
/// # Errors
/// Those of the database.
pub async fn lift(tx: &mut Tx, recipient: &str) -> Result<(), Failure> {
    sqlx::query!("delete from message_stops where recipient = $1", recipient)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
