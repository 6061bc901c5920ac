//! The links in messages: a secret each, for one purpose and one appointment, until it begins.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::database::{Failure, Tx};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To see an appointment, to say that one comes, to cancel it or to move it.
    Appointment,
    /// To get no more reminders.
    Unsubscribe,
    /// To say that an address is one's own.
    Email,
    /// To see a time that is offered to somebody on the waitlist, and to answer.
    Offer,
    /// To see a stay, and to cancel it.
    Stay,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Appointment => "appointment",
            Self::Unsubscribe => "unsubscribe",
            Self::Email => "email",
            Self::Offer => "offer",
            Self::Stay => "stay",
        }
    }
}

/// Letters and digits that nobody confuses with one another: five bits each.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
/// 130 bits.
const LENGTH: usize = 26;

fn secret() -> String {
    let mut random = rand::rng();
    (0..LENGTH)
        .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
        .collect()
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// The path of the page that a link to an appointment leads to.
pub fn appointment_path(secret: &str) -> String {
    format!("/a/{secret}")
}

/// A path that is as long as that of a link to an appointment, and leads nowhere.
pub(super) fn sample_path() -> String {
    appointment_path(&"x".repeat(LENGTH))
}

/// The path of the page that a link to an offer leads to.
pub fn offer_path(secret: &str) -> String {
    format!("/w/{secret}")
}

/// A path that is as long as that of a link to an offer, and leads nowhere.
pub(super) fn sample_offer_path() -> String {
    offer_path(&"x".repeat(LENGTH))
}

/// The path of the page that a link to a stay leads to.
pub fn stay_path(secret: &str) -> String {
    format!("/s/{secret}")
}

/// A path that is as long as that of a link to a stay, and leads nowhere.
pub(super) fn sample_stay_path() -> String {
    stay_path(&"x".repeat(LENGTH))
}

/// The path that a mail program posts to when its owner wants no more reminders (RFC 8058).
pub fn unsubscribe_path(secret: &str) -> String {
    format!("/hooks/unsubscribe/{secret}")
}

/// The path of the page on which an address is confirmed.
pub fn email_path(secret: &str) -> String {
    format!("/e/{secret}")
}

/// Makes a link of a message, to an appointment where it is about one. An earlier attempt may have arrived, so its link stays
/// good.
///
/// # Errors
/// Those of the database.
pub(super) async fn make(
    tx: &mut Tx,
    (message_id, appointment_id): (i64, Option<i64>),
    purpose: Purpose,
    good_until: Timestamp,
) -> Result<String, Failure> {
    let secret = secret();
    sqlx::query!(
        "insert into message_links (hash, message_id, purpose, good_until, appointment_id) values ($1, $2, $3, $4, $5)",
        &hash(&secret),
        message_id,
        purpose.as_str(),
        good_until.to_sqlx(),
        appointment_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(secret)
}

/// A link that is good.
#[derive(Clone)]
pub(super) struct Found {
    pub appointment_id: i64,
    pub patient_id: i64,
    /// Since when what was booked is open to whoever has the phone.
    pub opened_since: Option<jiff_sqlx::Timestamp>,
}

/// Finds the appointment that a link is about.
///
/// # Errors
/// Those of the database.
pub(super) async fn find(
    connection: &mut PgConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Found>, Failure> {
    // Whoever the clinic has closed the account of, or whose appointment became somebody else's, has no link to it.
    let found = sqlx::query_as!(
        Found,
        r#"select appointments.id as appointment_id, patients.id as patient_id,
                  opened_since(patients.id) as opened_since
           from message_links
           join messages on messages.id = message_id
           join patients on patients.id = messages.patient_id and active
           join appointments on appointments.id = coalesce(message_links.appointment_id, messages.appointment_id)
               and appointments.patient_id = patients.id
           where hash = $1 and purpose = $2 and good_until > $3"#,
        &hash(secret),
        Purpose::Appointment.as_str(),
        now.to_sqlx(),
    );
    Ok(found.fetch_optional(connection).await?)
}

/// Finds the recipient whose reminders a link ends, whatever they are about.
///
/// # Errors
/// Those of the database.
pub(super) async fn find_recipient(
    connection: &mut PgConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<String>, Failure> {
    let found = sqlx::query_scalar!(
        "select recipient
         from message_links
         join messages on messages.id = message_id
         join patients on patients.id = messages.patient_id and active
         where hash = $1 and purpose = $2 and good_until > $3",
        &hash(secret),
        Purpose::Unsubscribe.as_str(),
        now.to_sqlx(),
    );
    Ok(found.fetch_optional(connection).await?)
}

/// Finds the patient and the address that a link confirms.
///
/// # Errors
/// Those of the database.
pub(super) async fn find_email(
    connection: &mut PgConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<(i64, String)>, Failure> {
    let found = sqlx::query!(
        "select patients.id, recipient
         from message_links
         join messages on messages.id = message_id
         join patients on patients.id = messages.patient_id and active
         where hash = $1 and purpose = $2 and good_until > $3",
        &hash(secret),
        Purpose::Email.as_str(),
        now.to_sqlx(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.map(|row| (row.id, row.recipient)))
}

/// An offer that a link leads to.
pub(super) struct FoundOffer {
    pub offer_id: i64,
    pub patient_id: i64,
    /// Since when what was booked is open to whoever has the phone.
    pub opened_since: Option<jiff_sqlx::Timestamp>,
}

/// Finds the offer that a link is about.
///
/// # Errors
/// Those of the database.
pub(super) async fn find_offer(
    connection: &mut PgConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<FoundOffer>, Failure> {
    let found = sqlx::query_as!(
        FoundOffer,
        r#"select offers.id as offer_id, patients.id as patient_id, opened_since(patients.id) as opened_since
           from message_links
           join messages on messages.id = message_id
           join waitlist_offers as offers on offers.id = messages.offer_id
           join patients on patients.id = messages.patient_id and patients.id = offers.patient_id and active
           where hash = $1 and purpose = $2 and good_until > $3"#,
        &hash(secret),
        Purpose::Offer.as_str(),
        now.to_sqlx(),
    );
    Ok(found.fetch_optional(connection).await?)
}

/// A stay that a link leads to.
pub(super) struct FoundStay {
    pub stay_id: i64,
    pub patient_id: i64,
    /// Since when what was booked is open to whoever has the phone.
    pub opened_since: Option<jiff_sqlx::Timestamp>,
}

/// Finds the stay that a link is about.
///
/// # Errors
/// Those of the database.
pub(super) async fn find_stay(
    connection: &mut PgConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<FoundStay>, Failure> {
    let found = sqlx::query_as!(
        FoundStay,
        r#"select stays.id as stay_id, patients.id as patient_id, opened_since(patients.id) as opened_since
           from message_links
           join messages on messages.id = message_id
           join stays on stays.id = messages.stay_id
           join patients on patients.id = messages.patient_id and patients.id = stays.patient_id and active
           where hash = $1 and purpose = $2 and good_until > $3"#,
        &hash(secret),
        Purpose::Stay.as_str(),
        now.to_sqlx(),
    );
    Ok(found.fetch_optional(connection).await?)
}

/// A text without the secrets of its links, for those whom it was not sent to.
pub(super) fn masked(text: &str) -> String {
    let is_secret = |part: &str| part.len() == LENGTH && part.bytes().all(|letter| LETTERS.contains(&letter));
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let (link, after) = word.split_at(word.trim_end().len());
            match link.rsplit_once('/') {
                Some((path, secret)) if is_secret(secret) => format!("{path}/…{after}"),
                _ => word.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_without_what_opens_an_appointment() {
        let link = format!("https://clinic.example{}", appointment_path(&secret()));
        let text = format!("Reminder: K7QM-4D2P {link}\n\nSay it: {link}");
        assert_eq!(
            masked(&text),
            "Reminder: K7QM-4D2P https://clinic.example/a/…\n\nSay it: https://clinic.example/a/…"
        );
        let page = "See https://clinic.example/appointments/K7QM-4D2P and/or call.";
        assert_eq!(masked(page), page);
    }

    #[test]
    fn secrets_are_long_and_different() {
        let (one, other) = (secret(), secret());
        assert_eq!(one.len(), LENGTH);
        assert_ne!(one, other);
        assert!(one.bytes().all(|byte| LETTERS.contains(&byte)));
    }

    #[test]
    fn no_letter_stands_twice() {
        let mut letters = LETTERS.to_vec();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), LETTERS.len());
    }
}
