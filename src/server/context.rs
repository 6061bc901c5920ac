//! The leptos context of pages and server functions.

use axum::http::request::Parts;
use engine::i18n::Locale;
use jiff::Timestamp;
use leptos::prelude::{expect_context, provide_context};
use tower_sessions::Session;

use super::AppState;
use crate::account::{
    guard::{CachedCaller, ClientAddress},
    session::BrowserSession,
};

/// The time, by the clock of the database, where the state is only in the context.
pub fn now() -> Timestamp {
    expect_context::<AppState>().now()
}

/// Provides the state, the language, the caller's address and the session to pages and server functions.
pub fn context(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let parts = expect_context::<Parts>();
        provide_context(state.clone());
        provide_context(CachedCaller::default());
        provide_context(parts.extensions.get::<Locale>().copied().unwrap_or_default());
        if let Some(address) = parts.extensions.get::<ClientAddress>() {
            provide_context(address.clone());
        }
        if let Some(session) = parts.extensions.get::<Session>() {
            provide_context(BrowserSession::new(
                session.clone(),
                state.config.rules.booking,
                state.now(),
            ));
        }
    }
}
