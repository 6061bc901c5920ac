//! `HEAD`, which is `GET` without the body (RFC 9110, 9.3.2).

use axum::{extract::Request, http::Method, middleware::Next, response::Response};

/// Answers `HEAD` as `GET`, with all headers: `ETag`, `Cache-Control` and `Vary` come of the body, which every layer within
/// sees. The route around this one sends the headers alone.
pub async fn answer_as_get(mut request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    next.run(request).await
}
