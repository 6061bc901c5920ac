//! The farewell of a server: unready first, then a pause in which a load balancer notices, then the end of what runs.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Version, header::CONNECTION},
    middleware::Next,
    response::Response,
};
use tokio::sync::watch;

use super::AppState;

/// The time that the parts of a farewell may take.
#[derive(Clone, Copy, Debug)]
pub struct FarewellTimes {
    /// Between the word that the server is no longer ready and the end of new requests.
    pub pause: Duration,
    /// For requests that are under way.
    pub drain: Duration,
}

impl Default for FarewellTimes {
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(2),
            drain: Duration::from_secs(20),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    #[default]
    Serving,
    /// Every request is answered, and `/readyz` says that others should take the next ones.
    Leaving,
    /// Requests that are under way come to their end. No other one is taken.
    Draining,
}

/// How far the farewell has come. Every clone tells the same.
#[derive(Clone, Debug, Default)]
pub struct Farewell(Arc<watch::Sender<Phase>>);

impl Farewell {
    /// Says that the server is going to end.
    pub fn leave(&self) {
        self.0.send_replace(Phase::Leaving);
    }

    /// Ends what would never end by itself, and takes no further requests.
    pub fn drain(&self) {
        self.0.send_replace(Phase::Draining);
    }

    /// Whether the server is going to end.
    pub fn is_leaving(&self) -> bool {
        *self.0.borrow() >= Phase::Leaving
    }

    /// Comes when no further requests are taken.
    pub async fn draining(&self) {
        // The sender is ours: it is there.
        let _ = self
            .0
            .subscribe()
            .wait_for(|phase| *phase == Phase::Draining)
            .await;
    }
}

/// Asks the client of a server that is going to end to make its next request on another connection, which leads to another
/// server. A connection that is closed between two requests would lose the second one.
pub async fn close_connections(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let knows_the_header = request.version() <= Version::HTTP_11;
    let mut response = next.run(request).await;
    if knows_the_header && state.farewell.is_leaving() {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
