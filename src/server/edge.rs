//! The edge: requests that no handler is to see, and refusals of libraries in words of our own.

use std::any::Any;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics::{counter, describe_counter};
use serde_json::Value;

use super::{
    AppState,
    locale::locale,
    problem::{Problem, problem},
};
use engine::{
    database::Database,
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Texts},
};

/// Refuses a request that is not one for this site: without a path, by another method than those of HTTP's own pages, or
/// with two opinions about the host.
pub async fn well_formed(request: Request, next: Next) -> Response {
    let locale = locale(request.headers());
    if *request.method() == Method::CONNECT || *request.method() == Method::TRACE {
        return Problem::new(AppError::NotFound, locale)
            .status(StatusCode::METHOD_NOT_ALLOWED)
            .text(Texts::of(locale).text("api-method"))
            .into_response();
    }
    if !has_a_path(request.method(), request.uri())
        || !has_one_host(request.version(), request.uri(), request.headers())
    {
        return Problem::new(AppError::invalid(Field::Body, FieldProblem::Malformed), locale)
            .status(StatusCode::BAD_REQUEST)
            .into_response();
    }
    next.run(request).await
}

fn has_a_path(method: &Method, uri: &Uri) -> bool {
    uri.path().starts_with('/') || (*method == Method::OPTIONS && uri.path() == "*")
}

/// RFC 9112, 3.2: a request names one host, which is one.
fn has_one_host(version: Version, uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, another) = (hosts.next(), hosts.next());
    if another.is_some() {
        return false;
    }
    let Some(host) = host else {
        // Before HTTP/1.1 nobody had to name one.
        return uri.authority().is_some() || version < Version::HTTP_11;
    };
    let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
    match (host, uri.authority()) {
        (Some(host), _) if host.as_str().contains('@') => false,
        (Some(host), Some(asked)) => host.as_str().eq_ignore_ascii_case(asked.as_str()),
        (host, None) => host.is_some(),
        (None, Some(_)) => false,
    }
}

/// Answers what a library refused by a text of its own, such as one about a path that it could not read, in our words. The
/// refusals of a request as such have theirs.
pub async fn own_words(request: Request, next: Next) -> Response {
    let locale = locale(request.headers());
    let response = next.run(request).await;
    let cannot_be_read = matches!(
        response.status(),
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
    );
    let is_a_librarys = cannot_be_read
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("text/plain"));
    match is_a_librarys {
        // A path or a query that cannot be read leads nowhere.
        true => problem(AppError::NotFound, locale),
        false => response,
    }
}

/// Answers for a handler that panicked: an error of ours, of which nobody learns how it came about.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let reason = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    tracing::error!(reason, "a handler panicked");
    problem(AppError::Internal, Locale::default())
}

/// The path that browsers report to what the content security policy of a page has kept from being loaded.
pub const REPORTS_PATH: &str = "/csp-report";

/// The size of a report, in bytes.
pub const MAX_REPORT_BYTES: usize = 16 * 1024;

/// The directives by which reports are counted; all others are one.
const DIRECTIVES: [&str; 9] = [
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "img-src",
    "font-src",
    "connect-src",
    "form-action",
    "frame-ancestors",
];

/// `POST /csp-report`: counts what a browser kept from being loaded. What it was is for the log of the debugger only:
/// anybody can write a report.
pub async fn count_report(State(state): State<AppState>, request: Request) -> StatusCode {
    let Ok(body) = axum::body::to_bytes(request.into_body(), MAX_REPORT_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    let Ok(report) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let directive = directive(&report);
    state.database.statistics().record(|| {
        counter!("janji_csp_reports_total", "directive" => directive).increment(1);
    });
    tracing::debug!(directive, "a browser kept something from being loaded");
    StatusCode::NO_CONTENT
}

/// Begins the counters of reports, so that the first one is an increase.
pub fn begin_counting(database: &Database) {
    database.statistics().record(|| {
        describe_counter!(
            "janji_csp_reports_total",
            "Reports of browsers about the content security policy, by directive"
        );
        for directive in DIRECTIVES.into_iter().chain(["other"]) {
            counter!("janji_csp_reports_total", "directive" => directive).increment(0);
        }
    });
}

/// The directive of a report, of either of the two formats that browsers send.
fn directive(report: &Value) -> &'static str {
    let first = report.get(0).unwrap_or(report);
    let named = first
        .pointer("/csp-report/effective-directive")
        .or_else(|| first.pointer("/csp-report/violated-directive"))
        .or_else(|| first.pointer("/body/effectiveDirective"))
        .and_then(Value::as_str)
        .and_then(|text| text.split(' ').next())
        .unwrap_or_default();
    DIRECTIVES
        .into_iter()
        .find(|known| *known == named)
        .unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;

    fn hosts(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HeaderName::from_static("host"), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_request_names_one_host() {
        let (path, whole): (Uri, Uri) = ("/doctors".parse().unwrap(), "http://a.example/".parse().unwrap());
        for (uri, values, expected) in [
            (&path, &["a.example"][..], true),
            (&path, &["a.example:3000"], true),
            (&path, &["[::1]:3000"], true),
            (&path, &[], false),
            (&path, &["a.example", "a.example"], false),
            (&path, &["a.example", "b.example"], false),
            (&path, &["a.example, b.example"], false),
            (&path, &["a.example/b"], false),
            (&path, &["me@a.example"], false),
            (&path, &[""], false),
            (&whole, &["a.example"], true),
            (&whole, &["A.example"], true),
            (&whole, &["b.example"], false),
        ] {
            assert_eq!(
                has_one_host(Version::HTTP_11, uri, &hosts(values)),
                expected,
                "{uri} {values:?}"
            );
        }
        assert!(has_one_host(Version::HTTP_10, &path, &hosts(&[])));
    }

    #[test]
    fn a_request_has_a_path() {
        for (method, uri, expected) in [
            (Method::GET, "/", true),
            (Method::OPTIONS, "*", true),
            (Method::GET, "*", false),
            (Method::CONNECT, "a:1", false),
            (Method::GET, "a:1", false),
        ] {
            assert_eq!(
                has_a_path(&method, &uri.parse().unwrap()),
                expected,
                "{method} {uri}"
            );
        }
    }

    #[test]
    fn reports_are_counted_by_a_closed_set_of_directives() {
        for (report, expected) in [
            (
                json!({"csp-report": {"effective-directive": "img-src"}}),
                "img-src",
            ),
            (
                json!({"csp-report": {"violated-directive": "script-src 'self'"}}),
                "script-src",
            ),
            (
                json!([{"type": "csp-violation", "body": {"effectiveDirective": "script-src-elem"}}]),
                "script-src-elem",
            ),
            (json!({"csp-report": {"effective-directive": "made-up"}}), "other"),
            (json!([]), "other"),
            (json!("text"), "other"),
        ] {
            assert_eq!(directive(&report), expected, "{report}");
        }
    }
}
