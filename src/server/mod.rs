//! The server: configuration, state, routes and layers.

mod calls;
pub mod config;
mod cors;
mod forms;
mod fresh;
mod layers;
mod limits;
pub mod openapi;
mod origin;
mod problem;
pub mod rest;
pub mod router;
mod run;
pub mod worker;

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

pub use self::{
    config::{Config, Flags},
    layers::LANGUAGE_COOKIE,
    origin::Origin,
    problem::problem,
    run::{ServeError, open_database, serve},
};
use crate::{
    account::limit::Requests, availability::live::Live, database::Database, monitoring::integrity::Integrity,
};

/// What every request can reach.
#[derive(Clone, Debug)]
pub struct AppState {
    pub database: Database,
    pub live: Live,
    pub integrity: Integrity,
    pub requests: Requests,
    pub config: Arc<Config>,
    pub leptos: LeptosOptions,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
