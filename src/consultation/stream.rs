//! The streams of a thread, and of what is new in all of them, for open pages.

use std::time::Duration;

use axum::{
    Extension,
    extract::{Path, State, rejection::PathRejection},
    response::{Response, sse::Event},
};
use tower_sessions::Session;

use super::page::Shown;
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
    account::Caller,
    appointment::{self, AppointmentName},
    consultation,
    error::AppError,
    i18n::{Locale, Texts},
};

/// Messages that come together are told once.
const SETTLE_TIME: Duration = Duration::from_millis(100);

/// Tells what is in the thread of an appointment, now and whenever that changes, as the items of its list. It is always the
/// whole of it: a page that missed something is right again with the next word. What is told may be lost on the way: the page
/// says itself what it has shown.
pub async fn thread(
    State(state): State<AppState>,
    reference: Result<Path<String>, PathRejection>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(locale): Extension<Locale>,
    session: Session,
) -> Result<EventStream, Response> {
    let refused = |error| problem(error, locale);
    let Ok(Path(reference)) = reference else {
        return Err(refused(AppError::NotFound));
    };
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    let reader = Reader {
        state: state.clone(),
        session,
        reference,
        texts: Texts::of(locale),
    };
    let appointment_id = reader.appointment_id().await.map_err(refused)?;
    let admitted = Admitted::new(&state, &address).ok_or_else(|| one_too_many(locale))?;
    let telling = |teller: Teller| async move {
        // Before the first read, so that no change is missed between the two.
        let mut consultation = reader.state.live.overhear(appointment_id);
        let mut told = None;
        loop {
            match reader.read().await {
                Ok(html) if told.as_ref() == Some(&html) => {}
                Ok(html) => {
                    let event = Event::default().event("thread").data(&html);
                    if teller.send(Ok(event)).await.is_err() {
                        return;
                    }
                    told = Some(html);
                }
                // The page keeps what it has until the database is back.
                Err(error) if error.is_transient() => {
                    tracing::debug!(%error, "an open page could not be told what was written");
                }
                // Signed out, or no longer theirs.
                Err(_) => return,
            }
            tokio::select! {
                () = teller.closed() => return,
                next = consultation.next() => match next {
                    Some(()) => tokio::time::sleep(SETTLE_TIME).await,
                    None => return,
                },
            }
        }
    };
    Ok(admitted.listens_to(telling))
}

/// Says whenever something new may be in one of the caller's threads, or, to a doctor, in their days; and nothing of what it is:
/// the page reads itself anew, under its own guard.
pub async fn mine(
    State(state): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Extension(locale): Extension<Locale>,
    session: Session,
) -> Result<EventStream, Response> {
    let refused = |error| problem(error, locale);
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    let caller = reader_of(&state, &session).await.map_err(refused)?;
    let appointments = consultation::heard_by(&state.database, &caller, state.now())
        .await
        .map_err(refused)?;
    let doctor_id = match &caller {
        Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
        _ => None,
    };
    let admitted = Admitted::new(&state, &address).ok_or_else(|| one_too_many(locale))?;
    // Before the page is told that it is heard, so that no change is missed.
    let mut news = state.live.overhear_all(appointments, doctor_id);
    let telling = |teller: Teller| async move {
        loop {
            let next = tokio::select! {
                () = teller.closed() => return,
                next = news.next() => next,
            };
            if next.is_none() {
                return;
            }
            tokio::time::sleep(SETTLE_TIME).await;
            // Who has signed out hears no more.
            let still = async {
                session.reload().await?;
                reader_of(&state, &session).await
            };
            match still.await {
                Err(error) if !error.is_transient() => return,
                Ok(_) | Err(_) => {}
            }
            let event = Event::default().event("changed").data("1");
            if teller.send(Ok(event)).await.is_err() {
                return;
            }
        }
    };
    Ok(admitted.listens_to(telling))
}

/// A patient or a doctor, who may have threads.
///
/// # Errors
/// `UNAUTHENTICATED`; `NOT_FOUND` for those at the desk.
async fn reader_of(state: &AppState, session: &BrowserSession) -> Result<Caller, AppError> {
    let caller = guard::caller_of(&state.database, session)
        .await?
        .ok_or(AppError::Unauthenticated)?;
    match caller {
        Caller::Patient { .. } | Caller::Doctor { .. } => Ok(caller),
        Caller::Admin { .. } | Caller::Reception { .. } => Err(AppError::NotFound),
    }
}

/// Who reads a thread on an open page.
struct Reader {
    state: AppState,
    session: BrowserSession,
    reference: String,
    texts: Texts,
}

impl Reader {
    async fn appointment_id(&self) -> Result<i64, AppError> {
        let caller = guard::caller_of(&self.state.database, &self.session)
            .await?
            .ok_or(AppError::Unauthenticated)?;
        let name = AppointmentName::parse(&self.reference).ok_or(AppError::NotFound)?;
        let seen = appointment::look_up(&self.state.database, caller.clone(), name).await?;
        // Also where it is no text consultation, and for admins.
        Shown::load(&self.state, caller, self.reference.clone()).await?;
        Ok(seen.id)
    }

    /// The items of the list. The session and its caller are looked up each time: who has signed out, or whose account was
    /// closed, learns no more.
    async fn read(&self) -> Result<String, AppError> {
        self.session.reload().await?;
        let caller = guard::caller_of(&self.state.database, &self.session)
            .await?
            .ok_or(AppError::Unauthenticated)?;
        let shown = Shown::load(&self.state, caller, self.reference.clone()).await?;
        Ok(shown.to_html(self.texts))
    }
}
