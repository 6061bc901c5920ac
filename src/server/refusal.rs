//! Refusals of a request as such: too long an address, headers or body, or a method that nothing understands. A person gets a
//! page in their language, a program problem+json.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, Limited};
use tower::ServiceExt;

use super::{fields::accepts_html, locale::locale, problem::Problem};
use engine::{
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
};

/// The size of a body. Every field of a form with as many characters as it may have fits in, whatever their script, and
/// many times more, so that what is too long is counted and kept.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// The size of the body of an import: two hundred lines, each as long as it may be, in any script.
const MAX_IMPORT_BYTES: usize = 2 * 1024 * 1024;

/// The size of the body of what the organisation writes about itself, two long texts in each language; and of one with a
/// picture, also where a program writes it in Base64.
const MAX_OWN_BYTES: usize = 2 * 1024 * 1024;

/// The size of a body up to which the answer waits for its end, and for how long.
const MAX_DRAINED_BYTES: usize = 16 * 1024 * 1024;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The length of an address with its query, in bytes.
const MAX_URI_BYTES: usize = 16 * 1024;

/// The size of all headers together.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// The size of a cookie that goes along to the page of a refusal.
const MAX_COOKIE_BYTES: usize = 4 * 1024;

/// Refuses a request that is too long, before anything reads it.
pub async fn check_lengths(request: Request, next: Next) -> Response {
    let most = most_bytes(request.uri().path());
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if uri_bytes(request.uri()) > MAX_URI_BYTES {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    if header_bytes(request.headers()) > MAX_HEADER_BYTES {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    if announced.is_some_and(|length| length > most) {
        // A browser that is still sending would not read the answer.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, drain(request.into_body())).await;
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, most))))
        .await
}

/// Reads a body and drops it.
async fn drain(body: Body) {
    let mut body = Limited::new(body, MAX_DRAINED_BYTES);
    while let Some(Ok(_)) = body.frame().await {}
}

fn most_bytes(path: &str) -> usize {
    match path {
        "/form/import-doctors" | "/api/v1/import/doctors" => MAX_IMPORT_BYTES,
        "/form/put-identity" | "/form/put-logo" | "/api/v1/organisation" | "/api/v1/organisation/logo" => {
            MAX_OWN_BYTES
        }
        _ => MAX_BODY_BYTES,
    }
}

fn uri_bytes(uri: &Uri) -> usize {
    uri.path_and_query().map_or(0, |path| path.as_str().len())
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}

/// The keys of the title and the text of what has no words of its own.
pub const UNKNOWN: (&str, &str) = ("internal-title", "internal-text");

/// The status of a refusal, for the page that says it.
#[derive(Clone, Copy, Debug)]
pub struct Refused(pub StatusCode);

impl Refused {
    /// The refusal of an answer that has no words of ours yet.
    fn of(response: &Response) -> Option<Self> {
        let is_ours = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("text/html") || kind.contains("json"));
        let status = response.status();
        (!is_ours && Self(status).texts().is_some()).then_some(Self(status))
    }

    /// The keys of the title and the text that say it.
    pub fn texts(self) -> Option<(&'static str, &'static str)> {
        Some(match self.0 {
            StatusCode::FORBIDDEN => ("refused-origin-title", "refused-origin-text"),
            StatusCode::METHOD_NOT_ALLOWED => ("refused-method-title", "refused-method-text"),
            StatusCode::PAYLOAD_TOO_LARGE => ("refused-body-title", "refused-body-text"),
            StatusCode::URI_TOO_LONG => ("refused-uri-title", "refused-uri-text"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("refused-media-title", "refused-media-text"),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ("refused-headers-title", "refused-headers-text"),
            _ => return None,
        })
    }

    /// The refusal for a program.
    pub fn problem(self, headers: &HeaderMap) -> Problem {
        let locale = locale(headers);
        let error = match self.0 {
            StatusCode::FORBIDDEN => AppError::Forbidden,
            StatusCode::METHOD_NOT_ALLOWED => AppError::NotFound,
            _ => AppError::invalid(Field::Body, FieldProblem::Malformed),
        };
        let (_, text) = self.texts().unwrap_or(UNKNOWN);
        Problem::new(error, locale)
            .status(self.0)
            .text(Texts::of(locale).text(text))
            .without_details()
    }
}

/// Gives words to a refusal that has none. The page is rendered by `pages`, which are the router of the pages.
pub async fn explain(State(pages): State<Router>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(refused) = Refused::of(&response) else {
        return response;
    };
    let mut explained = match accepts_html(&asked.headers) {
        true => page(pages, &asked, refused).await,
        false => refused.problem(&asked.headers).into_response(),
    };
    *explained.status_mut() = refused.0;
    for name in [header::ALLOW, header::CONNECTION] {
        if let Some(value) = response.headers().get(&name) {
            explained.headers_mut().insert(name, value.clone());
        }
    }
    explained
}

/// The page of a refusal, for the same person in the same language. No page of the table of routes has its path.
async fn page(pages: Router, asked: &Parts, refused: Refused) -> Response {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = Uri::from_static("/refused");
    let short =
        |name: &HeaderName, value: &&HeaderValue| name != header::COOKIE || value.len() <= MAX_COOKIE_BYTES;
    for name in [
        header::HOST,
        header::COOKIE,
        header::ACCEPT,
        header::ACCEPT_LANGUAGE,
    ] {
        if let Some(value) = asked.headers.get(&name).filter(|value| short(&name, value)) {
            request.headers_mut().insert(name, value.clone());
        }
    }
    *request.extensions_mut() = asked.extensions.clone();
    request.extensions_mut().insert(refused);
    match pages.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_with_words_is_left_alone() {
        let of = |status: StatusCode, kind: &'static str| {
            let mut response = status.into_response();
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            Refused::of(&response).is_some()
        };
        assert!(of(StatusCode::PAYLOAD_TOO_LARGE, "text/plain; charset=utf-8"));
        assert!(!of(StatusCode::PAYLOAD_TOO_LARGE, "application/problem+json"));
        assert!(!of(StatusCode::METHOD_NOT_ALLOWED, "text/html; charset=utf-8"));
        assert!(!of(StatusCode::NOT_FOUND, "text/plain"));
        assert!(Refused::of(&StatusCode::METHOD_NOT_ALLOWED.into_response()).is_some());
    }
}
