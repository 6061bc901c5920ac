//! Answering what the agent asks for.

use jiff::Timestamp;
use metrics::{counter, describe_counter};

use super::{
    Answer, Call, Rules, Tool, appointments, book, callback, find, hold,
    open::{self, Begun, Open},
    speech,
    work::Work,
};
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    i18n::{Locale, Texts},
};

/// Something that the agent asks for in a call.
#[derive(Clone, Debug)]
pub struct Ask {
    pub call: Call,
    pub tool: Tool,
    /// The language in which the caller speaks; that of the number that was called, where nobody says.
    pub language: Option<Locale>,
    pub rules: Rules,
}

/// What the agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub answer: Answer,
    /// The answer as it is spoken.
    pub say: String,
    pub locale: Locale,
}

impl Said {
    pub(super) fn new(answer: Answer, locale: Locale) -> Self {
        Self {
            say: speech::say(&answer, Texts::of(locale)),
            answer,
            locale,
        }
    }
}

/// Begins the counters of answers. To be called once, when a server begins.
pub fn begin_counting(database: &Database) {
    database.statistics().record(|| {
        describe_counter!(
            "janji_phone_answers_total",
            "Answers to phone agents, by the tool and the kind of the answer"
        );
        describe_counter!(
            "janji_phone_events_total",
            "Events of calls that phone agents have told of, by their kind"
        );
        for tool in Tool::NAMES {
            counter!("janji_phone_answers_total", "tool" => tool, "answer" => "trouble").increment(0);
        }
    });
}

/// Counts an event of a call, which is told by one of a few words.
pub fn count_event(database: &Database, event: &'static str) {
    database.statistics().record(|| {
        counter!("janji_phone_events_total", "event" => event).increment(1);
    });
}

/// Answers the agent. The same step of a call has the same effect and the same answer, however often and at once it is sent.
/// What fails is an answer as well, and a task of the desk.
pub async fn answer(database: &Database, command: Ask, now: Timestamp) -> Said {
    let tool = command.tool.name();
    let said = reply(database, &command, now).await;
    let said = said.unwrap_or_else(|error| {
        tracing::warn!(%error, tool, "a phone agent could not be answered");
        let number = command.call.number.as_ref();
        let usual = || number.map_or_else(Locale::default, |number| Locale::of_phone(number.as_str()));
        Said::new(Answer::Trouble, command.language.unwrap_or_else(usual))
    });
    database.statistics().record(|| {
        counter!("janji_phone_answers_total", "tool" => tool, "answer" => said.answer.kind()).increment(1);
    });
    said
}

async fn reply(database: &Database, command: &Ask, now: Timestamp) -> Result<Said, AppError> {
    let step = open::Request::of(&command.tool);
    let begun = open::begin(database, command.call.clone(), step, &command.rules, now).await?;
    let (open, step_id) = match begun {
        Begun::Answered(open, first) => {
            return Ok(Said::new(first, command.language.unwrap_or(open.locale)));
        }
        Begun::Open(open, step_id) => (open, step_id),
    };
    let locale = command.language.unwrap_or(open.locale);
    let answer = match (&command.tool, &open.place) {
        (Tool::RequestCallback { number, note }, _) => {
            let wish = (number.as_str(), note.as_str());
            callback::note(database, &command.call, wish, &command.rules, now).await
        }
        (_, None) => Ok(Answer::ClinicUnknown),
        _ if open.is_limited => Ok(Answer::Later),
        (tool, Some(place)) => {
            let work = Work {
                database,
                call: &command.call,
                open: &open,
                place,
                step_id,
                rules: &command.rules,
                locale,
                now,
            };
            do_step(&work, tool).await
        }
    };
    let answer = answer.unwrap_or_else(|error| refusal(error, command.tool.name()));
    settle(database, (open.id, step_id), &open, &answer).await?;
    Ok(Said::new(answer, locale))
}

/// What an error means in a conversation.
fn refusal(error: AppError, tool: &'static str) -> Answer {
    match error {
        AppError::RateLimited | AppError::SignInGuarded => Answer::Later,
        AppError::InvalidTransition { .. } | AppError::StaleVersion { .. } => Answer::TooLate,
        AppError::NotFound | AppError::ValidationFailed { .. } | AppError::InvalidDateRange => {
            Answer::NotFound
        }
        error => {
            tracing::warn!(%error, tool, "a step of a phone call failed");
            Answer::Trouble
        }
    }
}

async fn do_step(work: &Work<'_>, tool: &Tool) -> Result<Answer, AppError> {
    match tool {
        Tool::FindTimes {
            service,
            doctor,
            day,
            part,
        } => find::find_times(work, (service, doctor), *day, *part).await,
        Tool::HoldTime { time } => hold::hold(work, *time).await,
        Tool::Book(command) => book::book(work, command).await,
        Tool::MyAppointments { proof } => appointments::list(work, proof).await,
        Tool::Cancel { appointment, proof } => appointments::cancel(work, appointment, proof).await,
        Tool::Move {
            appointment,
            time,
            proof,
        } => appointments::move_to(work, appointment, *time, proof).await,
        // It needs no clinic, and was noted already.
        Tool::RequestCallback { .. } => Ok(Answer::NotFound),
    }
}

/// Notes the kind of the answer at its step, where nothing was done that has its answer already, and makes what failed a task
/// of the desk.
async fn settle(
    database: &Database,
    (call_id, step_id): (i64, i64),
    open: &Open,
    answer: &Answer,
) -> Result<(), AppError> {
    let (outcome, needs_somebody) = (answer.kind(), answer.needs_somebody());
    let number = open.number.as_ref().or(open.proved.as_ref());
    let number = number.map(|number| number.as_str().to_owned());
    database
        .write("phone_call.settle", move |tx| {
            write_outcome(tx, (call_id, step_id), outcome, needs_somebody, number.clone())
        })
        .await
}

async fn write_outcome(
    mut tx: Tx,
    (call_id, step_id): (i64, i64),
    outcome: &'static str,
    needs_somebody: bool,
    number: Option<String>,
) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from phone_calls where id = $1 for no key update",
        call_id
    );
    locking(Lock::PhoneCall, locked.fetch_one(&mut *tx)).await?;
    let noted = sqlx::query!(
        "update phone_call_steps set outcome = $2 where id = $1 and answer is null",
        step_id,
        outcome,
    )
    .execute(&mut *tx)
    .await?;
    // A twin that has done it meanwhile leaves nothing to look after.
    if needs_somebody && noted.rows_affected() == 1 {
        sqlx::query!(
            "update phone_calls set needs = 'failed', needs_number = $2, done_at = null, done_by = null
             where id = $1 and (needs is null or done_at is not null)",
            call_id,
            number,
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}
