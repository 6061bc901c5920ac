//! What became of a message, written down by who has the claim.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use super::{
    claimed::Claimed,
    kind::{Channel, Kind, Trouble},
    letter::{Letter, Outcome},
    stops, visit,
};
use crate::database::{Failure, Tx};

/// The seconds until the next attempt, after the first, the second and so on; then always the last.
const PAUSES: [i64; 4] = [60, 5 * 60, 15 * 60, 60 * 60];
/// Somebody sits there and waits for a code.
const PAUSES_OF_CODES: [i64; 4] = [5, 15, 30, 60];

/// When a message is tried again after this many attempts.
pub fn next_attempt(kind: Kind, attempts: i32, now: Timestamp) -> Timestamp {
    let pauses = if kind == Kind::Code {
        PAUSES_OF_CODES
    } else {
        PAUSES
    };
    let before = usize::try_from(attempts - 1).unwrap_or_default();
    let pause = pauses[before.min(pauses.len() - 1)];
    now.saturating_add(SignedDuration::from_secs(pause))
        .unwrap_or(now)
}

/// The end of an attempt, as it is written down.
#[derive(Clone, Debug)]
pub enum End {
    Sent { provider_id: Option<String> },
    Again(Timestamp, Trouble),
    Failed(Trouble),
    Suppressed(Trouble),
}

/// Decides what an outcome means for a message.
pub fn end_of(claimed: &Claimed, outcome: Outcome, now: Timestamp) -> End {
    let again = |trouble| {
        let next = next_attempt(claimed.kind, claimed.attempts, now);
        match next < claimed.not_after {
            true => End::Again(next, trouble),
            false => End::Failed(trouble),
        }
    };
    match outcome {
        Outcome::Sent { provider_id } => End::Sent { provider_id },
        Outcome::Later(trouble) => again(trouble),
        Outcome::Unsure if claimed.kind.is_sent_again_when_unsure() => again(Trouble::Unsure),
        Outcome::Unsure => End::Failed(Trouble::Unsure),
        Outcome::Refused(Trouble::OptedOut) => End::Suppressed(Trouble::OptedOut),
        Outcome::Refused(trouble) => End::Failed(trouble),
    }
}

/// Writes the end of an attempt down. Answers whether it did: a claim that has ended, and that somebody else has now, says
/// nothing any more. `letter` is what was sent; secrets in it are kept only where `keeps_secrets`, which is the demo.
///
/// # Errors
/// Those of the database.
pub async fn finish(
    tx: &mut Tx,
    claimed: &Claimed,
    end: &End,
    letter: Option<&Letter>,
    keeps_secrets: bool,
    now: Timestamp,
) -> Result<bool, Failure> {
    let (state, trouble, due_at, provider_id) = match end {
        End::Sent { provider_id } => ("sent", None, None, provider_id.clone()),
        End::Again(at, trouble) => ("due", Some(*trouble), Some(*at), None),
        End::Failed(trouble) => ("failed", Some(*trouble), None, None),
        End::Suppressed(trouble) => ("suppressed", Some(*trouble), None, None),
    };
    let is_over = due_at.is_none();
    let is_sent = matches!(end, End::Sent { .. });
    let is_secret = claimed.is_secret;
    let body = match letter {
        Some(letter) if is_sent && !is_secret && !claimed.kind.is_written() => Some(letter.text()),
        _ if is_secret && is_over && !keeps_secrets => Some(String::new()),
        _ => None,
    };
    // What the provider says of the recipient. A patient's address may have changed since it was put out.
    let said_of = letter.map(|letter| letter.recipient.as_str());
    let gone = match (said_of, end) {
        (Some(email), End::Failed(Trouble::NoSuchRecipient)) if claimed.channel == Channel::Email => {
            stops::lock_people(tx, email, None).await?
        }
        _ => None,
    };
    let subject = letter.filter(|_| is_sent).map(|letter| letter.subject.clone());
    let written = sqlx::query!(
        "update messages
         set state = $3, claimed_by = null, claimed_until = null,
             last_error = $4,
             due_at = coalesce($5, due_at),
             sent_at = case when $6 then $7 else sent_at end,
             ended_at = case when $8 then $7::timestamptz else null end,
             provider_id = coalesce($9, provider_id),
             body = coalesce($10, body),
             subject = coalesce($11, subject),
             secret_until = case when $12 then null else secret_until end,
             recipient = coalesce($13, recipient)
         where id = $1 and claimed_by = $2",
        claimed.id,
        claimed.claim,
        state,
        trouble.map_or("", Trouble::as_str),
        due_at.map(ToSqlx::to_sqlx) as _,
        is_sent,
        now.to_sqlx() as _,
        is_over,
        provider_id,
        body,
        subject,
        // The demo goes on showing its codes.
        is_over && (keeps_secrets || is_secret),
        said_of,
    )
    .execute(&mut **tx)
    .await?
    .rows_affected()
        > 0;
    if !written {
        return Ok(false);
    }
    if is_over && trouble.is_some_and(Trouble::leaves_it_to_others) {
        visit::give_back(tx, &[claimed.id], now).await?;
    }
    // What was looked up and not sent is counted already.
    if let (
        Some(recipient),
        End::Failed(trouble @ Trouble::NoSuchRecipient) | End::Suppressed(trouble @ Trouble::OptedOut),
    ) = (said_of, end)
    {
        let is_stopped = stops::count(tx, recipient, *trouble, now).await?;
        if let (true, Some(patients)) = (is_stopped, gone) {
            stops::unconfirm(tx, &patients).await?;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(kind: Kind, attempts: i32) -> i64 {
        next_attempt(kind, attempts, Timestamp::UNIX_EPOCH).as_second()
    }

    #[test]
    fn attempts_are_further_and_further_apart_up_to_an_hour() {
        let pauses: Vec<i64> = (1..=6).map(|attempts| after(Kind::Confirmed, attempts)).collect();
        assert_eq!(pauses, [60, 300, 900, 3600, 3600, 3600]);
        assert_eq!(after(Kind::Code, 1), 5);
    }
}
