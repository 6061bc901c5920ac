//! What a doctor answers to what happened in a calendar elsewhere.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    account::doctor,
    rules::{Answer, Question},
};
use crate::{
    account::Caller,
    appointment::{Actor, AppointmentName, Extra, change, lock, lock_session_of, peek},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
    event::Event,
};

/// The length of what the patient is told, in characters.
pub const MAX_REASON: usize = 500;

/// The answer of a doctor.
#[derive(Clone, Debug)]
pub struct AnswerQuestion {
    pub caller: Caller,
    pub id: i64,
    pub answer: Answer,
    /// What the patient is told where the appointment is called off.
    pub reason: String,
}

/// Answers a question: the appointment is written again, or called off with notice to its patient, unless somebody has called it
/// off meanwhile; what was only told is read. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND`; `VALIDATION_FAILED` for what is no answer to it, and for calling off without saying why; `INVALID_TRANSITION` where
/// the appointment cannot be called off any more.
pub async fn answer(database: &Database, command: AnswerQuestion, now: Timestamp) -> Result<(), AppError> {
    if command.answer == Answer::Cancel {
        let wrong = |problem| AppError::invalid(Field::Reason, problem);
        if command.reason.trim().is_empty() {
            return Err(wrong(FieldProblem::Missing));
        }
        match command.reason.chars().count().saturating_sub(MAX_REASON) {
            0 => {}
            over => return Err(wrong(FieldProblem::too_long_by(over))),
        }
    }
    database
        .write("caldav.answer", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: AnswerQuestion, now: Timestamp) -> Result<(), Failure> {
    let doctor_id = doctor(&command.caller)?;
    let asked = sqlx::query!(
        "select account_id, appointment_id, kind from calendar_questions where id = $1 and doctor_id = $2",
        command.id,
        doctor_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::NotFound)?;
    let question = Question::parse(&asked.kind).ok_or(AppError::Internal)?;
    if !command.answer.suits(question) {
        return Err(AppError::invalid(Field::CalendarAnswer, FieldProblem::Malformed).into());
    }
    let seen = peek(&mut tx, &AppointmentName::Id(asked.appointment_id)).await?;
    lock_session_of(&mut tx, &seen).await?;
    let appointment = lock(&mut tx, asked.appointment_id).await?;
    // Whoever answers first has answered.
    let settled = sqlx::query!(
        "update calendar_questions set answer = $2, settled_at = $3 where id = $1 and settled_at is null",
        command.id,
        command.answer.as_str(),
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    if settled.rows_affected() == 0 {
        return Ok(());
    }
    match command.answer {
        Answer::Read => {}
        // Somebody has called it off already.
        Answer::Cancel if !appointment.status.occupies() => {}
        Answer::Keep => {
            sqlx::query!(
                "delete from calendar_events where account_id = $1 and appointment_id = $2 and gone_at is not null",
                asked.account_id,
                asked.appointment_id,
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!(
                "insert into calendar_jobs (account_id, appointment_id, action, due_at) values ($1, $2, 'put', $3)
                 on conflict on constraint calendar_jobs_once do update set
                     changes = calendar_jobs.changes + 1, due_at = excluded.due_at, attempts = 0",
                asked.account_id,
                asked.appointment_id,
                now.to_sqlx(),
            )
            .execute(&mut *tx)
            .await?;
            tx.tell(Event::CalendarDue);
        }
        Answer::Cancel => {
            let to = appointment.status.called_off_by(command.caller.role());
            let extra = Extra {
                reason: command.reason.trim().to_owned(),
                ..Extra::default()
            };
            change(&mut tx, appointment, to, Actor::from(&command.caller), extra, now).await?;
        }
    }
    tx.commit().await
}
