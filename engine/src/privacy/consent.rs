//! What somebody agrees to, and may take back as easily: each purpose by itself. What is needed to treat them is not among it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::must_be_theirs;
use crate::{
    account::Caller,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// The version of the texts that people agree to, `consent-…-text` in each language. Whoever changes what one of them says, and not
/// only how, counts it up: then everybody sees that it was another one that they had agreed to.
pub const VERSION: i32 = 1;

/// Something that somebody can agree to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    RemindersSms,
    /// Whoever runs it is in another country.
    RemindersWhatsapp,
    RemindersEmail,
    /// To be offered times that come free.
    Waitlist,
}

impl Purpose {
    pub const ALL: [Self; 4] = [
        Self::RemindersSms,
        Self::RemindersWhatsapp,
        Self::RemindersEmail,
        Self::Waitlist,
    ];

    /// The word of it in the database, forms and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RemindersSms => "reminders_sms",
            Self::RemindersWhatsapp => "reminders_whatsapp",
            Self::RemindersEmail => "reminders_email",
            Self::Waitlist => "waitlist",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// Where somebody said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    OnPage,
    ByProgram,
}

/// What holds of a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    pub purpose: Purpose,
    /// Whether it may be done.
    pub is_given: bool,
    /// When that was said, and about which version of the text; `None` where nobody has said anything.
    pub said: Option<(Timestamp, i32)>,
}

/// Reads what a patient has agreed to.
///
/// # Errors
/// `NOT_FOUND` for somebody else.
pub async fn consents(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
) -> Result<Vec<Consent>, AppError> {
    must_be_theirs(caller, patient_id)?;
    database
        .read("privacy.consents", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select distinct on (purpose) purpose, version, is_given, said_at as "said_at: jiff_sqlx::Timestamp"
                   from consents where patient_id = $1 order by purpose, id desc"#,
                patient_id,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(Purpose::ALL
                .into_iter()
                .map(|purpose| {
                    let said = rows.iter().find(|row| row.purpose == purpose.as_str());
                    Consent {
                        purpose,
                        is_given: said.is_none_or(|row| row.is_given),
                        said: said.map(|row| (row.said_at.to_jiff(), row.version)),
                    }
                })
                .collect())
        })
        .await
}

/// The command to agree to something, or to take it back.
#[derive(Clone, Debug)]
pub struct SetConsent {
    /// The patient or the holder of their phone; an admin says what somebody told the desk.
    pub caller: Caller,
    pub patient_id: i64,
    pub purpose: Purpose,
    pub is_given: bool,
    pub said: Said,
}

/// Writes down that somebody agrees to something or takes it back. What is so already is not written again.
///
/// # Errors
/// `NOT_FOUND` for somebody else, and for a record that is closed.
pub async fn set_consent(database: &Database, command: SetConsent, now: Timestamp) -> Result<(), AppError> {
    must_be_theirs(&command.caller, command.patient_id)?;
    database
        .write("privacy.set_consent", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: SetConsent, now: Timestamp) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients where id = $1 and active for no key update",
        command.patient_id
    );
    locking(Lock::Patient, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    let channel = match (command.caller.staff_id(), command.said) {
        (Some(_), _) => "desk",
        (None, Said::OnPage) => "page",
        (None, Said::ByProgram) => "api",
    };
    sqlx::query!(
        "insert into consents (patient_id, purpose, version, is_given, said_at, channel, by_patient_id, by_staff_id)
         select $1, $2, $3, $4, $5, $6, $7, $8
         where (select (version, is_given) from consents where patient_id = $1 and purpose = $2 order by id desc limit 1)
               is distinct from ($3::integer, $4::boolean)",
        command.patient_id,
        command.purpose.as_str(),
        VERSION,
        command.is_given,
        now.to_sqlx(),
        channel,
        command.caller.patient_id(),
        command.caller.staff_id(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
