//! One round of a lane: claim, put into words, send, write down what became of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use metrics::counter;
use tokio::task::JoinSet;

use super::{
    claim::{Lane, claim, give_up},
    claimed::Claimed,
    finish::{End, end_of, finish},
    kind::{Channel, State, Trouble},
    letter::{Letter, Outcome, Sender, Senders},
    prepare::{Prepared, Settings, prepare},
};
use crate::{database::Database, error::AppError};

/// Messages that one lane of one server sends at a time: one that hangs holds up no other.
const MOST_AT_ONCE: i64 = 8;

/// No sender takes longer; a lease does.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// Everything that is needed to send: the outbox, the senders, the settings.
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub database: Database,
    pub senders: Senders,
    pub settings: Arc<Settings>,
}

impl Dispatch {
    /// Whether people can be asked by a mail with a link whether an address is theirs.
    pub fn can_ask(&self) -> bool {
        self.senders.of(Channel::Email).is_some() && self.settings.public_url.is_some()
    }
}

/// Sends what is due in a lane, and answers with how many messages that were; there may be more. Where the lane has no
/// sender, nothing is claimed: its messages wait, and are given up when it is too late for them.
///
/// # Errors
/// Those of the database.
pub async fn deliver(dispatch: &Dispatch, lane: Lane, now: Timestamp) -> Result<usize, AppError> {
    let Some(sender) = dispatch.senders.of(lane.channel).cloned() else {
        give_up(&dispatch.database, lane, now).await?;
        return Ok(0);
    };
    let claimed = claim(&dispatch.database, lane, MOST_AT_ONCE, now).await?;
    let count = claimed.len();
    let mut tasks = JoinSet::new();
    for message in claimed {
        tasks.spawn(deliver_one(dispatch.clone(), sender.clone(), message, now));
    }
    while let Some(result) = tasks.join_next().await {
        // A panic is logged where it happens; the lease of its message ends by itself.
        if let Ok(Err(error)) = result {
            tracing::warn!(%error, "what became of a message could not be written down");
        }
    }
    Ok(count)
}

/// Sends one message that was claimed at this moment.
///
/// # Errors
/// Those of the database.
pub async fn deliver_one(
    dispatch: Dispatch,
    sender: Arc<dyn Sender>,
    claimed: Claimed,
    now: Timestamp,
) -> Result<(), AppError> {
    let started = Instant::now();
    let letter = match put_into_words(&dispatch, &claimed, now).await? {
        Prepared::Ready(letter) => letter,
        Prepared::Over(end) => {
            report(&dispatch, &claimed, &end);
            return Ok(());
        }
        Prepared::Lost => return Ok(()),
    };
    let outcome = match tokio::time::timeout(SEND_TIMEOUT, sender.send(&letter)).await {
        Ok(outcome) => outcome,
        // A mail that comes twice has one name, and is shown once.
        Err(_) if claimed.channel == Channel::Email => Outcome::Later(Trouble::Unreachable),
        Err(_) => Outcome::Unsure,
    };
    let now = now.checked_add(started.elapsed()).unwrap_or(now);
    let end = end_of(&claimed, outcome, now);
    write_down(&dispatch, &claimed, &end, *letter, now).await?;
    report(&dispatch, &claimed, &end);
    Ok(())
}

/// Puts a message into words. Where it is not sent, that is written down at once: what another message says cannot be given
/// back in between.
async fn put_into_words(
    dispatch: &Dispatch,
    claimed: &Claimed,
    now: Timestamp,
) -> Result<Prepared, AppError> {
    let (claimed, settings) = (claimed.clone(), dispatch.settings.clone());
    let keeps_secrets = dispatch.senders.is_demo;
    dispatch
        .database
        .write("messages.prepare", move |mut tx| {
            let (claimed, settings) = (claimed.clone(), settings.clone());
            async move {
                let prepared = prepare(&mut tx, &claimed, &settings, now).await?;
                if let Prepared::Over(end) = &prepared
                    && !finish(&mut tx, &claimed, end, None, keeps_secrets, now).await?
                {
                    return Ok(Prepared::Lost);
                }
                tx.commit().await?;
                Ok(prepared)
            }
        })
        .await
}

async fn write_down(
    dispatch: &Dispatch,
    claimed: &Claimed,
    end: &End,
    letter: Letter,
    now: Timestamp,
) -> Result<(), AppError> {
    let keeps_secrets = dispatch.senders.is_demo;
    let (claimed, end) = (claimed.clone(), end.clone());
    let id = claimed.id;
    let written = dispatch
        .database
        .write("messages.finish", move |mut tx| {
            let (claimed, end, letter) = (claimed.clone(), end.clone(), letter.clone());
            async move {
                let written = finish(&mut tx, &claimed, &end, Some(&letter), keeps_secrets, now).await?;
                tx.commit().await?;
                Ok(written)
            }
        })
        .await?;
    if !written {
        tracing::warn!(
            message.id = id,
            "a message was sent by two workers: a claim ended before its time"
        );
    }
    Ok(())
}

/// Counts and logs how an attempt ended.
fn report(dispatch: &Dispatch, claimed: &Claimed, end: &End) {
    let Claimed {
        id,
        kind,
        channel,
        attempts,
        ..
    } = *claimed;
    let (state, trouble) = match end {
        End::Sent { .. } => (State::Sent, None),
        End::Again(_, trouble) => (State::Due, Some(*trouble)),
        End::Failed(trouble) => (State::Failed, Some(*trouble)),
        End::Suppressed(trouble) => (State::Suppressed, Some(*trouble)),
    };
    dispatch.database.statistics().record(|| {
        counter!(
            "janji_messages_total", "channel" => channel.as_str(), "state" => state.as_str(),
            "trouble" => trouble.map_or("", Trouble::as_str)
        )
        .increment(1);
    });
    match (state, trouble) {
        (State::Failed, Some(trouble)) => tracing::warn!(
            message.id = id,
            kind = kind.as_str(),
            channel = channel.as_str(),
            attempts,
            outcome = trouble.as_str(),
            "a message was given up"
        ),
        _ => tracing::debug!(
            message.id = id,
            kind = kind.as_str(),
            channel = channel.as_str(),
            attempts,
            outcome = state.as_str(),
            "a message was dealt with"
        ),
    }
}
