//! A small server of CalDAV, which can be as odd as real ones are.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header::LOCATION},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use tokio_stream::StreamExt;

/// How a server is odd.
#[derive(Clone, Copy, Debug, Default)]
pub struct Oddities {
    /// It says no ETag when something is written.
    pub says_no_etag: bool,
    /// It cannot say what has changed.
    pub cannot_sync: bool,
    /// It cannot read several entries at once.
    pub cannot_read_many: bool,
}

#[derive(Default)]
struct Inside {
    entries: BTreeMap<String, (u64, Option<String>)>,
    revision: u64,
    tokens_since: u64,
    odd: Oddities,
    loses: usize,
}

/// The server, with a calendar of this doctor.
#[derive(Clone, Default)]
pub struct Dav {
    inside: Arc<Mutex<Inside>>,
    address: String,
}

pub const CALENDAR: &str = "/sari%40example/work/";

impl Dav {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dav = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            ..Self::default()
        };
        let router = Router::new().fallback(answer).with_state(dav.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        dav
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    pub fn is_odd(&self, odd: Oddities) {
        self.inside().odd = odd;
    }

    /// Loses the next answers: the work is done.
    pub fn lose(&self, count: usize) {
        self.inside().loses = count;
    }

    pub fn forget_tokens(&self) {
        let mut inside = self.inside();
        inside.revision += 1;
        inside.tokens_since = inside.revision;
    }

    /// The bodies that are there, by path.
    pub fn entries(&self) -> BTreeMap<String, String> {
        let inside = self.inside();
        let there = inside.entries.iter();
        there
            .filter_map(|(path, (_, body))| Some((path.clone(), body.clone()?)))
            .collect()
    }

    pub fn change(&self, path: &str, body: Option<&str>) {
        let mut inside = self.inside();
        inside.revision += 1;
        let revision = inside.revision;
        inside
            .entries
            .insert(path.to_owned(), (revision, body.map(str::to_owned)));
    }
}

fn xml(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let body = format!(
        "<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\">{body}</d:multistatus>"
    );
    (status, [("content-type", "application/xml")], body).into_response()
}

fn found(href: &str, properties: &str) -> String {
    format!(
        "<d:response><d:href>{href}</d:href><d:propstat><d:prop>{properties}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )
}

fn etag(revision: u64) -> String {
    format!("\"r{revision}\"")
}

async fn answer(
    State(dav): State<Dav>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let mut inside = dav.inside();
    // "sari:secret".
    if headers
        .get("authorization")
        .is_none_or(|given| given != "Basic c2FyaTpzZWNyZXQ=")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let response = respond(&mut inside, &dav.address, method.as_str(), &path, &headers, &body);
    if inside.loses > 0 {
        inside.loses -= 1;
        let broken = tokio_stream::once(Ok::<_, std::io::Error>(Bytes::from_static(b"x")))
            .chain(tokio_stream::once(Err(std::io::Error::other("lost"))));
        return Body::from_stream(broken).into_response();
    }
    response
}

fn respond(
    inside: &mut Inside,
    address: &str,
    method: &str,
    path: &str,
    headers: &HeaderMap,
    body: &str,
) -> Response {
    match (method, path) {
        ("PROPFIND", "/.well-known/caldav") => {
            (StatusCode::MOVED_PERMANENTLY, [(LOCATION, "/dav/")]).into_response()
        }
        ("PROPFIND", "/dav/") => xml(
            207,
            found(
                path,
                "<d:current-user-principal><d:href>/users/sari/</d:href></d:current-user-principal>",
            ),
        ),
        ("PROPFIND", "/users/sari/") => xml(
            207,
            found(
                path,
                "<c:calendar-home-set><d:href>/sari%40example/</d:href></c:calendar-home-set>",
            ),
        ),
        ("PROPFIND", "/sari@example/") => {
            let calendar = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>";
            let read_only = "<d:current-user-privilege-set><d:privilege><d:read/></d:privilege></d:current-user-privilege-set>";
            xml(
                207,
                found(path, "<d:resourcetype><d:collection/></d:resourcetype>")
                    + &found(
                        CALENDAR,
                        &format!("<d:displayname>Work &amp; duty</d:displayname>{calendar}"),
                    )
                    + &found("/sari@example/holidays/", &format!("{calendar}{read_only}")),
            )
        }
        ("PROPFIND", "/to-the-inside") => {
            (StatusCode::FOUND, [(LOCATION, "http://10.0.0.1/dav/".to_owned())]).into_response()
        }
        ("PROPFIND", "/in-a-circle") => {
            (StatusCode::FOUND, [(LOCATION, format!("{address}/in-a-circle"))]).into_response()
        }
        ("PROPFIND", "/huge") => "x".repeat(2 * 1024 * 1024).into_response(),
        ("PROPFIND", "/entities") => {
            let bomb = "<!DOCTYPE m [<!ENTITY a \"aaaa\">]><m>&a;</m>";
            (StatusCode::MULTI_STATUS, bomb).into_response()
        }
        ("PROPFIND", "/busy") => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "120")]).into_response(),
        ("PROPFIND", "/sari@example/work/") => list(inside, None),
        ("REPORT", _) if body.contains("sync-collection") && !inside.odd.cannot_sync => sync(inside, body),
        ("REPORT", _) if body.contains("calendar-multiget") && !inside.odd.cannot_read_many => {
            read(inside, body)
        }
        ("REPORT", _) => StatusCode::NOT_IMPLEMENTED.into_response(),
        ("PUT" | "DELETE" | "GET", _) => entry(inside, method, path, headers, body),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn list(inside: &Inside, since: Option<u64>) -> Response {
    let mut body = String::new();
    for (path, (revision, there)) in &inside.entries {
        match there {
            _ if since.is_some_and(|since| *revision <= since) => {}
            // In another writing than it was asked in.
            Some(_) => {
                body += &found(
                    &path.replace('@', "%40"),
                    &format!("<d:getetag>{}</d:getetag>", etag(*revision)),
                )
            }
            None if since.is_some() => {
                body += &format!(
                    "<d:response><d:href>{path}</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>"
                );
            }
            None => {}
        }
    }
    xml(
        207,
        format!("{body}<d:sync-token>urn:{}</d:sync-token>", inside.revision),
    )
}

