//! Noting that somebody wants to be called back.

use jiff::Timestamp;

use super::{Answer, Call, MAX_NOTE, Rules, open::lock};
use crate::{
    account::Phone,
    database::{Database, Failure, Tx},
    error::AppError,
    text,
};

/// Notes a callback for the desk. The last wish of a call counts, and one that is said again is no other one. No answer is kept:
/// a wish that comes back after another one is the last.
///
/// # Errors
/// Those of the database.
pub(super) async fn note(
    database: &Database,
    call: &Call,
    (said, note): (&str, &str),
    rules: &Rules,
    now: Timestamp,
) -> Result<Answer, AppError> {
    let said = match said.trim() {
        "" => None,
        said => match Phone::parse(said, rules.country) {
            Ok(number) => Some(number),
            Err(_) => return Ok(Answer::NumberMissing),
        },
    };
    let note: String = text::line(note).chars().take(MAX_NOTE).collect();
    let call = call.clone();
    database
        .write("phone_call.callback", move |tx| {
            attempt(tx, call.clone(), (said.clone(), note.clone()), now)
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    call: Call,
    (said, note): (Option<Phone>, String),
    now: Timestamp,
) -> Result<Answer, Failure> {
    let open = lock(&mut tx, &call, now).await?;
    let Some(number) = said.or(open.number) else {
        return Ok(Answer::NumberMissing);
    };
    // Where the same wish is sent again, what the desk has done stays done.
    sqlx::query!(
        "update phone_calls set needs = 'callback', needs_number = $2, needs_note = $3, done_at = null, done_by = null
         where id = $1 and (needs, needs_number, needs_note) is distinct from ('callback', $2, $3)",
        open.id,
        number.as_str(),
        note,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Answer::CallbackNoted)
}
