//! The board as a table for other programs.

use axum::response::Response;
use jiff::{Timestamp, tz::TimeZone};

use super::{
    forms::{SEARCH, SEARCHED},
    page::{read_filter, status_key},
};
use crate::{
    audit::export::{Export, Pages, ROWS, Row},
    server::AppState,
};
use engine::{
    account::{
        Caller, must_be_at_desk,
        reads::{self, What},
    },
    appointment::{Filter, Turn, board_rows, choices},
    error::AppError,
    i18n::Texts,
    nobody::name_of,
    time,
};

const HEADS: [&str; 11] = [
    "column-time",
    "board-zone",
    "column-patient",
    "phone-label",
    "column-doctor",
    "board-clinic",
    "column-visit",
    "column-status",
    "arrive-do",
    "reason-label",
    "fact-reference",
];

/// `GET /admin/board.csv`: the appointments that the filter of the board is after, by start, for the desk.
pub async fn board(export: Export) -> Response {
    let pages = pages(&export).await;
    export.answer("board", &HEADS, pages).await
}

async fn pages(export: &Export) -> Result<Board, AppError> {
    must_be_at_desk(&export.caller)?;
    let (state, now) = (&export.state, export.state.now());
    let choices = choices(&state.database, &export.caller).await?;
    let words: String = match export.given(SEARCHED) {
        Some(_) => export.session.typed(SEARCH, "/admin").await?,
        None => String::new(),
    };
    let filter = read_filter(
        |name| export.given(name),
        &words,
        &choices,
        choices.today(now),
        state.config.rules.country,
    );
    Ok(Board {
        caller: export.caller.clone(),
        state: state.clone(),
        texts: export.texts,
        next: Some(Filter {
            clinics: export.caller.clinics().map(<[i64]>::to_vec),
            turn: Turn::First,
            ..filter
        }),
    })
}

/// `2026-11-24 09:20`, as spreadsheets sort it.
fn wall_clock(at: Timestamp, zone: &TimeZone) -> String {
    let at = time::wall_time(at, zone);
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// The board, page by page.
struct Board {
    caller: Caller,
    state: AppState,
    texts: Texts,
    /// The filter of the next page; nothing where there is none.
    next: Option<Filter>,
}

impl Pages for Board {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        let Some(filter) = self.next.take() else {
            return Ok(None);
        };
        let (database, now) = (&self.state.database, self.state.now());
        let (items, later) = board_rows(database, filter.clone(), ROWS).await?;
        self.next = later.map(|turn| Filter { turn, ..filter });
        let patients = items.iter().filter_map(|item| item.patient_id);
        reads::record(database, &self.caller, What::List, patients, now).await;
        let texts = self.texts;
        let rows = items.into_iter().map(|item| {
            let status = match item.is_late(now) {
                true => texts.text("arrival-late"),
                false => texts.text(status_key(item.status_at(now))),
            };
            let arrived = item
                .arrived_at
                .map(|at| time::clock(at, &item.zone, texts.locale()));
            vec![
                wall_clock(item.starts_at, &item.zone),
                item.zone_name,
                item.patient_name.unwrap_or_default(),
                item.patient_phone.unwrap_or_default(),
                name_of(item.doctor_id, item.doctor_name).unwrap_or_default(),
                item.clinic_name,
                item.service_name,
                status,
                arrived.unwrap_or_default(),
                item.reason,
                item.reference,
            ]
        });
        Ok(Some(rows.collect()))
    }
}
