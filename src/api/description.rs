//! The description of the API, as programs and people read it.

use axum::{
    Json,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
    },
    response::{Html, IntoResponse, Response},
};
use utoipa::openapi::OpenApi;

use crate::server::openapi::complete;

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

/// `GET /api/v1/openapi.json`.
pub async fn json() -> Json<OpenApi> {
    // public: so is the project.
    Json(description())
}

/// `GET /api/docs`: a page to read the description and try it.
pub async fn page() -> Response {
    // public: so is the project.
    let mut response = Html(PAGE).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
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
