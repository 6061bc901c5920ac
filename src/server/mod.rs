//! The server: configuration, state, routes and layers.

pub mod api;
pub mod config;
mod connection;
mod context;
mod cors;
pub mod edge;
pub mod etag;
mod farewell;
pub mod fields;
mod forms;
mod head;
mod locale;
pub mod openapi;
pub mod policy;
mod problem;
mod public_url;
mod rate_limit_headers;
mod refusal;
pub mod router;
mod run;
mod security;
mod serving;
pub mod site;
pub mod stream;
mod unreadable;
pub mod unsent;
pub mod upload;
mod visitors;
pub mod worker;

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use jiff::Timestamp;
use leptos::config::LeptosOptions;

pub use self::{
    config::{Config, Flags},
    connection::{ConnectionLimits, Times},
    context::now,
    farewell::{Farewell, FarewellTimes},
    head::HeadersOnly,
    locale::language_cookie,
    problem::{Problem, problem},
    public_url::Origin,
    refusal::Refused,
    run::{ServeError, listens_on, open_database, serve},
    security::address_of,
    serving::{Stop, serve_until},
    unreadable::explaining,
};
use crate::payment::provider::Payments;
use engine::{
    account::limit::Requests, availability::live::Live, database::Database, monitoring::integrity::Integrity,
    notification::Dispatch, organisation::Nameplate, together::Together,
};

/// The state that every request can reach. Every layer around every route has a copy of it, so it is one pointer.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

/// What is in an [`AppState`].
#[derive(Clone, Debug)]
pub struct Shared {
    pub database: Database,
    pub live: Live,
    pub nameplate: Nameplate,
    pub integrity: Integrity,
    pub requests: Requests,
    /// What many look at at once.
    pub together: Together,
    pub farewell: Farewell,
    /// How messages leave.
    pub outbox: Dispatch,
    /// The providers of payments.
    pub payments: Payments,
    pub config: Arc<Config>,
    pub leptos: Arc<LeptosOptions>,
}

impl From<Shared> for AppState {
    fn from(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// The time, by the clock of the database.
    pub fn now(&self) -> Timestamp {
        self.database.now()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        (*state.leptos).clone()
    }
}
