//! The iCalendar files and feeds that calendar programs fetch.

use axum::{
    Extension,
    extract::{Path, State, rejection::PathRejection},
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, REFERRER_POLICY},
    },
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use tower_sessions::Session;

use crate::{
    account::{guard, session::BrowserSession},
    server::{AppState, Origin, problem},
};
use engine::{
    appointment::AppointmentName,
    error::AppError,
    i18n::{Locale, Texts},
    ical::{
        self, Event,
        ics::{self, Telling},
    },
};

/// The media type of iCalendar.
const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

/// `GET /calendars/{secret}.ics`: the calendar at this address.
///
/// Answers a feed. Its secret address is all that is needed to read it, so the address is not logged, not indexed, and
/// not sent as a referrer.
pub async fn feed(
    State(state): State<AppState>,
    file: Result<Path<String>, PathRejection>,
    Origin(origin): Origin,
) -> Response {
    // public: the secret in the path is what opens it.
    let secret = match &file {
        Ok(Path(file)) => file.strip_suffix(".ics").unwrap_or_default(),
        Err(_) => "",
    };
    let now = state.now();
    let mut response = match ical::feed(&state.database, secret, origin.clone(), now).await {
        Ok(feed) => {
            let telling = Telling {
                role: feed.owner.role(),
                details: feed.details,
                texts: Texts::of(feed.language),
                origin,
                installation: feed.installation,
            };
            let text = ics::feed(&feed.events, &telling, now);
            calendar(text, "inline; filename=\"janji.ics\"")
        }
        Err(error) => problem(error, Locale::default()),
    };
    for (name, value) in [
        // May be kept where it was fetched, and is asked about each time.
        (CACHE_CONTROL, "private, no-cache"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// `GET /appointments/{reference}/calendar.ics`: one appointment as a file, for whoever has signed in and may see it.
pub async fn appointment(
    State(state): State<AppState>,
    reference: Result<Path<String>, PathRejection>,
    Extension(locale): Extension<Locale>,
    Origin(origin): Origin,
    session: Session,
) -> Response {
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    match file(&state, reference, locale, origin, session).await {
        Ok(response) => response,
        Err(error) => problem(error, locale),
    }
}

async fn file(
    state: &AppState,
    reference: Result<Path<String>, PathRejection>,
    locale: Locale,
    origin: Option<String>,
    session: BrowserSession,
) -> Result<Response, AppError> {
    let caller = guard::caller_of(&state.database, &session)
        .await?
        .ok_or(AppError::NotFound)?;
    let Ok(Path(reference)) = reference else {
        return Err(AppError::NotFound);
    };
    let (role, which) = (caller.role(), AppointmentName::Reference(reference));
    let (event, installation) =
        ical::event(&state.database, caller, which, origin.clone(), state.now()).await?;
    let telling = Telling {
        role,
        details: false,
        texts: Texts::of(locale),
        origin,
        installation,
    };
    Ok(of_event(&event, &telling, state.now()))
}

/// The file of one appointment.
pub(super) fn of_event(event: &Event, telling: &Telling, now: Timestamp) -> Response {
    let text = ics::file(event, telling, now);
    calendar(
        text,
        &format!("attachment; filename=\"janji-{}.ics\"", event.reference),
    )
}

fn calendar(text: String, disposition: &str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Ok(disposition) = HeaderValue::from_str(disposition) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}
