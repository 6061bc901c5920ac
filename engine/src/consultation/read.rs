//! Reading a thread.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Phase, Rules, Side, must_be_by, side_of};
use crate::{
    account::{
        Caller,
        reads::{self, What},
    },
    appointment::{Appointment, AppointmentName, peek},
    database::{Database, Failure},
    error::AppError,
};

/// A thread, as one of its two people sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    pub appointment_id: i64,
    /// Whose view it is.
    pub side: Side,
    pub phase: Phase,
    /// In their order.
    pub messages: Vec<Message>,
    /// The number of messages of the other one that had not been shown before.
    pub unread: usize,
}

impl Thread {
    /// The place of its newest message; 0 where there is none.
    pub fn last_position(&self) -> i32 {
        self.messages.last().map_or(0, |message| message.position)
    }
}

/// A message of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the thread, counted from 1.
    pub position: i32,
    pub author: Side,
    pub text: String,
    pub sent_at: Timestamp,
    /// Whether it has been shown to whom it was written.
    pub is_seen: bool,
}

/// Reads the thread of an appointment, and records it where it is the doctor who reads. Whether it was seen, [`see`] says.
///
/// # Errors
/// `NOT_FOUND` for everybody but the appointment's two people, and where it is no text consultation.
///
/// [`see`]: super::see
pub async fn read(
    database: &Database,
    caller: Caller,
    which: AppointmentName,
    rules: Rules,
    now: Timestamp,
) -> Result<Thread, AppError> {
    let reader = caller.clone();
    let thread = database
        .read("consultation.read", move |mut connection| async move {
            let appointment = peek(&mut connection, &which).await?;
            let side = side_of(&appointment, &caller)?;
            must_be_by(&mut connection, "text", appointment.id).await?;
            load(&mut connection, &appointment, side, &rules, now).await
        })
        .await?;
    if !thread.messages.is_empty() {
        let read = vec![thread.appointment_id];
        reads::record_of_appointments(database, &reader, What::History, read, now).await;
    }
    Ok(thread)
}

async fn load(
    connection: &mut PgConnection,
    appointment: &Appointment,
    side: Side,
    rules: &Rules,
    now: Timestamp,
) -> Result<Thread, Failure> {
    let rows = sqlx::query!(
        "select position, author, body, sent_at, patient_read_to, doctor_read_to
         from consultation_messages
         join consultations using (appointment_id)
         where appointment_id = $1
         order by position",
        appointment.id,
    )
    .fetch_all(connection)
    .await?;
    let mut messages = Vec::new();
    for row in rows {
        let author = Side::parse(&row.author).ok_or(AppError::Internal)?;
        let seen_to = match author {
            Side::Patient => row.doctor_read_to,
            Side::Doctor => row.patient_read_to,
        };
        messages.push(Message {
            position: row.position,
            author,
            text: row.body,
            sent_at: row.sent_at.to_jiff(),
            is_seen: row.position <= seen_to,
        });
    }
    let unread = messages
        .iter()
        .filter(|message| message.author != side && !message.is_seen)
        .count();
    Ok(Thread {
        appointment_id: appointment.id,
        side,
        phase: Phase::of(appointment.status, appointment.time, rules, now),
        messages,
        unread,
    })
}