fn sync(inside: &Inside, body: &str) -> Response {
    let token = body
        .split("<D:sync-token>")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap_or_default();
    match token.strip_prefix("urn:").and_then(|token| token.parse().ok()) {
        None => list(inside, None),
        Some(token) if token >= inside.tokens_since => list(inside, Some(token)),
        Some(_) => (
            StatusCode::FORBIDDEN,
            "<d:error xmlns:d=\"DAV:\"><d:valid-sync-token/></d:error>",
        )
            .into_response(),
    }
}

fn read(inside: &Inside, body: &str) -> Response {
    let wanted = body
        .split("<D:href>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next());
    let entries = wanted.map(|href| match inside.entries.get(&href.replace("%40", "@")) {
        Some((revision, Some(text))) => found(
            href,
            &format!(
                "<d:getetag>{}</d:getetag><c:calendar-data>{text}</c:calendar-data>",
                etag(*revision)
            ),
        ),
        _ => format!(
            "<d:response><d:href>{href}</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>"
        ),
    });
    xml(207, entries.collect())
}

fn entry(inside: &mut Inside, method: &str, path: &str, headers: &HeaderMap, body: &str) -> Response {
    let path = path.replace("%40", "@");
    let there = inside.entries.get(&path).cloned();
    let there = there.and_then(|(revision, body)| Some((etag(revision), body?)));
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let is_refused = match (&there, header("if-match"), header("if-none-match")) {
        (Some((etag, _)), Some(wanted), _) => *etag != wanted,
        (None, Some(_), _) => true,
        (Some(_), None, Some(_)) => true,
        _ => false,
    };
    match (method, there) {
        ("GET", Some((etag, body))) => (StatusCode::OK, [("etag", etag)], body).into_response(),
        ("GET" | "DELETE", None) => StatusCode::NOT_FOUND.into_response(),
        _ if is_refused => StatusCode::PRECONDITION_FAILED.into_response(),
        (method, _) => {
            inside.revision += 1;
            let revision = inside.revision;
            let written = (method == "PUT").then(|| body.to_owned());
            inside.entries.insert(path, (revision, written));
            match inside.odd.says_no_etag {
                true => StatusCode::NO_CONTENT.into_response(),
                false => (StatusCode::NO_CONTENT, [("etag", etag(revision))]).into_response(),
            }
        }
    }
}
