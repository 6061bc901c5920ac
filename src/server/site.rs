//! The files that pages need, scripts, styles, fonts and icons: all of them are in the program.

use std::{borrow::Cow, sync::LazyLock};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::config::LeptosOptions;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{AppState, Origin, etag};
use engine::time::plus_minutes;

/// The folder that `script/build` fills before it builds the server. Without it, the program has no files, and its pages
/// are plain.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Files;

/// The folder of what is built with a hash of its content in its name.
const BUILT: &str = "pkg";

/// How compressed files are called, the best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The names of the built files, which change with their content.
#[derive(Debug)]
struct Names {
    /// The name that the script and the WebAssembly begin with.
    script: String,
    style: String,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let find = |ending: &str| {
        Files::iter().find_map(|file| {
            let name = file
                .strip_prefix(BUILT)?
                .strip_prefix('/')?
                .strip_suffix(ending)?;
            Some(name.to_owned())
        })
    };
    Names {
        script: find(".js").unwrap_or_else(|| "janji".to_owned()),
        style: find(".css").unwrap_or_else(|| "janji".to_owned()),
    }
});

/// Returns the options by which leptos names the script of a page.
pub fn leptos_options() -> LeptosOptions {
    LeptosOptions::builder()
        .output_name(NAMES.script.as_str())
        .site_pkg_dir(BUILT)
        .hash_files(false)
        .build()
}

/// Returns the address of the style sheet.
pub fn style_path() -> String {
    format!("/{BUILT}/{}.css", NAMES.style)
}

/// Serves the files, which were compressed when the program was built.
pub fn files() -> Router<AppState> {
    let mut files = Router::new();
    for path in [
        "/pkg/{*file}",
        "/fonts/{*file}",
        "/swagger/{*file}",
        "/favicon.svg",
        "/icons.svg",
        "/logo.svg",
        "/passkey.js",
        "/robots.txt",
    ] {
        files = files.route(path, get(file));
    }
    files
}

/// The days for which `security.txt` says that it can be relied on, from whenever it is read.
const SECURITY_TXT_DAYS: i64 = 90;

/// `GET /.well-known/security.txt` (RFC 9116): whom to tell of a security problem, where the operator says so.
pub async fn security_txt(State(state): State<AppState>, Origin(origin): Origin) -> Response {
    let Some(contact) = &state.config.operation.security_contact else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let expires = plus_minutes(state.now(), SECURITY_TXT_DAYS * 24 * 60).strftime("%Y-%m-%dT00:00:00Z");
    let mut text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en, id, de\n");
    if let Some(origin) = origin {
        text += &format!("Canonical: {origin}/.well-known/security.txt\n");
    }
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

async fn file(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    // Somebody who asks for the compressed file by its name means this one.
    let Some(plain) = Files::get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepted = request
        .headers()
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let compressed = ENCODINGS.iter().find_map(|(encoding, ending)| {
        let file = accepts(accepted?, encoding).then(|| Files::get(&format!("{path}{ending}")))??;
        Some((*encoding, file))
    });
    let kind = plain.metadata.mimetype().to_owned();
    let (encoding, file) = match compressed {
        Some((encoding, file)) => (Some(encoding), file),
        None => (None, plain),
    };
    let tag = tag(&file);
    let mut response = match etag::is_known(request.headers(), &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Response::new(body(file)),
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(CONTENT_TYPE, kind);
    }
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(lifetime(path)));
    response
}

/// An ETag of these very bytes: a compressed file has another one.
fn tag(file: &EmbeddedFile) -> String {
    format!("\"{}\"", etag::digits(&file.metadata.sha256_hash()))
}

fn body(file: EmbeddedFile) -> Body {
    Body::from(match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    })
}

/// Whether a list such as `gzip, br;q=0.5` has this encoding, and does not refuse it by `q=0`.
fn accepts(list: &str, encoding: &str) -> bool {
    list.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let is_named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let is_refused = parts.any(|part| {
            part.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0)
            })
        });
        is_named && !is_refused
    })
}

/// Lets browsers keep a file for a year if its name has a hash or its content never changes, and otherwise for a day.
fn lifetime(path: &str) -> &'static str {
    match path.split_once('/') {
        Some((BUILT, _)) => "public, max-age=31536000, immutable",
        Some(("fonts", _)) => "public, max-age=31536000",
        _ => "public, max-age=86400",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_accepted_by_name() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("BR;q=0.5", "br"));
        assert!(!accepts("gzip", "br"));
    }

    #[test]
    fn an_encoding_of_no_quality_is_refused() {
        assert!(!accepts("br; q=0, gzip", "br"));
        assert!(!accepts("br;Q=0.000", "br"));
    }
}
