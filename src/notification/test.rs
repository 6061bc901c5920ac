//! A message that an admin sends to see whether it arrives. It goes past the outbox, so that what became of it is known at once.

use engine::{
    account::{Country, Phone},
    i18n::{Locale, Texts},
    notification::{Channel, Kind, Letter, Outcome, Senders, Trouble},
};

/// A test by one way.
#[derive(Clone, Copy, Debug)]
pub struct Test(Channel);

/// Why a test cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TestError {
    #[error("that is neither a phone number nor an e-mail address")]
    Recipient,
    #[error("there is no gateway to phones: set JANJI_SMS")]
    NoSms,
    #[error("there is no mail server: set JANJI_SMTP_HOST")]
    NoEmail,
}

impl Test {
    /// Reads to whom a test goes, and by which way.
    ///
    /// # Errors
    /// `Recipient`.
    pub fn parse(to: &str, country: Country) -> Result<(Self, String), TestError> {
        let to = to.trim();
        if to.contains('@') {
            let address: lettre::Address = to.parse().map_err(|_| TestError::Recipient)?;
            return Ok((Self(Channel::Email), address.to_string()));
        }
        let phone = Phone::parse(to, country).map_err(|_| TestError::Recipient)?;
        Ok((Self(Channel::Sms), phone.as_str().to_owned()))
    }

    /// Sends a test, and answers with what became of it.
    ///
    /// # Errors
    /// Where there is no sender.
    pub async fn send(
        self,
        senders: &Senders,
        recipient: String,
        locale: Locale,
    ) -> Result<Outcome, TestError> {
        let sender = senders.of(self.0).ok_or(match self.0 {
            Channel::Sms => TestError::NoSms,
            Channel::Email => TestError::NoEmail,
        })?;
        let texts = Texts::of(locale);
        let letter = Letter {
            // No row has it, and no two tests have the same.
            name: format!("test.{:016x}", rand::random::<u64>()),
            kind: Kind::Test,
            channel: self.0,
            recipient,
            locale,
            subject: match self.0 {
                Channel::Email => texts.text("message-test-subject"),
                Channel::Sms => String::new(),
            },
            paragraphs: vec![texts.text("message-test")],
            links: Vec::new(),
            values: Vec::new(),
            calendars: Vec::new(),
            unsubscribe: None,
            minutes: 10,
        };
        Ok(sender.send(&letter).await)
    }
}

/// What became of a test, for whoever is at the terminal.
pub fn sentence(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Sent { .. } => "The provider has taken the message.".to_owned(),
        Outcome::Later(trouble) => format!("It was not sent, and would be tried again: {}.", about(*trouble)),
        Outcome::Refused(trouble) => format!("It was not sent: {}.", about(*trouble)),
        Outcome::Unsure => format!("Nobody knows: {}.", about(Trouble::Unsure)),
    }
}

/// Why a message was not sent, for operators.
pub fn about(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::TooLate => "its time was over before it could be sent",
        Trouble::NoLongerTrue => "what it says is no longer so",
        Trouble::ToldTogether => "another message says it of the whole visit",
        Trouble::OptedOut => "the recipient does not want such messages",
        Trouble::NoSuchRecipient => "the provider says that there is no such recipient",
        Trouble::Bounced => "mails to the recipient came back",
        Trouble::Unreachable => "the provider cannot be reached, or its certificate is not trusted",
        Trouble::Unsure => "the provider had the message and did not answer",
        Trouble::RefusedForNow => "the provider says that it cannot take it now",
        Trouble::Refused => "the provider refuses it",
        Trouble::AccountRefused => "the provider refuses the account: a wrong password or key, or no credit",
        Trouble::Undelivered => "the provider took it and could not deliver it",
        Trouble::RecipientCap => "too many went to this recipient within a day",
        Trouble::DayCap => "too many went out within a day",
        Trouble::Country => "no messages are sent to that country",
        Trouble::NoTemplate => "the gateway has no approved template for it",
        Trouble::Internal => "Janji itself failed",
    }
}
