//! What became of a delivery, written down by who has the claim.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    delete::end,
    delivery::Claimed,
    post::{ANSWER_KEPT, Posted},
    rules::{Because, State, Trouble, next_attempt, rest},
    topic::Topic,
};
use crate::{
    database::{Failure, Lock, Tx, locking},
    i18n::{Locale, Texts},
    notification::outbox::enqueue_mail,
};

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Delivered,
    /// It is tried again.
    Again(Trouble),
    /// It was given up, and the webhook goes on.
    Failed(Trouble),
    /// It was given up, and the webhook with it.
    Stopped(Trouble, Because),
    /// The claim has ended, or the webhook: what became of it is no longer asked.
    Lost,
}

impl End {
    /// The name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Again(_) => "again",
            Self::Failed(_) => "failed",
            Self::Stopped(..) => "stopped",
            Self::Lost => "lost",
        }
    }

    pub fn trouble(self) -> Option<Trouble> {
        match self {
            Self::Again(trouble) | Self::Failed(trouble) | Self::Stopped(trouble, _) => Some(trouble),
            Self::Delivered | Self::Lost => None,
        }
    }
}

/// The webhook of a claim, locked.
struct Held {
    state: State,
    failures: i32,
    delivered_at: Option<Timestamp>,
    description: String,
    language: Locale,
    owner_email: String,
}

/// Writes what became of a delivery down, if its webhook is still this worker's.
///
/// # Errors
/// Those of the database.
pub async fn finish(
    tx: &mut Tx,
    claimed: &Claimed,
    posted: &Posted,
    took_ms: i32,
    now: Timestamp,
) -> Result<End, Failure> {
    let Some(held) = lock(tx, claimed).await? else {
        return Ok(End::Lost);
    };
    let trouble = match posted {
        Posted::Answered { status, .. } => Trouble::of_status(*status),
        Posted::Failed(trouble) => Some(*trouble),
    };
    let (reached, next) = match trouble {
        None => (End::Delivered, None),
        Some(trouble) => what_now(claimed, &held, trouble, now),
    };
    let is_over = next.is_none();
    let (status, answer) = match posted {
        Posted::Answered { status, answer } => (Some(i32::from(*status)), kept(answer)),
        Posted::Failed(_) => (None, ""),
    };
    let state = match reached {
        End::Delivered => "delivered",
        End::Again(_) | End::Lost => "due",
        End::Failed(_) | End::Stopped(..) => "failed",
    };
    sqlx::query!(
        "update webhook_deliveries
         set state = $2, due_at = coalesce($3, due_at), ended_at = case when $4 then $5::timestamptz end,
             trouble = $6, answer_status = $7, answer = $8, took_ms = $9
         where id = $1 and state = 'due'",
        claimed.id,
        state,
        next.map(ToSqlx::to_sqlx) as _,
        is_over,
        now.to_sqlx() as _,
        trouble.map_or("", Trouble::as_str),
        status,
        answer,
        took_ms,
    )
    .execute(&mut **tx)
    .await?;
    let_go(tx, claimed, &held, reached, now).await?;
    Ok(reached)
}

async fn lock(tx: &mut Tx, claimed: &Claimed) -> Result<Option<Held>, Failure> {
    let held = sqlx::query!(
        r#"select state, failures, delivered_at, description, language,
                  (select email from staff where staff.id = staff_id) as "email!"
           from webhooks where id = $1 and claimed_by = $2
           for no key update"#,
        claimed.webhook_id,
        claimed.claim,
    );
    let held = locking(Lock::Webhooks, held.fetch_optional(&mut **tx)).await?;
    Ok(held.and_then(|held| {
        Some(Held {
            state: State::parse(&held.state)?,
            failures: held.failures,
            delivered_at: held.delivered_at.map(jiff_sqlx::Timestamp::to_jiff),
            description: held.description,
            language: Locale::parse(&held.language).unwrap_or_default(),
            owner_email: held.email,
        })
    }))
}

/// Decides what a failure means, and when it is tried again.
fn what_now(claimed: &Claimed, held: &Held, trouble: Trouble, now: Timestamp) -> (End, Option<Timestamp>) {
    if trouble == Trouble::Gone {
        return (End::Stopped(trouble, Because::Gone), None);
    }
    // Whoever tries it out looks at what became of it, and tries again.
    if claimed.topic == Topic::Test {
        return (End::Failed(trouble), None);
    }
    match next_attempt(claimed.attempts, claimed.first_tried_at, now) {
        Some(next) => (End::Again(trouble), Some(next)),
        // Something else arrived there meanwhile: this one alone is refused.
        None if held.delivered_at.is_some_and(|at| at >= claimed.first_tried_at) => {
            (End::Failed(trouble), None)
        }
        None => (End::Stopped(trouble, Because::Failing), None),
    }
}

/// The beginning of an answer, as far as it is kept. What PostgreSQL cannot store was taken out by whoever read it.
fn kept(answer: &str) -> &str {
    &answer[..answer.floor_char_boundary(ANSWER_KEPT)]
}

/// Gives the webhook back, and tells its owner where it does not go on.
async fn let_go(
    tx: &mut Tx,
    claimed: &Claimed,
    held: &Held,
    reached: End,
    now: Timestamp,
) -> Result<(), Failure> {
    let is_delivered = reached == End::Delivered;
    // A test says nothing of what is told otherwise.
    let counts = !is_delivered && claimed.topic != Topic::Test;
    let failures = match (is_delivered, counts) {
        (true, _) => 0,
        (false, true) => held.failures.saturating_add(1),
        (false, false) => held.failures,
    };
    sqlx::query!(
        "update webhooks
         set claimed_by = null, claimed_until = null, failures = $2, rest_until = $3,
             delivered_at = case when $4 then $5 else delivered_at end
         where id = $1",
        claimed.webhook_id,
        failures,
        counts.then(|| rest(failures, now).to_sqlx()) as _,
        is_delivered,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    match reached {
        End::Stopped(_, Because::Gone) => {
            end(tx, claimed.webhook_id, Because::Gone, now).await?;
            tell_owner(tx, held, "gone").await
        }
        End::Stopped(..) if held.state == State::Active => {
            sqlx::query!(
                "update webhooks set state = 'paused', because = 'failing' where id = $1 and state = 'active'",
                claimed.webhook_id,
            )
            .execute(&mut **tx)
            .await?;
            tell_owner(tx, held, "failing").await
        }
        End::Failed(_) if claimed.topic != Topic::Test => tell_owner(tx, held, "refused").await,
        _ => Ok(()),
    }
}

/// Puts out a mail to the owner of a webhook.
async fn tell_owner(tx: &mut Tx, held: &Held, what: &str) -> Result<(), Failure> {
    let texts = Texts::of(held.language);
    let subject = texts.text(&format!("webhook-mail-{what}-subject"));
    let body = texts.with(
        &format!("webhook-mail-{what}"),
        &[("description", held.description.clone().into())],
    );
    enqueue_mail(tx, &held.owner_email, held.language, (&subject, &body), None).await
}
