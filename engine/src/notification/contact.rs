//! How a patient wants to be told: in which language, at which address, and whether they want reminders.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    kind::{Channel, Kind, Trouble},
    links, stops,
};
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    event::Event,
    i18n::Locale,
    time::plus_minutes,
};

/// The longest address (RFC 5321).
const MAX_EMAIL: usize = 254;
const DAY_MINUTES: i64 = 24 * 60;
/// Addresses that a patient may have asked within a day.
const MAX_ASKED: i64 = 5;

/// How a patient is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub phone: String,
    pub email: Option<String>,
    /// Whether the patient has said by its link that the address is theirs; until then nothing else goes there.
    pub is_confirmed: bool,
    /// Whether mails to the address came back, so that nothing goes there until it is confirmed anew.
    pub has_come_back: bool,
    /// `None`: that of their last sign-in.
    pub locale: Option<Locale>,
    pub wants_reminders: bool,
}

/// Reads how a patient is reached.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn contact(database: &Database, patient_id: i64) -> Result<Contact, AppError> {
    database
        .read("contact.read", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select phone, email, email_confirmed_at, locale, wants_reminders,
                          exists (
                              select from message_stops
                              where recipient = email and (reason = $2 or reason = $3 and count >= $4)
                          ) as "has_come_back!"
                   from patients where id = $1"#,
                patient_id,
                Trouble::Bounced.as_str(),
                Trouble::NoSuchRecipient.as_str(),
                stops::REFUSALS,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            Ok(Contact {
                phone: row.phone,
                email: row.email,
                is_confirmed: row.email_confirmed_at.is_some(),
                has_come_back: row.has_come_back && row.email_confirmed_at.is_none(),
                locale: row.locale.as_deref().and_then(Locale::parse),
                wants_reminders: row.wants_reminders,
            })
        })
        .await
}

/// The command to change how a patient is reached.
#[derive(Clone, Debug)]
pub struct SaveContact {
    pub patient_id: i64,
    /// As it was typed; empty is none.
    pub email: String,
    pub locale: Option<Locale>,
    pub wants_reminders: bool,
    /// The language in which they are asked about a new address.
    pub asked_in: Locale,
}

/// Changes how a patient is reached. A new address is asked whether it is theirs, and is not used before.
///
/// # Errors
/// `VALIDATION_FAILED`; `RATE_LIMITED` for many addresses within a day.
pub async fn save_contact(
    database: &Database,
    mut command: SaveContact,
    now: Timestamp,
) -> Result<Contact, AppError> {
    command.email = read_email(&command.email)?;
    let patient_id = command.patient_id;
    database
        .write("contact.save", move |tx| attempt(tx, command.clone(), now))
        .await?;
    contact(database, patient_id).await
}

/// Reads an address as far as one can without writing to it.
fn read_email(text: &str) -> Result<String, AppError> {
    let text = text.trim();
    if text.len() > MAX_EMAIL {
        return Err(AppError::invalid(
            Field::Email,
            FieldProblem::too_long_by(text.len() - MAX_EMAIL),
        ));
    }
    let is_fine = match text.rsplit_once('@') {
        _ if text.is_empty() => true,
        Some((name, host)) => {
            !name.is_empty()
                && host.contains('.')
                && !host.starts_with(['.', '-'])
                && !host.ends_with(['.', '-'])
                && !host.contains("..")
                && host
                    .chars()
                    .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-'))
                && !name.chars().any(|letter| {
                    letter.is_whitespace()
                        || letter.is_control()
                        || matches!(letter, '<' | '>' | ',' | ';' | '"' | '@')
                })
        }
        None => false,
    };
    match is_fine {
        true => Ok(text.to_owned()),
        false => Err(AppError::invalid(Field::Email, FieldProblem::Malformed)),
    }
}

async fn attempt(mut tx: Tx, command: SaveContact, now: Timestamp) -> Result<(), Failure> {
    let known = sqlx::query!(
        r#"select email, email_confirmed_at is not null as "is_confirmed!"
           from patients where id = $1 and active for no key update"#,
        command.patient_id
    );
    let known = locking(Lock::Patient, known.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    let email = Some(command.email.as_str()).filter(|email| !email.is_empty());
    let is_same = known.email.as_deref() == email;
    sqlx::query!(
        "update patients
         set email = $2, email_confirmed_at = case when $3 then email_confirmed_at end, locale = $4, wants_reminders = $5
         where id = $1",
        command.patient_id,
        email,
        is_same,
        command.locale.map(Locale::code),
        command.wants_reminders,
    )
    .execute(&mut *tx)
    .await?;
    if let Some(email) = email
        && !(is_same && known.is_confirmed)
    {
        ask(&mut tx, &command, email, now).await?;
    }
    tx.commit().await
}

/// Puts out the question whether an address is the patient's.
async fn ask(tx: &mut Tx, command: &SaveContact, email: &str, now: Timestamp) -> Result<(), Failure> {
    let asked = sqlx::query_scalar!(
        r#"select count(*) as "count!" from messages
           where patient_id = $1 and kind = 'confirm_email' and created_at > $2"#,
        command.patient_id,
        plus_minutes(now, -DAY_MINUTES).to_sqlx() as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    if asked >= MAX_ASKED {
        return Err(AppError::RateLimited.into());
    }
    let locale = command.locale.unwrap_or(command.asked_in);
    sqlx::query!(
        "insert into messages (body, kind, channel, recipient, patient_id, locale, due_at, not_after)
         values ('', $1, $2, $3, $4, $5, $6, $7)",
        Kind::ConfirmEmail.as_str(),
        Channel::Email.as_str(),
        email,
        command.patient_id,
        locale.code(),
        tx.now().to_sqlx(),
        plus_minutes(now, DAY_MINUTES).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    tx.tell(Event::MessageDue { is_code: false });
    Ok(())
}

/// Notes that an address is the patient's who got its link. A second time changes nothing.
///
/// # Errors
/// `NOT_FOUND` for a link that is unknown or too old, or whose patient has another address by now.
pub async fn confirm_email(database: &Database, secret: String, now: Timestamp) -> Result<(), AppError> {
    database
        .write("contact.confirm", move |mut tx| {
            let secret = secret.clone();
            async move {
                let (patient_id, email) = links::find_email(&mut tx, &secret, now)
                    .await?
                    .ok_or(AppError::NotFound)?;
                let confirmed = sqlx::query!(
                    "update patients set email_confirmed_at = coalesce(email_confirmed_at, $3)
                     where id = $1 and email = $2",
                    patient_id,
                    email,
                    now.to_sqlx(),
                );
                let confirmed = locking(Lock::Patient, confirmed.execute(&mut *tx)).await?;
                if confirmed.rows_affected() == 0 {
                    return Err(AppError::NotFound.into());
                }
                // Whoever reads there is there.
                stops::lift(&mut tx, &email).await?;
                tx.commit().await
            }
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        for address in [
            "maya@example.org",
            " maya.putri+janji@mail.example.co.id ",
            "josé@exämple.de",
            "",
        ] {
            assert_eq!(read_email(address), Ok(address.trim().to_owned()));
        }
        for address in [
            "maya",
            "maya@",
            "@example.org",
            "maya@example",
            "maya@@example.org",
            "a b@example.org",
            "a@b..example",
            "<a@example.org>",
            "a@example.org, b@example.org",
            "a\n@example.org",
        ] {
            assert!(read_email(address).is_err(), "{address}");
        }
        assert!(read_email(&format!("{}@example.org", "a".repeat(250))).is_err());
    }
}
