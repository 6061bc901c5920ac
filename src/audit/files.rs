//! The security log as a table for other programs.

use axum::response::Response;

use super::{
    export::{Cursor, Export, Pages, ROWS, Row},
    page::kind_text,
};
use crate::server::AppState;
use engine::{
    account::must_be_admin,
    audit::{self, Entry, Kind, Search},
    error::AppError,
    i18n::Texts,
};

const HEADS: [&str; 8] = [
    "column-time",
    "security-kind",
    "security-by",
    "security-by-staff",
    "security-whom",
    "security-whom-patient",
    "security-about",
    "security-address",
];

/// `GET /admin/security.csv`: the notes of the security log, newest first, of one kind or all; for admins of all clinics.
pub async fn notes(export: Export) -> Response {
    let pages = must_be_admin(&export.caller).map(|()| Notes {
        state: export.state.clone(),
        texts: export.texts,
        kind: export.value("kind").and_then(Kind::parse),
        cursor: Cursor::start(),
    });
    export.answer("security", &HEADS, pages).await
}

/// Notes, page by page.
struct Notes {
    state: AppState,
    texts: Texts,
    kind: Option<Kind>,
    cursor: Cursor,
}

impl Pages for Notes {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        let Some(before) = self.cursor.take() else {
            return Ok(None);
        };
        let search = Search {
            kind: self.kind,
            before,
            limit: ROWS,
            ..Search::default()
        };
        let entries = audit::entries(&self.state.database, search).await?;
        self.cursor.pass(&entries, |last| last.id);
        let texts = self.texts;
        Ok(Some(entries.into_iter().map(|entry| row(entry, texts)).collect()))
    }
}

fn row(entry: Entry, texts: Texts) -> Row {
    let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let by = match (entry.by_staff_name, entry.by_patient_id) {
        (Some(name), _) => name,
        (None, patient) => number(patient),
    };
    vec![
        entry.noted_at.to_string(),
        kind_text(&entry.kind, texts),
        entry.actor,
        by,
        entry.staff_name.unwrap_or_else(|| number(entry.staff_id)),
        number(entry.patient_id),
        entry.about,
        entry.address,
    ]
}
