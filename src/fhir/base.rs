//! Where the calls are, as absolute links name it, and what a caller takes as an answer.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header::ACCEPT, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::ROOT;
use crate::server::{AppState, Origin, api::Fault};

/// The absolute address below which all calls are, by the host that the caller has chosen.
#[derive(Clone, Debug)]
pub struct Base(String);

impl FromRequestParts<AppState> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let Origin(origin) = Origin::of(parts, &state.config);
        Ok(Self(format!("{}{ROOT}", origin.unwrap_or_default())))
    }
}

impl Base {
    /// The address for everybody, as a cache may show it to others than the one who asked: the configured one, where there is
    /// one.
    #[must_use]
    pub fn for_everybody(self, state: &AppState) -> Self {
        match state.config.public_url() {
            Some(url) => Self(format!("{}{ROOT}", url.as_str())),
            None => self,
        }
    }

    /// The site that this is on.
    pub fn site(&self) -> &str {
        self.0.strip_suffix(ROOT).unwrap_or(&self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The absolute address of a path below it.
    pub fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }
}

/// Refuses whoever takes no JSON.
pub async fn negotiate(request: Request, next: Next) -> Response {
    let asked = request.uri().query().unwrap_or_default();
    let formats = asked.split('&').filter_map(|pair| pair.strip_prefix("_format="));
    let takes_json = match formats.clone().next() {
        Some(_) => formats
            .map(|format| format.replace("%2F", "/").replace("%2f", "/").replace("%2B", "+"))
            .all(|format| is_json(&format)),
        None => accepts_json(request.headers()),
    };
    match takes_json {
        true => next.run(request).await,
        false => not_acceptable().into_response(),
    }
}

/// The refusal of a format that there is not.
pub fn not_acceptable() -> Fault {
    Fault::foreign(
        StatusCode::NOT_ACCEPTABLE,
        "not-supported",
        "fhir-not-acceptable",
        "_format",
    )
}

/// Whether this is a name of JSON. In an address, a plus sign that was not encoded is a space.
pub fn is_json(format: &str) -> bool {
    matches!(
        format.replace(['+', ' '], "+").to_ascii_lowercase().as_str(),
        "json" | "text/json" | "application/json" | "application/fhir+json" | "application/json+fhir"
    )
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(ACCEPT).iter().peekable();
    if lines.peek().is_none() {
        return true;
    }
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|range| range.split(';').next())
        .map(|range| range.trim().to_ascii_lowercase())
        .any(|range| {
            is_json(&range)
                || matches!(
                    range.as_str(),
                    "" | "*/*"
                        | "application/*"
                        | "application/ndjson"
                        | "application/x-ndjson"
                        | "application/fhir+ndjson"
                )
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn whoever_takes_json_is_answered() {
        for (accept, expected) in [
            ("application/fhir+json", true),
            ("application/fhir+json;fhirVersion=4.0", true),
            ("application/xml, application/json;q=0.5", true),
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("application/fhir+ndjson", true),
            ("application/fhir+xml", false),
            ("text/html", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(accepts_json(&headers), expected, "{accept}");
        }
        assert!(accepts_json(&HeaderMap::new()));
        assert!(is_json("application/fhir json") && !is_json("xml") && !is_json(""));
    }
}
