//! `HEAD`, which is `GET` without the body (RFC 9110, 9.3.2).

use axum::{extract::Request, http::Method, middleware::Next, response::Response};

/// The mark of a request that asks for the headers alone: a page that shows something just once does not show it then.
#[derive(Clone, Copy, Debug)]
pub struct HeadersOnly;

/// Answers `HEAD` as `GET`, with all headers: `ETag`, `Cache-Control` and `Vary` come of the body, which every layer within
/// sees. The route around this one sends the headers alone.
pub async fn answer_as_get(mut request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
        request.extensions_mut().insert(HeadersOnly);
    }
    next.run(request).await
}
