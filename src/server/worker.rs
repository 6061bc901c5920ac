//! Background work: each step by itself, every few seconds.

use std::time::Duration;

use engine::{
    account::{self, renumber::renumber},
    appointment::{self, HeldBack, Round},
    audit,
    availability::hours,
    caldav::{self, busy},
    consultation,
    database::MAX_CLOCK_DIFFERENCE,
    error::AppError,
    i18n::Locale,
    idempotency,
    notification::{Channel, outbox, tell_days},
    payment, phone_call, privacy, report, stay, waitlist, webhook,
};
use jiff::{SignedDuration, Timestamp};

use super::AppState;

const PAUSE: Duration = Duration::from_secs(20);

/// The number of rounds after which the log hears again of what waits for an admin.
const ROUNDS_PER_REMINDER: u32 = 180;

/// Steps again and again until the server ends. While the clock of this server is wrong, it steps aside.
pub async fn run(state: AppState) {
    let (mut was_wrong, mut held_back_rounds) = (false, 0u32);
    loop {
        match round(&state).await {
            Ok(Done::Rested(ahead)) if !was_wrong => {
                was_wrong = true;
                tracing::error!("{}", about_clock(ahead));
            }
            Ok(Done::Rested(_)) => {}
            Ok(Done::Worked(round)) => {
                if std::mem::take(&mut was_wrong) {
                    tracing::info!("the clock of this server is right again, and its worker works");
                }
                match round {
                    Round::HeldBack(held_back) => {
                        if held_back_rounds.is_multiple_of(ROUNDS_PER_REMINDER) {
                            tracing::error!(requests = held_back.requests, "{}", about_held_back(held_back));
                        }
                        held_back_rounds = held_back_rounds.wrapping_add(1);
                    }
                    Round::Usual => held_back_rounds = 0,
                }
            }
            // The outage has its own lines in the log.
            Err(AppError::Unavailable) => tracing::debug!("the worker could not do its round"),
            Err(error) => tracing::warn!(%error, "the worker could not do its round"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What became of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Worked(Round),
    /// The time by which the clock of this server is ahead.
    Rested(SignedDuration),
}

/// Does one round, unless the clock of this server is wrong.
///
/// # Errors
/// Those of the database.
pub async fn round(state: &AppState) -> Result<Done, AppError> {
    state.database.read_clock().await?;
    let ahead = state.database.clock_ahead();
    if is_wrong(ahead) {
        return Ok(Done::Rested(ahead));
    }
    step(state, state.now()).await.map(Done::Worked)
}

/// Looks at what fell due while no server ran, before this one takes requests.
pub async fn first_round(state: &AppState) {
    if is_wrong(state.database.clock_ahead()) {
        return;
    }
    if let Err(error) = begin_first_round(state).await {
        tracing::warn!(%error, "the worker could not begin its first round");
    }
}

async fn begin_first_round(state: &AppState) -> Result<(), AppError> {
    if !state.database.is_paused().await? {
        let at_once = state.config.operation.expire_at_once;
        appointment::begin_round(&state.database, at_once, state.now()).await?;
    }
    Ok(())
}

/// Whether a clock that is ahead by this time, or behind, is too wrong to work by.
pub fn is_wrong(ahead: SignedDuration) -> bool {
    ahead.abs() > MAX_CLOCK_DIFFERENCE
}

/// The sentence about a clock that is wrong.
pub fn about_clock(ahead: SignedDuration) -> String {
    let which = if ahead.is_negative() { "behind" } else { "ahead of" };
    format!(
        "the clock of this server is {} s {which} that of the database: set it, such as by NTP; until then this server goes by \
         the clock of the database, and its worker rests",
        ahead.abs().as_secs()
    )
}

/// The sentence about requests that wait for the decision of an admin.
pub fn about_held_back(held_back: HeldBack) -> String {
    format!(
        "{} requests for appointments are due at once since {}, as after an outage or in a restored copy: none expires until \
         an admin has decided at /admin/overdue or with `janji overdue`",
        held_back.requests, held_back.since
    )
}

/// Does one round. Nothing relies on it having run: what has lapsed is free by comparison.
///
/// # Errors
/// Those of the database.
pub async fn step(state: &AppState, now: Timestamp) -> Result<Round, AppError> {
    state.requests.forget_idle();
    audit::forget_idle();
    // What fell due since the backup is looked at when somebody has looked at the copy. Who was erased since is not to be seen
    // by whoever looks.
    if state.database.is_paused().await? {
        while privacy::work(&state.database, now).await? > 0 {}
        return Ok(Round::Usual);
    }
    let round = appointment::begin_round(&state.database, state.config.operation.expire_at_once, now).await?;
    if round == Round::Usual {
        while appointment::expire(&state.database, now).await? > 0 {}
    }
    while renumber(&state.database, state.config.rules.country).await? > 0 {}
    if state.outbox.senders.of(Channel::Email).is_some() {
        let code = state.config.rules.country.calling_code().unwrap_or_default();
        let locale = Locale::of_phone(&format!("+{code}"));
        tell_days(&state.database, locale, now).await?;
    }
    tidy(state, now).await?;
    while payment::catch_up(&state.database, now).await? > 0 {}
    stay::tidy(&state.database, now).await?;
    while busy::give_back(&state.database).await? {}
    while busy::extend(&state.database, now).await? > 0 {}
    report::remember(&state.database, now).await?;
    while privacy::work(&state.database, now).await? > 0 {}
    while privacy::export::make(&state.database, now).await? > 0 {}
    privacy::retention::step(&state.database, now).await?;
    Ok(round)
}

/// Lets each slice delete what it needs no more.
async fn tidy(state: &AppState, now: Timestamp) -> Result<(), AppError> {
    let transcript_days = state.config.phone.transcript_days;
    state
        .database
        .write("worker.tidy", move |mut tx| async move {
            account::tidy(&mut tx, now).await?;
            audit::tidy(&mut tx).await?;
            outbox::tidy(&mut tx, now).await?;
            hours::tidy(&mut tx, now).await?;
            consultation::tidy(&mut tx, now).await?;
            waitlist::tidy(&mut tx, now).await?;
            payment::tidy(&mut tx, now).await?;
            phone_call::tidy(&mut tx, transcript_days, now).await?;
            webhook::tidy(&mut tx, now).await?;
            caldav::tidy(&mut tx, now).await?;
            busy::tidy(&mut tx, now).await?;
            privacy::export::tidy(&mut tx, now).await?;
            idempotency::tidy(&mut tx, now).await?;
            tx.commit().await
        })
        .await
}
