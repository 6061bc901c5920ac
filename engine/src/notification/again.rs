//! Sending again what was given up.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    kind::{Kind, State, Trouble},
    stops,
};
use crate::{
    account::{Caller, must_be_admin},
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
    time::plus_minutes,
};

/// The minutes in which a message that is sent again is tried.
const AGAIN_MINUTES: i64 = 24 * 60;

/// Makes a message due that was given up, for an admin. It is looked at once more before it leaves: what is no longer so is
/// not said. A second request finds it due, and changes nothing.
///
/// # Errors
/// `FORBIDDEN` for everybody but admins; `NOT_FOUND` for a message that is not there, that was not given up, or whose text is
/// gone: a code is asked for anew by who needs one.
pub async fn send_again(
    database: &Database,
    caller: Caller,
    id: i64,
    now: Timestamp,
) -> Result<(), AppError> {
    must_be_admin(&caller).map_err(|_| AppError::Forbidden)?;
    database
        .write("messages.send_again", move |tx| attempt(tx, id, now))
        .await
}

/// Whether a message that was given up can be put into words once more. What was written and erased cannot, and a code is of no
/// use any more.
pub(super) fn can_go_again(kind: Option<Kind>, has_text: bool) -> bool {
    kind.is_some_and(|kind| kind != Kind::Code && (has_text || !kind.is_written()))
}

async fn attempt(mut tx: Tx, id: i64, now: Timestamp) -> Result<(), Failure> {
    let message = sqlx::query!(
        r#"select kind, state, recipient, last_error, body <> '' as "has_text!" from messages where id = $1 for update"#,
        id
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::NotFound)?;
    match State::parse(&message.state) {
        Some(State::Due | State::Claimed) => return Ok(()),
        Some(State::Failed) if can_go_again(Kind::parse(&message.kind), message.has_text) => {}
        _ => return Err(AppError::NotFound.into()),
    }
    sqlx::query!(
        "update messages
         set state = 'due', due_at = $2, not_after = greatest(not_after, $3), attempts = 0, ended_at = null
         where id = $1",
        id,
        now.to_sqlx(),
        plus_minutes(now, AGAIN_MINUTES).to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    // Whoever sends it again has seen that the address is right.
    if message.last_error == Trouble::Bounced.as_str() {
        stops::lift(&mut tx, &message.recipient).await?;
    }
    tx.tell(Event::MessageDue { is_code: false });
    tx.commit().await
}
