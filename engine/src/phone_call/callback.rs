//! Noting that somebody wants to be called back.

use jiff::Timestamp;

use super::{
    Answer, Call, MAX_NOTE, Rules,
    open::{Done, answered, keep, lock},
};
use crate::{
    account::Phone,
    database::{Database, Failure, Tx},
    error::AppError,
    text,
};

/// Notes a callback for the desk. The last wish of a call counts.
///
/// # Errors
/// Those of the database.
pub(super) async fn note(
    database: &Database,
    call: &Call,
    step_id: i64,
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
            attempt(tx, call.clone(), step_id, (said.clone(), note.clone()), now)
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    call: Call,
    step_id: i64,
    (said, note): (Option<Phone>, String),
    now: Timestamp,
) -> Result<Answer, Failure> {
    let open = lock(&mut tx, &call, now).await?;
    if let Some(first) = answered(&mut tx, step_id).await? {
        return Ok(first);
    }
    let Some(number) = said.or(open.number) else {
        return Ok(Answer::NumberMissing);
    };
    sqlx::query!(
        "update phone_calls set needs = 'callback', needs_number = $2, needs_note = $3, done_at = null, done_by = null
         where id = $1",
        open.id,
        number.as_str(),
        note,
    )
    .execute(&mut *tx)
    .await?;
    let done = Done {
        step_id,
        answer: Answer::CallbackNoted,
        change: None,
    };
    keep(&mut tx, &done).await?;
    tx.commit().await?;
    Ok(done.answer)
}
