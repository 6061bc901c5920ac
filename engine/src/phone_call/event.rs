//! What a provider tells of a call: that it began, ended, or what was made of it. It is told twice, late and in any order.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Call, Rules, open::lock};
use crate::{
    account::Phone,
    database::{Database, Failure, Tx},
    error::AppError,
    text,
};

/// The length of what was said in a call, in characters, as far as it is kept.
pub const MAX_TRANSCRIPT: usize = 100_000;
/// The length of the provider's word for how a call ended.
const MAX_WORD: usize = 64;

/// What happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Started,
    Ended,
    Analyzed,
}

impl What {
    /// The word by which it is counted.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Ended => "ended",
            Self::Analyzed => "analyzed",
        }
    }
}

/// Something that happened to a call.
#[derive(Clone, Debug)]
pub struct CallEvent {
    pub call: Call,
    pub what: What,
    pub began_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The provider's word for how it ended.
    pub because: Option<String>,
    /// Whether the provider says that it broke off by a fault.
    pub is_faulty: bool,
    /// What was said. It is kept where the clinic keeps it.
    pub transcript: Option<String>,
}

/// Completes the row of a call. What is told again changes nothing.
///
/// # Errors
/// Those of the database.
pub async fn note_event(
    database: &Database,
    mut event: CallEvent,
    rules: &Rules,
    now: Timestamp,
) -> Result<(), AppError> {
    if rules.transcript_days == 0 {
        event.transcript = None;
    }
    database
        .write("phone_call.note_event", move |tx| attempt(tx, event.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, event: CallEvent, now: Timestamp) -> Result<(), Failure> {
    let open = lock(&mut tx, &event.call, now).await?;
    let ended_at = event.ended_at.or((event.what != What::Started).then_some(now));
    let because = event.because.as_deref().map(|word| {
        let word: String = text::line(word).chars().take(MAX_WORD).collect();
        word
    });
    let transcript = event.transcript.as_deref().map(|said| {
        let said: String = text::lines(said).chars().take(MAX_TRANSCRIPT).collect();
        said
    });
    // The clock of the provider is not believed where it is ahead.
    sqlx::query!(
        "update phone_calls set
             began_at = least(began_at, $2::timestamptz), ended_at = coalesce(ended_at, least($3::timestamptz, $6::timestamptz)),
             ended_because = coalesce(ended_because, $4), transcript = coalesce($5, transcript),
             -- What a code has opened is closed with the call.
             proved_number = case when $3::timestamptz is null then proved_number end,
             challenge = case when $3::timestamptz is null then challenge end
         where id = $1",
        open.id,
        event.began_at.map(ToSqlx::to_sqlx) as _,
        ended_at.map(ToSqlx::to_sqlx) as _,
        because,
        transcript,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    if event.is_faulty {
        // Somebody wanted something, and nothing came of it.
        sqlx::query!(
            "update phone_calls set needs = 'failed', needs_number = $2
             where id = $1 and needs is null
               and not exists (select from phone_call_steps
                               where phone_call_id = phone_calls.id and appointment_id is not null)",
            open.id,
            open.number.as_ref().map(Phone::as_str),
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}
