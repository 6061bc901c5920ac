//! The description of the API, as programs and people read it.

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG},
    },
    response::{Html, IntoResponse, Response},
};
use utoipa::openapi::OpenApi;

use crate::server::{
    etag::{is_known, tag},
    openapi::complete,
    policy,
};

/// The description of every call that there is.
pub fn description() -> OpenApi {
    let (_, mut description) = super::routes().split_for_parts();
    complete(&mut description, super::details);
    description
}

/// The description as text, as `docs/openapi.json` has it.
pub fn text() -> String {
    let mut text = description().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The description as it is served, and its ETag: it is the same for everybody until the server ends.
static JSON: LazyLock<(Bytes, Option<HeaderValue>)> = LazyLock::new(|| {
    let json = Bytes::from(serde_json::to_vec(&description()).unwrap_or_default());
    let tag = HeaderValue::from_str(&tag(&json, None)).ok();
    (json, tag)
});

/// `GET /api/v1/openapi.json`.
pub async fn json(asked: HeaderMap) -> Response {
    // public: so is the project.
    let (json, tag) = &*JSON;
    let is_known = tag
        .as_ref()
        .and_then(|tag| tag.to_str().ok())
        .is_some_and(|tag| is_known(&asked, tag));
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => {
            let kind = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
            ([kind], json.clone()).into_response()
        }
    };
    let headers = response.headers_mut();
    if let Some(tag) = tag {
        headers.insert(ETAG, tag.clone());
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// `GET /api/docs`: a page to read the description and try it. Its scripts are for no other page, and other scripts are
/// not for this one.
pub async fn page(asked: HeaderMap) -> Response {
    // public: so is the project.
    let mut response = Html(PAGE).into_response();
    let headers = response.headers_mut();
    let policy = format!(
        "default-src 'none'; script-src {}; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; {}",
        policy::scripts_below(&asked, "/swagger/"),
        policy::reports(),
    );
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (policy::REPORTING_ENDPOINTS, policy::reporting_endpoints()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of Janji</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/swagger/swagger-ui.css">
</head>
<body>
<noscript>This page needs JavaScript. <a href="/api/v1/openapi.json">The description itself</a> does not.</noscript>
<main id="description"></main>
<script src="/swagger/swagger-ui-bundle.js"></script>
<script src="/swagger/start.js"></script>
</body>
</html>
"#;
