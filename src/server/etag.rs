//! Conditional GET: adds an `ETag` and answers 304 to a matching `If-None-Match`. The answer is always computed; nothing is
//! cached.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    middleware::Next,
    response::Response,
};
use sha2::{Digest, Sha256};

use engine::{error::AppError, i18n::Locale};

use super::problem;

/// The version of the thing in an answer, which begins its ETag.
#[derive(Clone, Copy, Debug)]
pub struct Version(pub i32);

/// The size of an answer that is hashed, in bytes; no answer is longer.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Adds an `ETag` to what a `GET` answers, and answers 304 where the caller has just that (RFC 9110, 13.1.2).
pub async fn etag(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let known = request.headers().clone();
    let is_for_everybody = !request.headers().contains_key(AUTHORIZATION);
    let locale = request.extensions().get::<Locale>().copied().unwrap_or_default();
    let response = next.run(request).await;
    // Whoever knows its own has compared it.
    if response.status() != StatusCode::OK || response.headers().contains_key(ETAG) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BYTES).await else {
        return problem(AppError::Internal, locale);
    };
    let tag = tag(&bytes, parts.extensions.get::<Version>().copied());
    let is_known = is_known(&known, &tag);
    let headers = &mut parts.headers;
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    headers.append(VARY, HeaderValue::from_static("accept-language, authorization"));
    if is_for_everybody {
        // To be kept, and asked about each time; what belongs to somebody is not to be kept at all.
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-cache"));
    }
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// A weak ETag, since compression changes the bytes: `W/"<version>-<hash>"`.
pub fn tag(bytes: &[u8], version: Option<Version>) -> String {
    let hex = digits(&Sha256::digest(bytes));
    match version {
        Some(Version(version)) => format!("W/\"{version}-{hex}\""),
        None => format!("W/\"{hex}\""),
    }
}

/// The digits of a hash that an ETag shows.
pub fn digits(hash: &[u8]) -> String {
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the version of an ETag, with or without its hash. The hash differs by language and says nothing about what the
/// caller has seen.
pub fn version_in(tag: &HeaderValue) -> Option<i32> {
    let tag = tag.to_str().ok()?.trim().trim_start_matches("W/");
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    let version = tag.split_once('-').map_or(tag, |(version, _)| version);
    version.parse().ok().filter(|version| *version > 0)
}

/// Whether `If-None-Match` has this ETag, in any of its lines.
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().any(|line| names(line, tag))
}

/// Whether a line of `If-None-Match` has this ETag, by the weak comparison of RFC 9110.
fn names(known: &HeaderValue, tag: &str) -> bool {
    fn strong(tag: &str) -> &str {
        let tag = tag.trim();
        tag.strip_prefix("W/").unwrap_or(tag)
    }
    known.to_str().is_ok_and(|known| {
        known
            .split(',')
            .any(|one| one.trim() == "*" || strong(one) == strong(tag))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_names_one_whether_weak_or_strong() {
        let tag = tag(b"times", None);
        let strong = tag.trim_start_matches("W/");
        for (known, expected) in [
            (tag.clone(), true),
            (strong.to_owned(), true),
            (format!("\"other\", {tag}"), true),
            (format!("{strong},\"other\""), true),
            (format!("\"a, b\" ,{tag}"), true),
            ("*".to_owned(), true),
            (" * ".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (String::new(), false),
            (strong.trim_matches('"').to_owned(), false),
        ] {
            let header = HeaderValue::from_str(&known).unwrap();
            assert_eq!(names(&header, &tag), expected, "{known}");
        }
    }

    #[test]
    fn a_version_is_read_from_a_tag() {
        let whole = tag(b"a service", Some(Version(7)));
        for (tag, expected) in [
            (whole.as_str(), Some(7)),
            (whole.trim_start_matches("W/"), Some(7)),
            ("\"7\"", Some(7)),
            ("W/\"7\"", Some(7)),
            ("7", None),
            ("\"-7\"", None),
            ("\"0\"", None),
            ("\"seven\"", None),
            ("\"7\", \"8\"", None),
            ("", None),
        ] {
            assert_eq!(
                version_in(&HeaderValue::from_str(tag).unwrap()),
                expected,
                "{tag}"
            );
        }
    }
}
