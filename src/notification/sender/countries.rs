//! The countries to whose phones messages go, whichever gateway there is, and whoever wants them sent.

use std::sync::Arc;

use engine::{
    account::{Country, Phone},
    notification::{Letter, Outcome, Sender, Sending, Trouble},
};

/// A gateway that is asked for these countries alone.
pub struct Within {
    sender: Arc<dyn Sender>,
    countries: Vec<Country>,
}

impl Within {
    pub fn new(sender: Arc<dyn Sender>, countries: Vec<Country>) -> Self {
        Self { sender, countries }
    }

    fn allows(&self, recipient: &str) -> bool {
        // Kept numbers have their country.
        Phone::parse(recipient, Country::default()).is_ok_and(|phone| phone.is_of(&self.countries))
    }
}

impl Sender for Within {
    fn name(&self) -> &'static str {
        self.sender.name()
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        match self.allows(&letter.recipient) {
            true => self.sender.send(letter),
            false => Box::pin(async { Outcome::Refused(Trouble::Country) }),
        }
    }
}
