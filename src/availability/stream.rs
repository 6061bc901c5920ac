//! The stream of what is busy, for the open pages of a doctor's times.

use axum::{
    Extension,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::{Response, sse::Event},
};
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    account::{
        guard::{self, ClientAddress},
        session::BrowserSession,
    },
    server::{
        AppState, problem,
        stream::{Admitted, EventStream, Teller, one_too_many},
    },
};
use engine::{
    appointment::{self, AppointmentName},
    availability::Except,
    error::AppError,
    i18n::Locale,
};

/// Tells which ranges of a doctor's time are busy, now and whenever that changes, as a list of pairs of
/// seconds since 1970. It is always the whole of it: a page that missed something is right again with
/// the next word.
pub async fn times(
    State(state): State<AppState>,
    doctor: Result<Path<i64>, PathRejection>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(locale): Extension<Locale>,
    page: Result<Query<OpenPage>, QueryRejection>,
    session: Session,
) -> Result<EventStream, Response> {
    let (Ok(Path(doctor_id)), Ok(Query(page))) = (doctor, page) else {
        return Err(problem(AppError::NotFound, locale));
    };
    let admitted = Admitted::new(&state, &address).ok_or_else(|| one_too_many(locale))?;
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    let own = own(&state, &session, page.moving).await;
    let telling = |teller: Teller| async move {
        let mut look = state.live.look(doctor_id);
        let mut told = None;
        loop {
            let next = tokio::select! {
                () = teller.closed() => return,
                next = look.next() => next,
            };
            let Some(busy) = next else { return };
            let ranges = busy.without(&own);
            // What changed may have been its own.
            if told.as_ref() == Some(&ranges) {
                continue;
            }
            let event = Event::default().event("busy").data(to_json(&ranges));
            if teller.send(Ok(event)).await.is_err() {
                return;
            }
            told = Some(ranges);
        }
    };
    Ok(admitted.listens_to(telling))
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
