//! Lists as tables for other programs (CSV): read page by page while they are written, so that a long one takes no more memory
//! than a short one, and noted in the security log.

use std::{collections::HashMap, future::Future, io};

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{FromRequestParts, Query},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use tokio_stream::wrappers::ReceiverStream;
use tower_sessions::Session;

use crate::{
    account::{
        guard::{self, ClientAddress},
        session::BrowserSession,
    },
    server::{AppState, problem},
};
use engine::{
    account::Caller,
    audit::{self, Kind},
    error::AppError,
    i18n::{Locale, Texts},
    organisation::csv,
};

/// Text of others begins with a mark by which programs know that it is UTF-8.
const MARK: &str = "\u{feff}";

/// The rows that are read at a time.
pub const ROWS: i64 = 500;

/// A row of a table.
pub type Row = Vec<String>;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub separator: char,
    /// Whether it begins with a mark by which programs know that it is UTF-8.
    pub has_mark: bool,
    pub line_end: &'static str,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            separator: ',',
            has_mark: true,
            line_end: "\n",
        }
    }
}

/// A request for a list as a table, by somebody of staff.
pub struct Export {
    pub state: AppState,
    pub session: BrowserSession,
    pub caller: Caller,
    pub texts: Texts,
    address: String,
    /// The filter in the URL.
    query: HashMap<String, String>,
}

impl FromRequestParts<AppState> for Export {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let locale = parts.extensions.get::<Locale>().copied().unwrap_or_default();
        let read = async {
            let Ok(Extension(ClientAddress(address))) =
                Extension::<ClientAddress>::from_request_parts(parts, state).await
            else {
                return Err(AppError::Internal);
            };
            let Ok(session) = Session::from_request_parts(parts, state).await else {
                return Err(AppError::Internal);
            };
            let Ok(Query(query)) = Query::<HashMap<String, String>>::from_request_parts(parts, state).await
            else {
                return Err(AppError::NotFound);
            };
            let session = BrowserSession::new(session, state.config.rules.booking, state.now());
            let caller = guard::caller_of(&state.database, &session)
                .await?
                .filter(|caller| caller.role().is_staff())
                .ok_or(AppError::NotFound)?;
            Ok(Self {
                state: state.clone(),
                session,
                caller,
                texts: Texts::of(locale),
                address,
                query,
            })
        };
        read.await.map_err(|error| problem(error, locale))
    }
}

/// A list that is read from its beginning to its end.
pub trait Pages: Send + 'static {
    /// The next rows; none at the end.
    ///
    /// # Errors
    /// Those of reading it.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<Row>>, AppError>> + Send;
}

/// The place in a list at which its next page begins.
pub struct Cursor {
    /// The last row of the page before, none before the first page; nothing at the end of the list.
    after: Option<Option<i64>>,
}

impl Cursor {
    /// The beginning of a list.
    pub fn start() -> Self {
        Self { after: Some(None) }
    }

    /// Takes the id of the row on which the next page follows, which is none for the first one. At the end of the list there is
    /// nothing to take.
    pub fn take(&mut self) -> Option<Option<i64>> {
        self.after.take()
    }

    /// Moves behind a page that was read. One with fewer than [`ROWS`] rows is the last.
    pub fn pass<T>(&mut self, page: &[T], id: impl FnOnce(&T) -> i64) {
        if i64::try_from(page.len()).is_ok_and(|count| count == ROWS) {
            self.after = page.last().map(|last| Some(id(last)));
        }
    }
}

impl Export {
    /// A value of the filter, where it is there and is not empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A value of the filter as it is, also where it is empty.
    pub fn given(&self, name: &str) -> Option<String> {
        self.query.get(name).cloned()
    }

    /// A number of the filter.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.parse().ok()
    }

    /// Answers with a file of this name and these heads, and notes that it was taken along. `what` is one word for the log.
    pub async fn answer<P: Pages>(
        &self,
        what: &'static str,
        heads: &[&str],
        pages: Result<P, AppError>,
    ) -> Response {
        let heads: Row = heads.iter().map(|key| self.texts.text(key)).collect();
        self.answer_in(Style::default(), what, heads, pages).await
    }

    /// Answers with a file of this style, name and heads, and notes that it was taken along. `what` is one word for the log.
    pub async fn answer_in<P: Pages>(
        &self,
        style: Style,
        what: &'static str,
        heads: Row,
        pages: Result<P, AppError>,
    ) -> Response {
        match self.file(style, what, heads, pages).await {
            Ok(response) => response,
            Err(error) => problem(error, self.texts.locale()),
        }
    }

    async fn file<P: Pages>(
        &self,
        style: Style,
        what: &'static str,
        heads: Row,
        pages: Result<P, AppError>,
    ) -> Result<Response, AppError> {
        let mut pages = pages?;
        // What cannot be read at all is no file.
        let first = pages.next().await?;
        let note = super::note_by(&self.caller, Kind::Export)
            .about(what)
            .from(&self.address);
        audit::note(&self.state.database, note).await;
        let mark = if style.has_mark { MARK } else { "" };
        let head = format!("{mark}{}", line(&heads, style));
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            if sender.send(Ok(Bytes::from(head))).await.is_err() {
                return;
            }
            let mut page = first;
            while let Some(rows) = page {
                let text: String = rows.iter().map(|row| line(row, style)).collect();
                if sender.send(Ok(Bytes::from(text))).await.is_err() {
                    return;
                }
                page = match pages.next().await {
                    Ok(page) => page,
                    Err(error) => {
                        tracing::warn!(%error, what, "a table could not be written to its end");
                        // The browser says that the file is not whole.
                        let _ = sender
                            .send(Err(io::Error::other("the list could not be read")))
                            .await;
                        return;
                    }
                };
            }
        });
        let mut response = Body::from_stream(ReceiverStream::new(receiver)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        let name = format!("attachment; filename=\"janji-{what}.csv\"");
        if let Ok(name) = HeaderValue::from_str(&name) {
            headers.insert(CONTENT_DISPOSITION, name);
        }
        Ok(response)
    }
}

/// A line, of which no cell is a formula to a spreadsheet.
fn line(row: &Row, style: Style) -> String {
    let cells: Vec<String> = row.iter().map(|cell| csv::defused(cell)).collect();
    csv::separated(cells.iter().map(String::as_str), style.separator, style.line_end)
}

/// A list that is all there already.
pub struct Whole(Option<Vec<Row>>);

impl Whole {
    pub fn new(rows: Vec<Row>) -> Self {
        Self(Some(rows))
    }
}

impl Pages for Whole {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        Ok(self.0.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_full_is_the_last() {
        let full: Vec<i64> = (1..=ROWS).collect();
        let mut cursor = Cursor::start();
        assert_eq!(cursor.take(), Some(None));
        cursor.pass(&full, |id| *id);
        assert_eq!(cursor.take(), Some(Some(ROWS)));
        cursor.pass(&full[1..], |id| *id);
        assert_eq!(cursor.take(), None);
    }
}
