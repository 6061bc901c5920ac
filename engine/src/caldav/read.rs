//! Reading accounts, and what their doctor is asked.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    account::{doctor, kind_of},
    rules::{Kind, Question, State, Trouble},
};
use crate::{
    account::Caller,
    database::{Database, Failure},
    error::AppError,
    time::shown_zone,
};

/// The questions that are shown at once, the newest ones.
const MOST_QUESTIONS: i64 = 50;

/// A calendar of an account.
#[derive(Clone, Debug)]
pub struct CollectionView {
    pub id: i64,
    pub name: String,
    pub can_write: bool,
    pub is_written: bool,
    pub reads_busy: bool,
}

/// An account, without its password.
#[derive(Clone, Debug)]
pub struct AccountView {
    pub id: i64,
    pub kind: Kind,
    pub url: String,
    pub username: String,
    pub state: State,
    pub trouble: Option<Trouble>,
    pub details: bool,
    pub linked_at: Timestamp,
    /// When all of it was read last without trouble.
    pub pulled_at: Option<Timestamp>,
    /// What is to be done there and has not been.
    pub waiting: i64,
    /// The appointments that are there.
    pub written: i64,
    pub collections: Vec<CollectionView>,
}

/// The accounts of a doctor.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors.
pub async fn accounts(database: &Database, caller: &Caller) -> Result<Vec<AccountView>, AppError> {
    let doctor_id = doctor(caller)?;
    database
        .read("caldav.accounts", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select id, kind, url, username, state, trouble, details, linked_at, pulled_at,
                          (select count(*) from calendar_jobs where account_id = accounts.id) as "waiting!",
                          (select count(*) from calendar_events
                           where account_id = accounts.id and version is not null and gone_at is null) as "written!"
                   from calendar_accounts as accounts where doctor_id = $1 order by kind"#,
                doctor_id,
            )
            .fetch_all(&mut *connection)
            .await?;
            let mut accounts = Vec::new();
            for row in rows {
                let collections = sqlx::query_as!(
                    CollectionView,
                    "select id, name, can_write, is_written, reads_busy from calendar_collections
                     where account_id = $1 and not is_left order by name, id",
                    row.id,
                );
                accounts.push(AccountView {
                    id: row.id,
                    kind: kind_of(&row.kind)?,
                    url: row.url,
                    username: row.username,
                    state: State::parse(&row.state).ok_or(AppError::Internal)?,
                    trouble: Trouble::parse(&row.trouble),
                    details: row.details,
                    linked_at: row.linked_at.to_jiff(),
                    pulled_at: row.pulled_at.map(jiff_sqlx::Timestamp::to_jiff),
                    waiting: row.waiting,
                    written: row.written,
                    collections: collections.fetch_all(&mut *connection).await?,
                });
            }
            Ok::<_, Failure>(accounts)
        })
        .await
}

/// Something that a doctor is asked or told.
#[derive(Clone, Debug)]
pub struct QuestionView {
    pub id: i64,
    pub question: Question,
    pub reference: String,
    /// As it is now.
    pub starts_at: Timestamp,
    pub zone: TimeZone,
    pub patient: Option<String>,
    /// Where it was moved to there.
    pub wanted: Option<Timestamp>,
    /// Why it could not be, as the code of an error.
    pub because: String,
    pub made_at: Timestamp,
}

/// What a doctor is asked or told and has not answered, the newest first.
///
/// # Errors
/// `NOT_FOUND` for everybody but doctors.
pub async fn questions(database: &Database, caller: &Caller) -> Result<Vec<QuestionView>, AppError> {
    let doctor_id = doctor(caller)?;
    database
        .read("caldav.questions", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select questions.id, kind, reference, starts_at, time_zone, patients.name as "patient?", wanted_start,
                          because, made_at
                   from calendar_questions as questions
                   join appointments on appointments.id = appointment_id
                   join clinics on clinics.id = clinic_id
                   left join patients on patients.id = patient_id
                   where questions.doctor_id = $1 and appointments.doctor_id = $1 and settled_at is null
                   order by kind <> 'deleted', questions.id desc limit $2"#,
                doctor_id,
                MOST_QUESTIONS,
            )
            .fetch_all(&mut *connection)
            .await?;
            let questions = rows.into_iter().map(|row| {
                Ok(QuestionView {
                    id: row.id,
                    question: Question::parse(&row.kind).ok_or(AppError::Internal)?,
                    reference: row.reference,
                    starts_at: row.starts_at.to_jiff(),
                    zone: shown_zone(&row.time_zone),
                    patient: row.patient,
                    wanted: row.wanted_start.map(jiff_sqlx::Timestamp::to_jiff),
                    because: row.because,
                    made_at: row.made_at.to_jiff(),
                })
            });
            questions.collect::<Result<Vec<_>, Failure>>()
        })
        .await
}
