//! The mails about accounts, and the word to a phone that is left. They leave by the outbox, in the transaction that makes them true.

use jiff::Timestamp;

use crate::{
    database::{Failure, Tx},
    i18n::{Locale, Texts},
    notification::{Kind, outbox},
    time::plus_minutes,
};

/// A mail about an account.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub locale: Locale,
    pub subject: String,
    pub body: String,
    /// Until when it is good for something, where it has a link that acts: its text is erased then.
    pub until: Option<Timestamp>,
}

impl Mail {
    /// A mail that has something to tell, and no link that acts.
    pub fn notice(key: &str, name: &str, texts: Texts) -> Self {
        Self {
            locale: texts.locale(),
            subject: texts.text(&format!("{key}-subject")),
            body: texts.with(&format!("{key}-body"), &[("name", name.to_owned().into())]),
            until: None,
        }
    }
}

/// Puts a mail out, in the caller's transaction.
///
/// # Errors
/// Those of the database.
pub(super) async fn send(tx: &mut Tx, to: &str, mail: &Mail) -> Result<(), Failure> {
    outbox::enqueue_mail(tx, to, mail.locale, (&mail.subject, &mail.body), mail.until).await
}

/// The time for which it is news that an account has another phone, in minutes.
const NEWS_MINUTES: i64 = 24 * 60;

/// Puts a word to the phone that a patient had out, in the caller's transaction.
///
/// # Errors
/// Those of the database.
pub(super) async fn tell_phone(
    tx: &mut Tx,
    to: (i64, &str),
    text: (Locale, &str),
    now: Timestamp,
) -> Result<(), Failure> {
    outbox::enqueue(tx, Kind::Account, to, text, plus_minutes(now, NEWS_MINUTES)).await
}
