//! Calls as a table for other programs.

use axum::response::Response;

use super::page::word;
use crate::{
    audit::export::{Cursor, Export, Pages, ROWS, Row},
    server::AppState,
};
use engine::{
    account::{Caller, must_be_at_desk},
    error::AppError,
    i18n::Texts,
    phone_call::{self, Filter, View},
    time,
};

const HEADS: [&str; 9] = [
    "sheet-date",
    "column-time",
    "phone-calls-caller",
    "where",
    "phone-calls-result",
    "phone-calls-appointments",
    "phone-calls-note",
    "phone-calls-done",
    "phone-calls-ended",
];

/// `GET /admin/phone-calls.csv`: the calls of the list, newest first, without what was said; for the desk, those of its
/// clinics.
pub async fn calls(export: Export) -> Response {
    let pages = must_be_at_desk(&export.caller).map(|()| Calls {
        caller: export.caller.clone(),
        state: export.state.clone(),
        texts: export.texts,
        is_open: export.value("open").is_some(),
        cursor: Cursor::start(),
    });
    export.answer("phone-calls", &HEADS, pages).await
}

/// Calls, page by page.
struct Calls {
    caller: Caller,
    state: AppState,
    texts: Texts,
    is_open: bool,
    cursor: Cursor,
}

impl Pages for Calls {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        let Some(after) = self.cursor.take() else {
            return Ok(None);
        };
        let filter = Filter {
            is_open: self.is_open,
            clinic_id: None,
            after,
            limit: Some(ROWS),
        };
        let views = phone_call::calls(&self.state.database, &self.caller, filter, self.state.now()).await?;
        self.cursor.pass(&views, |last| last.id);
        let texts = self.texts;
        Ok(Some(views.into_iter().map(|view| row(view, texts)).collect()))
    }
}

fn row(view: View, texts: Texts) -> Row {
    let booked: Vec<&str> = view.booked.iter().map(|one| one.reference.as_str()).collect();
    vec![
        time::local_date(view.began_at, &view.zone).to_string(),
        time::clock(view.began_at, &view.zone, texts.locale()),
        view.needs_number
            .clone()
            .or_else(|| view.number.clone())
            .unwrap_or_default(),
        view.clinic_name.clone().unwrap_or_default(),
        word("outcome", view.outcome(), texts),
        booked.join(" "),
        view.needs_note.clone(),
        view.done_by.clone().unwrap_or_default(),
        view.ended_because.clone().unwrap_or_default(),
    ]
}
