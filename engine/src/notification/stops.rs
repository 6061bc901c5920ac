//! Recipients to whom nothing goes any more.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::kind::{Kind, Trouble};
use crate::database::{Failure, Lock, Tx, locking};

/// The number of times that an address has to be refused: the first may be a slip of the provider.
pub const REFUSALS: i32 = 2;

/// The word for who does not want reminders; what they have to know still reaches them.
pub const UNSUBSCRIBED: &str = "unsubscribed";

/// Counts that a recipient said stop, or that nobody is there. Answers whether nothing goes there any more.
///
/// # Errors
/// Those of the database.
pub async fn count(tx: &mut Tx, recipient: &str, trouble: Trouble, now: Timestamp) -> Result<bool, Failure> {
    let times = write(tx, recipient, trouble.as_str(), now).await?;
    Ok(trouble != Trouble::NoSuchRecipient || times >= REFUSALS)
}

/// Locks the patients of an address to which nothing may go any more. Whoever counts such a thing or takes a confirmation back
/// has them first, before the message and the stop: whoever merges patients has them first as well. Answers with who they are,
/// or with `None` where one of them confirmed the address after this mail had been sent, which says nothing of it then.
///
/// # Errors
/// Those of the database.
pub async fn lock_people(
    tx: &mut Tx,
    email: &str,
    sent_at: Option<Timestamp>,
) -> Result<Option<Vec<i64>>, Failure> {
    let known = sqlx::query!(
        r#"select id, coalesce(email_confirmed_at > $2, false) as "is_newer!"
           from patients where email = $1 order by id for no key update"#,
        email,
        sent_at.map(ToSqlx::to_sqlx) as _,
    );
    let known = locking(Lock::Patient, known.fetch_all(&mut **tx)).await?;
    if known.iter().any(|patient| patient.is_newer) {
        return Ok(None);
    }
    Ok(Some(known.into_iter().map(|patient| patient.id).collect()))
}

/// Takes the confirmation of an address back to which nothing goes any more, so that its patients, who are locked, are reached
/// by phone.
///
/// # Errors
/// Those of the database.
pub async fn unconfirm(tx: &mut Tx, patients: &[i64]) -> Result<(), Failure> {
    sqlx::query!(
        "update patients set email_confirmed_at = null where id = any($1) and email_confirmed_at is not null",
        patients,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes that a recipient does not want reminders.
///
/// # Errors
/// Those of the database.
pub async fn unsubscribe(tx: &mut Tx, recipient: &str, now: Timestamp) -> Result<(), Failure> {
    write(tx, recipient, UNSUBSCRIBED, now).await?;
    Ok(())
}

/// Answers with how often it was said.
async fn write(tx: &mut Tx, recipient: &str, reason: &str, now: Timestamp) -> Result<i32, Failure> {
    let count = sqlx::query_scalar!(
        "insert into message_stops as known (recipient, reason, stopped_at) values ($1, $2, $3)
         on conflict (recipient) do update set
             reason = excluded.reason, count = known.count + 1, stopped_at = excluded.stopped_at
         returning count",
        recipient,
        reason,
        now.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(count)
}

/// Why nothing of this kind goes to a recipient, if so. A code always does, and so does what somebody waits for who gave an
/// address or asks for a link: who asks for one wants it.
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
            Some(Trouble::NoSuchRecipient | Trouble::Bounced)
                if matches!(kind, Kind::ConfirmEmail | Kind::Account) =>
            {
                None
            }
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
