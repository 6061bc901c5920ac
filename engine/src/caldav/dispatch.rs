//! Everything that is needed to work on accounts.

use std::sync::Arc;

use super::{remote::Remote, rules::Kind};
use crate::{account::factor::seal::SecretKey, booking::Rules, database::Database};

/// Everything that is needed to work on accounts.
#[derive(Clone)]
pub struct Dispatch {
    pub database: Database,
    pub remotes: Remotes,
    /// The key of this installation, which opens the passwords.
    pub secret_key: Option<SecretKey>,
    /// The public address of the pages, if it is known: an entry leads there.
    pub origin: Option<String>,
    /// The rules by which an appointment is moved.
    pub rules: Rules,
}

/// Those who speak to the servers, by their kind.
#[derive(Clone, Default)]
pub struct Remotes(Vec<(Kind, Arc<dyn Remote>)>);

impl Remotes {
    #[must_use]
    pub fn with(mut self, kind: Kind, remote: Arc<dyn Remote>) -> Self {
        self.0.push((kind, remote));
        self
    }

    /// The kinds of accounts that can be worked on.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.0.iter().map(|(kind, _)| *kind).collect()
    }

    pub(super) fn of(&self, wanted: Kind) -> Option<&Arc<dyn Remote>> {
        (self.0.iter()).find_map(|(kind, remote)| (*kind == wanted).then_some(remote))
    }
}
