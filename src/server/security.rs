//! Layers of security: the origin check, the caller's address, and headers that are safe by default.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{self, HeaderName},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use engine::account::place;

use super::AppState;
use crate::account::guard::ClientAddress;
use engine::audit::{self, Kind, Note};

/// Refuses a request that a page of another site makes a browser send, so that such a page cannot use the session cookie.
/// Programs send neither `Sec-Fetch-Site` nor `Origin`, and have no cookie to abuse.
pub async fn check_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_same_origin(request.headers()) {
        return next.run(request).await;
    }
    let note = Note::new(Kind::Denied)
        .about("origin")
        .from(&address_of(&state, &request));
    audit::note(&state.database, note).await;
    StatusCode::FORBIDDEN.into_response()
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin_host = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, host)| host);
    origin_host.is_some() && origin_host == text(header::HOST)
}

/// Finds the caller's address for rate limits: that of the connection, or the one that our own proxy saw.
pub async fn find_address(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let address = address_of(&state, &request);
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}

/// The caller's address: that of the connection, or the one that our own proxy saw.
pub fn address_of(state: &AppState, request: &Request) -> String {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip().to_string());
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .filter(|_| state.config.trust_proxy)
        .and_then(|value| value.to_str().ok())
        // The last one is what our own proxy saw; those before it anybody can write.
        .and_then(|list| list.rsplit(',').next())
        .map(|address| address.trim().to_owned());
    // Without a port, and an IPv6 address as its network: whoever changes them is still the same caller.
    place(&forwarded.or(peer).unwrap_or_default())
}

/// Adds the headers that make an answer safe by default. Pages bring a content security policy with their own nonce; other
/// answers may load nothing.
pub async fn safe_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Who may read it may load it.
    let who_loads = match headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        true => "cross-origin",
        false => "same-origin",
    };
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Without a Referer, the error of a plain form has no page to go back to.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (HeaderName::from_static("cross-origin-resource-policy"), who_loads),
    ] {
        // An answer may be stricter.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if state.config.secure_cookies {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
        secure_cookies(headers);
    }
    response
}

/// Adds `Secure` to the cookies that lack it, such as those that take another cookie back: a browser ignores a cookie
/// whose name begins with `__Host-` without it.
fn secure_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        let secured = cookie
            .to_str()
            .ok()
            .filter(|text| {
                !text
                    .split(';')
                    .any(|part| part.trim().eq_ignore_ascii_case("secure"))
            })
            .and_then(|text| HeaderValue::from_str(&format!("{text}; Secure")).ok());
        headers.append(header::SET_COOKIE, secured.unwrap_or(cookie));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn every_cookie_is_secure_once() {
        let mut headers = headers(&[]);
        for cookie in [
            "a=1; Path=/",
            "b=2; secure; Path=/",
            "__Host-c=; Max-Age=0; Path=/",
        ] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        secure_cookies(&mut headers);
        let cookies: Vec<&HeaderValue> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(
            cookies,
            [
                "a=1; Path=/; Secure",
                "b=2; secure; Path=/",
                "__Host-c=; Max-Age=0; Path=/; Secure"
            ]
        );
    }

    #[test]
    fn only_pages_of_this_site_may_post() {
        let table: &[(&[(&str, &str)], bool)] = &[
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "http://a.example"),
                    ("host", "a.example"),
                ],
                false,
            ),
            (
                &[("origin", "http://a.example:3000"), ("host", "a.example:3000")],
                true,
            ),
            (&[("origin", "http://evil.example"), ("host", "a.example")], false),
            (&[("origin", "null"), ("host", "a.example")], false),
            (&[("host", "a.example")], true),
        ];
        for (pairs, expected) in table {
            let pairs: Vec<(&'static str, &'static str)> = pairs.to_vec();
            assert_eq!(is_same_origin(&headers(&pairs)), *expected, "{pairs:?}");
        }
    }
}
