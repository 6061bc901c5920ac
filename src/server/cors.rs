//! CORS: lets pages of the configured origins call the API from a browser (C11).

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, Method,
        header::{
            ACCEPT_LANGUAGE, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_TYPE, ETAG, EXPIRES,
            IF_MATCH, IF_NONE_MATCH, LOCATION, ORIGIN, RETRY_AFTER, VARY,
        },
        uri::Authority,
    },
    middleware::Next,
    response::Response,
};
use tower::{Layer, Service};
use tower_http::cors::CorsLayer;

use super::{api::IDEMPOTENCY_KEY, rate_limit_headers};

/// Headers of FHIR.
const IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The time for which a browser caches a preflight; none caches it for longer.
const REMEMBERED: Duration = Duration::from_secs(2 * 60 * 60);

/// The allowed origins, and the headers for them.
#[derive(Clone, Debug)]
pub struct Cors {
    origins: Vec<HeaderValue>,
    layer: CorsLayer,
}

impl Cors {
    /// Makes the layer, without credentials: the API takes a token in a header, and no cookie.
    pub fn new(origins: &[HeaderValue]) -> Self {
        let layer = CorsLayer::new()
            .allow_origin(origins.to_vec())
            .allow_methods([
                Method::GET,
                Method::POST,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
            ])
            .allow_headers([
                AUTHORIZATION,
                CONTENT_TYPE,
                ACCEPT_LANGUAGE,
                IDEMPOTENCY_KEY,
                IF_MATCH,
                IF_NONE_MATCH,
                IF_NONE_EXIST,
                PREFER,
            ])
            .expose_headers([
                ETAG,
                EXPIRES,
                LOCATION,
                RETRY_AFTER,
                rate_limit_headers::STATE,
                rate_limit_headers::POLICY,
            ])
            .max_age(REMEMBERED)
            .vary([ORIGIN]);
        Self {
            origins: origins.to_vec(),
            layer,
        }
    }
}

/// Lets a browser use the answers on the pages of these origins, and tells it before what may be asked. For everybody else
/// all is as it would be without.
pub async fn allow(State(cors): State<Cors>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_allowed = headers
        .get(ORIGIN)
        .is_some_and(|origin| cors.origins.contains(origin));
    let asks_for_nothing =
        request.method() == Method::OPTIONS && !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !is_allowed || asks_for_nothing {
        let mut response = next.run(request).await;
        response
            .headers_mut()
            .append(VARY, HeaderValue::from_static("origin"));
        return response;
    }
    match cors.layer.layer(next).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// An origin, as browsers write it: scheme, host and, where it is not the usual one, port.
pub fn origin(text: &str) -> Option<HeaderValue> {
    let text = text.trim().to_ascii_lowercase();
    let (scheme, host) = text.split_once("://")?;
    let usual_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let host = host.strip_suffix(usual_port).unwrap_or(host);
    let authority: Authority = host.parse().ok()?;
    let is_a_host = !authority.host().is_empty()
        && !host.ends_with(':')
        && !host.contains(['@', '*', ','])
        && authority.as_str() == host;
    is_a_host
        .then(|| HeaderValue::from_str(&format!("{scheme}://{host}")).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for (text, expected) in [
            ("https://a.example", Some("https://a.example")),
            (" HTTPS://A.Example ", Some("https://a.example")),
            ("http://localhost:5173", Some("http://localhost:5173")),
            ("https://a.example:443", Some("https://a.example")),
            ("http://a.example:80", Some("http://a.example")),
            ("https://a.example:80", Some("https://a.example:80")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("https://a.example/", None),
            ("https://a.example/page", None),
            ("https://a.example?q", None),
            ("https://*.example", None),
            ("https://me@a.example", None),
            ("https://a.example:", None),
            ("https://", None),
            ("ftp://a.example", None),
            ("a.example", None),
            ("null", None),
            ("*", None),
            ("", None),
        ] {
            let read = origin(text);
            let read = read.as_ref().map(|origin| origin.to_str().unwrap());
            assert_eq!(read, expected, "{text}");
        }
    }
}
