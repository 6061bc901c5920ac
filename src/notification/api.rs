//! The messages that would be sent, as JSON, for the demo alone.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::server::{AppState, problem};
use engine::{i18n::Locale, notification::outbox};

/// The newest messages first.
pub async fn messages(State(state): State<AppState>) -> Response {
    // public: in the demo, and only there.
    match outbox::newest(&state.database).await {
        Ok(messages) => {
            let mut response = Json(messages).into_response();
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => problem(error, Locale::default()),
    }
}
