//! Listeners: one mechanism that acts on the events of every transaction.

use std::{
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
};

use super::Tx;
use crate::{database::failure::Failure, event::Event};

/// The future of [`Listener::before_commit`].
pub type Writing<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// Acts on the events of transactions.
pub trait Listener: Send + Sync + 'static {
    /// Writes rows that must be true together with the events, in their transaction: they commit together or not at all.
    /// Nothing outside of the database may be called here.
    fn before_commit<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> Writing<'a> {
        let _ = (tx, events);
        Box::pin(async { Ok(()) })
    }

    /// Informs others, after the commit. It must not wait.
    fn after_commit(&self, events: &[Event]) {
        let _ = events;
    }
}

/// The listeners of a database.
#[derive(Clone, Default)]
pub(in crate::database) struct Listeners(Arc<RwLock<Vec<Arc<dyn Listener>>>>);

impl Listeners {
    pub fn add(&self, listener: Arc<dyn Listener>) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
    }

    fn all(&self) -> Vec<Arc<dyn Listener>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets every listener write. Events that listeners tell are passed on as well. Answers with all events.
    pub async fn before_commit(&self, tx: &mut Tx) -> Result<Vec<Event>, Failure> {
        let mut told = Vec::new();
        loop {
            let events = tx.take_events();
            if events.is_empty() {
                return Ok(told);
            }
            for listener in self.all() {
                listener.before_commit(tx, &events).await?;
            }
            told.extend(events);
        }
    }

    pub fn after_commit(&self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        for listener in self.all() {
            listener.after_commit(events);
        }
    }
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Listeners({})", self.all().len())
    }
}
