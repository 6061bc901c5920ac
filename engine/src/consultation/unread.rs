//! What somebody has not read yet.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Side;
use crate::{account::Caller, database::Database, error::AppError, time::plus_minutes};

/// Counts the messages that the caller has not read yet, by appointment. Those without any are left out, and so are those
/// of other people.
///
/// # Errors
/// Those of the database.
pub async fn unread(
    database: &Database,
    caller: &Caller,
    appointment_ids: Vec<i64>,
) -> Result<HashMap<i64, i64>, AppError> {
    let (author, own, of_doctor) = match caller {
        Caller::Patient { .. } => (Side::Doctor, caller.patient_ids(), None),
        Caller::Doctor { doctor_id, .. } => (Side::Patient, Vec::new(), Some(*doctor_id)),
        Caller::Admin { .. } | Caller::Reception { .. } => return Ok(HashMap::new()),
    };
    if appointment_ids.is_empty() {
        return Ok(HashMap::new());
    }
    database
        .read("consultation.unread", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select messages.appointment_id, count(*) as "count!"
                   from consultation_messages as messages
                   join consultations on consultations.appointment_id = messages.appointment_id
                   join appointments on appointments.id = messages.appointment_id
                   where messages.appointment_id = any($1) and author = $2
                     and position > case author when 'doctor' then patient_read_to else doctor_read_to end
                     and (appointments.patient_id = any($3) or doctor_id = $4)
                   group by messages.appointment_id"#,
                &appointment_ids,
                author.as_str(),
                &own,
                of_doctor,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| (row.appointment_id, row.count))
                .collect())
        })
        .await
}

/// Days after an appointment within which a list hears of what is written in its thread, and days before it.
const HEARD_DAYS: i64 = 30;
const AHEAD_DAYS: i64 = 2;

/// The most threads that a list hears of.
const MAX_HEARD: i64 = 500;

/// Lists the appointments by text in whose threads the caller may find something new by and by: those around this time. Staff at the
/// desk have none.
///
/// # Errors
/// Those of the database.
pub async fn heard_by(database: &Database, caller: &Caller, now: Timestamp) -> Result<Vec<i64>, AppError> {
    let (own, of_doctor) = match caller {
        Caller::Patient { .. } => (caller.patient_ids(), None),
        Caller::Doctor { doctor_id, .. } => (Vec::new(), Some(*doctor_id)),
        Caller::Admin { .. } | Caller::Reception { .. } => return Ok(Vec::new()),
    };
    const DAY: i64 = 24 * 60;
    database
        .read("consultation.heard_by", move |mut connection| async move {
            let ids = sqlx::query_scalar!(
                "select id from appointments
                 where mode = 'text' and status <> 'held' and starts_at > $3 and starts_at < $4
                   and (patient_id = any($1) or doctor_id = $2)
                 order by starts_at desc limit $5",
                &own,
                of_doctor,
                plus_minutes(now, -HEARD_DAYS * DAY).to_sqlx(),
                plus_minutes(now, AHEAD_DAYS * DAY).to_sqlx(),
                MAX_HEARD,
            );
            Ok(ids.fetch_all(&mut *connection).await?)
        })
        .await
}

/// A thread with messages that its doctor has not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub appointment_id: i64,
    pub reference: String,
    pub patient_id: Option<i64>,
    pub patient_name: Option<String>,
    /// The number of messages.
    pub count: i64,
    /// When the first of them was sent.
    pub since: Timestamp,
}

/// The most threads that a list shows.
const MAX_WAITING: i64 = 50;

/// Lists the threads with messages that a doctor has not read yet, whatever day they belong to, who has waited
/// longest first.
///
/// # Errors
/// Those of the database.
pub async fn waiting_for_doctor(database: &Database, doctor_id: i64) -> Result<Vec<Waiting>, AppError> {
    database
        .read("consultation.waiting", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select appointments.id, reference, appointments.patient_id, patients.name as "patient_name?",
                          (select count(*) from consultation_messages as messages
                           where messages.appointment_id = appointments.id and author = 'patient'
                             and position > doctor_read_to) as "count!",
                          coalesce((select min(sent_at) from consultation_messages as messages
                                    where messages.appointment_id = appointments.id and author = 'patient'
                                      and position > doctor_read_to), starts_at)
                              as "since!: jiff_sqlx::Timestamp"
                   from consultations
                   join appointments on appointments.id = appointment_id
                   left join patients on patients.id = appointments.patient_id
                   where patient_last > doctor_read_to and doctor_id = $1
                   order by 6, appointments.id
                   limit $2"#,
                doctor_id,
                MAX_WAITING,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Waiting {
                    appointment_id: row.id,
                    reference: row.reference,
                    patient_id: row.patient_id,
                    patient_name: row.patient_name,
                    count: row.count,
                    since: row.since.to_jiff(),
                })
                .collect())
        })
        .await
}
