//! The stream of what is busy, for the open pages of a doctor's times.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{HeaderValue, header::RETRY_AFTER},
    response::{
        Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tower_sessions::Session;

use crate::{
    account::{
        guard::{self, ClientAddress},
        session::BrowserSession,
    },
    server::{AppState, problem},
};
use engine::{
    appointment::{self, AppointmentName},
    availability::{Except, busy, live::Heard},
    error::AppError,
    i18n::Locale,
};

/// Several changes that come together are told once.
const SETTLE: Duration = Duration::from_millis(150);

/// Tells which ranges of a doctor's time are busy, now and whenever that changes, as a list of pairs of
/// seconds since 1970. It is always the whole of it: a page that missed something is right again with
/// the next word.
pub async fn times(
    State(state): State<AppState>,
    Path(doctor_id): Path<i64>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(locale): Extension<Locale>,
    Query(page): Query<OpenPage>,
    session: Session,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Response> {
    let Some(listener) = state.live.admit(&address) else {
        let mut refusal = problem(AppError::RateLimited, locale);
        // Nobody knows when a page is closed.
        refusal
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("60"));
        return Err(refusal);
    };
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    let own = own(&state, &session, page.moving).await;
    let farewell = state.farewell.clone();
    let telling = async move {
        let _listener = listener;
        let mut heard = state.live.subscribe();
        loop {
            match busy(&state.database, doctor_id, own.clone(), state.now()).await {
                Ok(ranges) => {
                    let event = Event::default().event("busy").data(to_json(&ranges));
                    if sender.send(event).await.is_err() {
                        return;
                    }
                }
                // The page keeps what it has until the database is back.
                Err(error) => tracing::debug!(%error, "a page could not be told what is busy"),
            }
            loop {
                let word = tokio::select! {
                    () = sender.closed() => return,
                    word = heard.recv() => word,
                };
                match word {
                    Ok(Heard::Doctor(id)) if id != doctor_id => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return,
                }
            }
            tokio::time::sleep(SETTLE).await;
        }
    };
    tokio::spawn(async move {
        // The page calls again, and another server answers.
        tokio::select! {
            () = telling => {}
            () = farewell.draining() => {}
        }
    });
    Ok(Sse::new(ReceiverStream::new(receiver).map(Ok)).keep_alive(KeepAlive::default()))
}

/// The page that listens.
#[derive(Deserialize)]
pub struct OpenPage {
    /// The reference of the appointment that the page moves.
    moving: Option<String>,
}

/// What is not taken for this page: the holds of its browser, and the appointment that it moves, if it may.
async fn own(state: &AppState, session: &BrowserSession, moving: Option<String>) -> Except {
    let mut own = Except {
        appointment_id: None,
        holds_of: session.visitor().await.unwrap_or_default(),
    };
    if let Some(reference) = moving
        && let Some(name) = AppointmentName::parse(&reference)
        && let Ok(Some(caller)) = guard::caller_of(&state.database, session).await
    {
        let appointment = appointment::look_up(&state.database, caller, name).await;
        own.appointment_id = appointment.ok().map(|appointment| appointment.id);
    }
    own
}

fn to_json(ranges: &[(i64, i64)]) -> String {
    // Numbers only: this cannot fail.
    serde_json::to_string(ranges).unwrap_or_else(|_| "[]".to_owned())
}
