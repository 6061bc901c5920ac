//! Releasing a copy that was restored: from then on it tells people, and asks providers.

use jiff::Timestamp;

use crate::{
    account::{Caller, note_of},
    audit::{self, Kind, Note},
    database::{Database, Failure, Tx},
    error::AppError,
    notification::outbox,
};

/// What becomes of the messages that waited in the backup and are due by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// They are not sent: the first installation has sent them, as long as it lived.
    Drop,
    /// They are sent, as far as they are still true.
    Send,
}

/// The wish to release a copy.
#[derive(Clone, Debug)]
pub struct Release {
    /// None is whoever has the command line of the server.
    pub caller: Option<Caller>,
    pub waiting: Waiting,
}

/// Releases a paused copy. Answers with the number of messages that are not sent any more; with none where it was at work
/// already.
///
/// # Errors
/// Those of the database.
pub async fn release(database: &Database, command: Release) -> Result<Option<u64>, AppError> {
    let about = match command.waiting {
        Waiting::Drop => "messages dropped",
        Waiting::Send => "messages sent",
    };
    let note = note_of(command.caller.as_ref(), Kind::CopyReleased).about(about);
    let told = note.clone();
    let dropped = database
        .write("installation.release", move |tx| {
            attempt(tx, command.waiting, note.clone())
        })
        .await?;
    if dropped.is_some() {
        database.forget_pause();
        audit::tell(database, &told);
    }
    Ok(dropped)
}

async fn attempt(mut tx: Tx, waiting: Waiting, note: Note) -> Result<Option<u64>, Failure> {
    // Of two who release at once, the second one finds it released.
    let paused_since = sqlx::query_scalar!(
        r#"select paused_since as "paused_since!" from installation where paused_since is not null for no key update"#
    );
    let Some(paused_since) = paused_since.fetch_optional(&mut *tx).await? else {
        return Ok(None);
    };
    let paused_since: Timestamp = paused_since.to_jiff();
    let dropped = match waiting {
        Waiting::Drop => outbox::drop_from_before(&mut tx, paused_since).await?,
        Waiting::Send => 0,
    };
    sqlx::query!("update installation set paused_since = null")
        .execute(&mut *tx)
        .await?;
    audit::write(&mut tx, &note).await?;
    tx.commit().await?;
    Ok(Some(dropped))
}
