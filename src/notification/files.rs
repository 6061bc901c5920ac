//! The messages as a table for other programs.

use axum::response::Response;

use super::page::{kind_text, word};
use crate::{
    audit::export::{Export, Pages, ROWS, Row},
    server::AppState,
};
use engine::{
    account::{
        Caller, must_be_admin,
        reads::{self, What},
    },
    error::AppError,
    i18n::Texts,
    notification::{
        Kind, State,
        board::{self, Entry, Search},
    },
};

const HEADS: [&str; 9] = [
    "column-time",
    "messages-kind",
    "messages-state",
    "messages-channel",
    "messages-to",
    "fact-reference",
    "messages-sent-at",
    "messages-attempts",
    "messages-trouble",
];

/// `GET /admin/messages.csv`: the messages that the filter of their list is after, newest first, without what they say; for
/// admins of all clinics.
pub async fn messages(export: Export) -> Response {
    let pages = must_be_admin(&export.caller).map(|()| Messages {
        caller: export.caller.clone(),
        state: export.state.clone(),
        texts: export.texts,
        wanted: Search {
            state: export.value("state").and_then(State::parse),
            kind: export.value("kind").and_then(Kind::parse),
            patient_id: export.number("patient"),
            before: None,
            limit: ROWS,
        },
        is_done: false,
    });
    export.answer("messages", &HEADS, pages).await
}

/// Messages, page by page.
struct Messages {
    caller: Caller,
    state: AppState,
    texts: Texts,
    wanted: Search,
    is_done: bool,
}

impl Pages for Messages {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        if self.is_done {
            return Ok(None);
        }
        let (database, now) = (&self.state.database, self.state.now());
        let entries = board::entries(database, self.wanted).await?;
        self.is_done = i64::try_from(entries.len()).map_or(true, |count| count < ROWS);
        self.wanted.before = entries.last().map(|last| last.id);
        let patients = entries.iter().filter_map(|entry| entry.patient_id);
        reads::record(database, &self.caller, What::List, patients, now).await;
        let texts = self.texts;
        Ok(Some(entries.into_iter().map(|entry| row(entry, texts)).collect()))
    }
}

fn row(entry: Entry, texts: Texts) -> Row {
    let said = |prefix: &str, name: Option<&'static str>| {
        name.map_or_else(String::new, |name| word(prefix, name, texts))
    };
    vec![
        entry.created_at.to_string(),
        kind_text(entry.kind, texts),
        said("state", entry.state.map(State::as_str)),
        entry
            .channel
            .map_or_else(String::new, |channel| channel.as_str().to_owned()),
        entry.recipient,
        entry.reference.or(entry.stay).unwrap_or_default(),
        entry.sent_at.map(|at| at.to_string()).unwrap_or_default(),
        entry.attempts.to_string(),
        said("trouble", entry.trouble.map(|trouble| trouble.as_str())),
    ]
}
