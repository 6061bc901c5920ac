//! A message in its final words, and whoever sends it.

use std::{pin::Pin, sync::Arc};

use super::kind::{Channel, Kind, Trouble};
use crate::{i18n::Locale, ical::ics::Method};

/// A message that is about to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Names it to providers: the same at every attempt, so that who gets it twice can tell.
    pub name: String,
    pub kind: Kind,
    pub channel: Channel,
    pub recipient: String,
    pub locale: Locale,
    /// Of an e-mail; empty for a phone.
    pub subject: String,
    /// The whole text for a phone; for an e-mail, its paragraphs.
    pub paragraphs: Vec<String>,
    /// What can be done, each with an address.
    pub links: Vec<Link>,
    /// For gateways that fill in templates: what this kind of message says, in the order of its text.
    pub values: Vec<String>,
    /// What calendar programs take from it: for each appointment that it promises or takes back.
    pub calendars: Vec<CalendarPart>,
    /// Where the recipient may say that such messages are not wanted.
    pub unsubscribe: Option<String>,
    /// The minutes in which it is of use.
    pub minutes: i64,
}

impl Letter {
    /// The text as a phone shows it, and as the outbox keeps it.
    pub fn text(&self) -> String {
        let links = self.links.iter().map(|link| match self.channel {
            Channel::Sms => link.address.clone(),
            Channel::Email => format!("{}: {}", link.label, link.address),
        });
        let parts: Vec<String> = self.paragraphs.iter().cloned().chain(links).collect();
        match self.channel {
            Channel::Sms => parts.join(" "),
            Channel::Email => parts.join("\n\n"),
        }
    }
}

/// Hides to whom it goes and what it says.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({}, {})", self.name, self.kind.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub label: String,
    pub address: String,
}

/// What a calendar program does by itself with a mail (RFC 6047).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarPart {
    pub method: Method,
    /// The iCalendar object.
    pub text: String,
}

/// What became of an attempt to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has it, and calls it so.
    Sent { provider_id: Option<String> },
    /// Not now.
    Later(Trouble),
    /// Not at all.
    Refused(Trouble),
    /// The provider did not answer after it had the whole message.
    Unsure,
}

/// The future of [`Sender::send`].
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A way out of the house. It is called outside of transactions, keeps to a timeout of its own and logs no recipient, no
/// text and no answer that may repeat them.
pub trait Sender: Send + Sync + 'static {
    /// The name in metrics and on pages, such as `smtp`.
    fn name(&self) -> &'static str;
    /// Sends a message once.
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a>;
}

/// The senders of this installation.
#[derive(Clone, Default)]
pub struct Senders {
    pub sms: Option<Arc<dyn Sender>>,
    pub email: Option<Arc<dyn Sender>>,
    /// Nothing leaves: codes stay readable on the pages of the demo.
    pub is_demo: bool,
}

impl Senders {
    pub fn of(&self, channel: Channel) -> Option<&Arc<dyn Sender>> {
        match channel {
            Channel::Sms => self.sms.as_ref(),
            Channel::Email => self.email.as_ref(),
        }
    }
}

impl std::fmt::Debug for Senders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |sender: &Option<Arc<dyn Sender>>| sender.as_ref().map_or("none", |sender| sender.name());
        write!(
            f,
            "Senders(sms: {}, email: {})",
            name(&self.sms),
            name(&self.email)
        )
    }
}
