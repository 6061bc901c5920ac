//! What is done at providers outside of every transaction: pages are opened that were not heard of again, asked about and
//! ended, and money goes back. Each provider has a lane of its own on every server, so that one that hangs keeps no other
//! waiting.

use std::time::Duration;

use engine::{
    error::AppError,
    payment::{Done, NewSession, Provider as Name, Work, done_work, due_work, not_opened, opened, settle},
};
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::{
    numbers::measure,
    provider::{Repaid, Standing, Trouble},
};
use crate::server::AppState;

/// The time between two looks at what is due.
const PAUSE: Duration = Duration::from_secs(5);
/// The pieces of work that a lane has at once.
const AT_ONCE: i64 = 8;

/// Opens the page of a payment for somebody who waits for it. Answers with its address; with none where the provider cannot be
/// reached, and the worker goes on trying, or where it refuses, and the payment has failed.
///
/// # Errors
/// Those of the database.
pub async fn open(state: &AppState, page: &NewSession) -> Result<Option<String>, AppError> {
    // The worker goes on where the copy is released.
    if state.database.is_paused().await? {
        return Ok(None);
    }
    let there = state.payments.open(page, state.now()).await;
    measure(
        &state.database,
        page.provider,
        "open",
        there.as_ref().err().copied(),
    );
    match there {
        Ok(there) => {
            let url = there.url.clone();
            opened(&state.database, page.payment_id, there, state.now()).await?;
            Ok(Some(url))
        }
        Err(Trouble::Refused) => {
            not_opened(&state.database, page.payment_id, state.now()).await?;
            Ok(None)
        }
        Err(_) => Ok(None),
    }
}

/// Works for each provider, again and again, until the server ends.
pub async fn run(state: AppState) {
    let mut lanes = JoinSet::new();
    for name in state.payments.names() {
        lanes.spawn(lane(state.clone(), name));
    }
    if let Some(stand_in) = state.payments.stand_in() {
        lanes.spawn(super::stand_in::run(stand_in.clone()));
    }
    while lanes.join_next().await.is_some() {}
}

async fn lane(state: AppState, name: Name) {
    loop {
        match round(&state, name, state.now()).await {
            // There may be more.
            Ok(done) if i64::try_from(done).is_ok_and(|done| done >= AT_ONCE) => continue,
            Ok(_) => {}
            // The outage has its own lines in the log.
            Err(AppError::Unavailable) => tracing::debug!("the worker of payments could not do its round"),
            Err(error) => tracing::warn!(%error, "the worker of payments could not do its round"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Does what is due with a provider. Answers with how much that was.
///
/// # Errors
/// Those of the database.
pub async fn round(state: &AppState, name: Name, now: Timestamp) -> Result<usize, AppError> {
    if state.database.is_paused().await? {
        return Ok(0);
    }
    let due = due_work(&state.database, &[name], AT_ONCE, now).await?;
    let count = due.len();
    let mut tasks = JoinSet::new();
    for work in due {
        let state = state.clone();
        tasks.spawn(async move { finish(&state, name, work).await });
    }
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            // It is done again when its lease ends.
            Ok(Err(error)) => tracing::warn!(%error, "what came of a payment could not be written down"),
            Err(error) => tracing::warn!(%error, "a piece of work for a payment broke off"),
        }
    }
    Ok(count)
}

async fn finish(state: &AppState, name: Name, work: Work) -> Result<(), AppError> {
    let done = perform(state, name, &work).await?;
    done_work(
        &state.database,
        &work,
        done,
        state.config.rules.booking,
        state.now(),
    )
    .await?;
    Ok(())
}

/// Does a piece of work at its provider.
///
/// # Errors
/// Those of the database, where several things were told at once.
async fn perform(state: &AppState, name: Name, work: &Work) -> Result<Done, AppError> {
    let now = state.now();
    let Some(provider) = state.payments.of(name) else {
        return Ok(Done::Later);
    };
    let (act, done) = match work {
        Work::Open(page) => ("open", state.payments.open(page, now).await.map(Done::Opened)),
        Work::Ask(page) => ("ask", told(state, provider.ask(page, now).await).await?),
        Work::Expire(page) => ("expire", told(state, provider.expire(page, now).await).await?),
        Work::Refund(refund) => (
            "refund",
            provider.refund(refund).await.map(|repaid| match repaid {
                Repaid::Done { refund } => Done::Refunded { refund },
                Repaid::UnderWay { refund } => Done::RefundUnderWay { refund },
            }),
        ),
    };
    measure(&state.database, name, act, done.as_ref().err().copied());
    Ok(meaning(done))
}

fn meaning(done: Result<Done, Trouble>) -> Done {
    match done {
        Ok(done) => done,
        Err(Trouble::Refused) => Done::Refused,
        Err(_) => Done::Later,
    }
}

/// Settles what a provider tells at once, but for the last: that comes of the work.
async fn told(
    state: &AppState,
    standing: Result<Standing, Trouble>,
) -> Result<Result<Done, Trouble>, AppError> {
    let mut facts = match standing {
        Ok(Standing::Told(facts)) => facts,
        Ok(Standing::Open) => return Ok(Ok(Done::StillOpen)),
        Err(trouble) => return Ok(Err(trouble)),
    };
    let last = facts.pop();
    for fact in facts {
        settle(&state.database, fact, state.config.rules.booking, state.now()).await?;
    }
    Ok(Ok(last.map_or(Done::StillOpen, Done::Told)))
}
