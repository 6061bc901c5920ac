//! One round of a worker: claim, post, write down what became of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use metrics::{counter, gauge};
use tokio::sync::Notify;

use super::{
    claim::claim,
    delivery::Claimed,
    finish::{End, finish},
    post::{Posted, Poster, Request},
    rules::{Because, State, Trouble},
    secret::SigningSecret,
};
use crate::{account::factor::seal::SecretKey, database::Database, error::AppError, worker::Workers};

/// Requests that one server makes at a time, each to another webhook: a few that hang hold up no others.
pub const MOST_AT_ONCE: usize = 8;

/// No request takes longer; a lease does.
const POST_TIMEOUT: Duration = Duration::from_secs(20);

/// The number up to which is counted what waits for a webhook. What is kept for one that is paused is not looked at.
const MOST_MEASURED: i64 = 100_000;

/// Everything that is needed to post.
#[derive(Clone)]
pub struct Dispatch {
    pub database: Database,
    pub poster: Arc<dyn Poster>,
    /// The key of this installation, which opens the secrets.
    pub secret_key: Option<SecretKey>,
}

/// Starts the workers.
pub fn start(dispatch: &Dispatch, wake_up: &Arc<Notify>) -> Workers {
    let mut workers = Workers::of(&dispatch.database);
    for _ in 0..MOST_AT_ONCE {
        let dispatch = dispatch.clone();
        workers.add("webhooks", wake_up.clone(), move || {
            let dispatch = dispatch.clone();
            async move { deliver(&dispatch, dispatch.database.now()).await }
        });
    }
    workers
}

/// Posts what some webhook is told next, and answers with how many that were: one or none.
///
/// # Errors
/// Those of the database.
pub async fn deliver(dispatch: &Dispatch, now: Timestamp) -> Result<usize, AppError> {
    let Some(claimed) = claim(&dispatch.database, now).await? else {
        return Ok(0);
    };
    deliver_one(dispatch, claimed, now).await?;
    Ok(1)
}

/// Posts what was claimed at this moment.
///
/// # Errors
/// Those of the database.
pub async fn deliver_one(dispatch: &Dispatch, claimed: Claimed, now: Timestamp) -> Result<(), AppError> {
    let started = Instant::now();
    let posted = match request(dispatch, &claimed, now) {
        Ok(request) => {
            let posted = tokio::time::timeout(POST_TIMEOUT, dispatch.poster.post(&request)).await;
            posted.unwrap_or(Posted::Failed(Trouble::TimedOut))
        }
        // The log says which key is missing.
        Err(_) => Posted::Failed(Trouble::Sealed),
    };
    let took = started.elapsed();
    let now = now.checked_add(took).unwrap_or(now);
    let took_ms = i32::try_from(took.as_millis()).unwrap_or(i32::MAX);
    let (id, webhook_id, attempts) = (claimed.id, claimed.webhook_id, claimed.attempts);
    let end = dispatch
        .database
        .write("webhook.finish", move |mut tx| {
            let (claimed, posted) = (claimed.clone(), posted.clone());
            async move {
                let end = finish(&mut tx, &claimed, &posted, took_ms, now).await?;
                tx.commit().await?;
                Ok(end)
            }
        })
        .await?;
    report(dispatch, (id, webhook_id, attempts), end);
    Ok(())
}

fn request(dispatch: &Dispatch, claimed: &Claimed, now: Timestamp) -> Result<Request, AppError> {
    let open = |stored: &str| SigningSecret::open(dispatch.secret_key.as_ref(), stored, claimed.staff_id);
    let mut secrets = vec![open(&claimed.secret)?];
    if let Some(old) = &claimed.old_secret {
        secrets.push(open(old)?);
    }
    Ok(Request {
        url: claimed.url.clone(),
        name: claimed.name(),
        timestamp: now.as_second(),
        body: claimed.body(),
        secrets,
    })
}

/// Counts and logs how an attempt ended.
fn report(dispatch: &Dispatch, (id, webhook_id, attempts): (i64, i64, i32), end: End) {
    let trouble = end.trouble().map_or("", Trouble::as_str);
    dispatch.database.statistics().record(|| {
        counter!("janji_webhook_attempts_total", "outcome" => end.name(), "trouble" => trouble).increment(1);
    });
    match end {
        End::Failed(_) | End::Stopped(..) => tracing::warn!(
            webhook.id = webhook_id,
            delivery.id = id,
            attempts,
            trouble,
            outcome = end.name(),
            "what a webhook was to be told was given up"
        ),
        End::Delivered | End::Again(_) | End::Lost => tracing::debug!(
            webhook.id = webhook_id,
            delivery.id = id,
            attempts,
            trouble,
            outcome = end.name(),
            "a webhook was told something"
        ),
    }
}

/// Measures what webhooks there are, and what waits for them.
///
/// # Errors
/// Those of the database.
pub async fn measure(database: &Database, now: Timestamp) -> Result<(), AppError> {
    let (webhooks, waiting, oldest) = database
        .read("webhook.measure", move |mut connection| async move {
            let webhooks = sqlx::query!(
                r#"select state, coalesce(because, '') as "because!", count(*) as "count!"
                   from webhooks where state <> 'ended' group by 1, 2"#
            )
            .fetch_all(&mut *connection)
            .await?;
            let waiting = sqlx::query!(
                r#"select count(*) as "count!",
                          coalesce(extract(epoch from $1::timestamptz - min(happened_at))::float8, 0) as "oldest!"
                   from webhooks
                   cross join lateral (select due.happened_at from webhook_deliveries as due
                                       where due.webhook_id = webhooks.id and due.state = 'due'
                                       order by due.due_at, due.id limit $2) as waiting
                   where webhooks.state = 'active'"#,
                now.to_sqlx() as _,
                MOST_MEASURED,
            )
            .fetch_one(&mut *connection)
            .await?;
            let webhooks: Vec<_> = webhooks
                .into_iter()
                .map(|row| (row.state, row.because, row.count))
                .collect();
            Ok((webhooks, waiting.count, waiting.oldest))
        })
        .await?;
    database.statistics().record(|| {
        for (state, because) in [
            (State::Active, ""),
            (State::Paused, Because::ByHand.as_str()),
            (State::Paused, Because::Failing.as_str()),
        ] {
            let count = webhooks
                .iter()
                .find(|(known, why, _)| known == state.as_str() && why == because)
                .map_or(0, |(_, _, count)| *count);
            gauge!("janji_webhooks", "state" => state.as_str(), "because" => because).set(count as f64);
        }
        gauge!("janji_webhook_deliveries_waiting").set(waiting as f64);
        gauge!("janji_webhook_oldest_seconds").set(oldest);
    });
    Ok(())
}
