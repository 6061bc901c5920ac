//! The day of a clinic as a table for other programs.

use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::Deserialize;
use tower_sessions::Session;

use crate::{
    account::{
        guard::{self, ClientAddress},
        session::BrowserSession,
    },
    appointment::page::status_key,
    server::{AppState, problem},
};
use engine::{
    account::{Caller, note_by},
    audit::{self, Kind},
    desk::sheet::{Sheet, Wanted, sheet},
    error::AppError,
    i18n::{Locale, Texts},
    organisation::csv,
    time,
};

/// The day that is wanted.
#[derive(Deserialize)]
pub struct Day {
    clinic: Option<i64>,
    date: Option<String>,
}

/// `GET /admin/day.csv`: what is booked at a clinic on a day, by start, for admins.
pub async fn day(
    State(state): State<AppState>,
    Extension(locale): Extension<Locale>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    wanted: Result<Query<Day>, QueryRejection>,
    session: Session,
) -> Response {
    let session = BrowserSession::new(session, state.config.rules.booking, state.now());
    match file(&state, wanted, (locale, address), session).await {
        Ok(response) => response,
        Err(error) => problem(error, locale),
    }
}

async fn file(
    state: &AppState,
    wanted: Result<Query<Day>, QueryRejection>,
    (locale, address): (Locale, String),
    session: BrowserSession,
) -> Result<Response, AppError> {
    let caller = guard::caller_of(&state.database, &session).await?;
    let Some(caller @ Caller::Admin { .. }) = caller else {
        return Err(AppError::NotFound);
    };
    let Ok(Query(wanted)) = wanted else {
        return Err(AppError::NotFound);
    };
    let date = match wanted.date.as_deref() {
        Some(date) => Some(super::date_of(date).ok_or(AppError::NotFound)?),
        None => None,
    };
    let now = state.now();
    let shown = sheet(&state.database, &caller, wanted.clinic, date, Wanted::Day, now).await?;
    let shown = shown.ok_or(AppError::NotFound)?;
    let note = note_by(&caller, Kind::Export).about("day").from(&address);
    audit::note(&state.database, note).await;
    let name = format!("attachment; filename=\"janji-{}.csv\"", shown.first);
    let mut response = text(&shown, Texts::of(locale), now).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Text of others begins with a mark by which programs know that it is UTF-8.
const MARK: &str = "\u{feff}";

fn text(sheet: &Sheet, texts: Texts, now: Timestamp) -> String {
    let heads = [
        "column-time",
        "column-patient",
        "phone-label",
        "column-doctor",
        "column-visit",
        "column-status",
        "arrive-do",
        "fact-reference",
    ]
    .map(|key| texts.text(key));
    let mut text = format!("{MARK}{}", csv::line(heads.iter().map(String::as_str)));
    let clock = |at| time::clock(at, &sheet.clinic.zone, texts.locale());
    let mut visits: Vec<_> = sheet
        .columns
        .iter()
        .flat_map(|column| column.visits.iter().map(move |visit| (column, visit)))
        .filter(|(_, visit)| visit.clinic_id == sheet.clinic.id && visit.patient_id.is_some())
        .collect();
    visits.sort_by_key(|(_, visit)| visit.time.start);
    for (column, visit) in visits {
        let status = match visit.is_late(now) {
            true => texts.text("arrival-late"),
            false => texts.text(status_key(visit.status)),
        };
        let cells = [
            clock(visit.time.start),
            visit.patient_name.clone().unwrap_or_default(),
            visit.patient_phone.clone().unwrap_or_default(),
            column.doctor_name.clone(),
            visit.service(texts.locale()).to_owned(),
            status,
            visit.arrived_at.map(clock).unwrap_or_default(),
            visit.reference.clone(),
        ];
        let cells = cells.map(|cell| csv::defused(&cell));
        text.push_str(&csv::line(cells.iter().map(String::as_str)));
    }
    text
}
