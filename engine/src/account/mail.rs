//! The mails about accounts, and the word to a phone that is left. They leave by the outbox, in the transaction that makes them true.

use jiff::Timestamp;

use crate::{
    database::{Failure, Tx},
    i18n::Texts,
    notification::outbox::{self, Channel},
};

/// A mail about an account.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub subject: String,
    pub body: String,
    /// Until when it is good for something, where it has a link that acts: its text is erased then.
    pub until: Option<Timestamp>,
}

impl Mail {
    /// A mail that has something to tell, and no link that acts.
    pub fn notice(key: &str, name: &str, texts: Texts) -> Self {
        Self {
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
    let text = format!("{}\n\n{}", mail.subject, mail.body);
    match mail.until {
        Some(until) => outbox::enqueue_secret(tx, Channel::Email, to, &text, until).await,
        None => outbox::enqueue(tx, Channel::Email, to, &text).await,
    }
}

/// Puts a word to a phone out, in the caller's transaction.
///
/// # Errors
/// Those of the database.
pub(super) async fn tell_phone(tx: &mut Tx, phone: &str, text: &str) -> Result<(), Failure> {
    outbox::enqueue(tx, Channel::Sms, phone, text).await
}
