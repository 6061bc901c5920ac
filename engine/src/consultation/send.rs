//! Writing a message.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{MAX_MESSAGE, MAX_MESSAGES, Phase, Rules, Side, must_be_by, side_of};
use crate::{
    account::Caller,
    appointment::{Appointment, AppointmentName, Locked, lock, peek},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    event::Event,
    idempotency::{self, Key},
    text::required,
};

/// The command to write a message.
#[derive(Clone, Debug)]
pub struct SendMessage {
    pub caller: Caller,
    pub which: AppointmentName,
    pub text: String,
    pub rules: Rules,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// A message that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub appointment_id: i64,
    /// Its place in the thread, counted from 1.
    pub position: i32,
    pub sent_at: Timestamp,
}

/// Writes a message into the thread of an appointment. Whoever writes has the rows of the appointment and of the thread:
/// messages have one order for both people, and none comes after the thread was closed.
///
/// # Errors
/// `NOT_FOUND` for everybody but the appointment's two people, and where it is no text consultation;
/// `CONSULTATION_CLOSED` before it opens and after it has closed; `VALIDATION_FAILED`, `IDEMPOTENCY_CONFLICT`.
pub async fn send(database: &Database, command: SendMessage, now: Timestamp) -> Result<Sent, AppError> {
    database
        .write("consultation.send", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: SendMessage, now: Timestamp) -> Result<Sent, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let id = peek(&mut tx, &command.which).await?.id;
    let appointment = lock(&mut tx, id).await?;
    let side = side_of(&appointment, &command.caller)?;
    must_be_by(&mut tx, "text", id).await?;
    let text = required(Field::Message, &command.text, MAX_MESSAGE)?;
    let phase = Phase::of(appointment.status, appointment.time, &command.rules, now);
    if !matches!(phase, Phase::Open { .. }) {
        return Err(AppError::ConsultationClosed.into());
    }
    let sent = write(&mut tx, &appointment, &command.caller, side, &text, now).await?;
    idempotency::answer(&mut tx, key, &sent, &[]).await?;
    tx.commit().await?;
    Ok(sent)
}

async fn write(
    tx: &mut Tx,
    appointment: &Locked<Appointment>,
    caller: &Caller,
    side: Side,
    text: &str,
    now: Timestamp,
) -> Result<Sent, Failure> {
    let is_patients = side == Side::Patient;
    let next = sqlx::query!(
        "insert into consultations as thread (appointment_id, last_position, patient_last, doctor_last)
         values ($1, 1, case when $2 then 1 else 0 end, case when $2 then 0 else 1 end)
         on conflict on constraint consultations_pkey do update set
             last_position = thread.last_position + 1,
             patient_last = case when $2 then thread.last_position + 1 else thread.patient_last end,
             doctor_last = case when $2 then thread.doctor_last else thread.last_position + 1 end
         returning last_position, patient_read_to, doctor_read_to",
        appointment.id,
        is_patients,
    );
    let thread = locking(Lock::Consultation, next.fetch_one(&mut **tx)).await?;
    if thread.last_position > MAX_MESSAGES {
        return Err(AppError::invalid(Field::Message, FieldProblem::TooMany).into());
    }
    sqlx::query!(
        "insert into consultation_messages (appointment_id, position, author, patient_id, body, sent_at)
         values ($1, $2, $3, $4, $5, $6)",
        appointment.id,
        thread.last_position,
        side.as_str(),
        caller.patient_id(),
        text,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::ConsultationWritten {
        appointment_id: appointment.id,
        to: side.other(),
        read_to: match is_patients {
            true => thread.doctor_read_to,
            false => thread.patient_read_to,
        },
    });
    Ok(Sent {
        appointment_id: appointment.id,
        position: thread.last_position,
        sent_at: now,
    })
}
