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
    /// Who lists the folder of all calendars is told nothing of what has changed, or is not let in.
    pub says_no_tokens: bool,
    pub refuses_folder: bool,
}

#[derive(Default)]
struct Inside {
    entries: BTreeMap<String, (u64, Option<String>)>,
    revision: u64,
    tokens_since: u64,
    odd: Oddities,
    loses: usize,
    /// The calendars beside the two that there always are.
    more: usize,
    requests: Vec<String>,
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

    /// There are so many calendars more.
    pub fn has_more(&self, more: usize) {
        self.inside().more = more;
    }

    /// What was asked since this was called last.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.inside().requests)
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
    inside.requests.push(format!("{method} {path}"));
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
            if inside.odd.refuses_folder && body.contains("sync-token") {
                return StatusCode::UNAUTHORIZED.into_response();
            }
            home(inside, path)
        }
        ("PROPFIND", "/to-the-inside") => {
            (StatusCode::FOUND, [(LOCATION, "http://10.0.0.1/dav/".to_owned())]).into_response()
        }
        ("PROPFIND", "/in-a-circle") => {
            (StatusCode::FOUND, [(LOCATION, format!("{address}/in-a-circle"))]).into_response()
        }
        ("PROPFIND", "/huge" | "/huge/") => "x".repeat(2 * 1024 * 1024).into_response(),
        ("PROPFIND", "/entities") => {
            let bomb = "<!DOCTYPE m [<!ENTITY a \"aaaa\">]><m>&a;</m>";
            (StatusCode::MULTI_STATUS, bomb).into_response()
        }
        ("PROPFIND", "/busy" | "/busy/") => {
            (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "120")]).into_response()
        }
        ("PROPFIND", calendar) if calendar.starts_with("/sari@example/") => list(inside, calendar, None),
        ("REPORT", calendar) if body.contains("sync-collection") && !inside.odd.cannot_sync => {
            sync(inside, calendar, body)
        }
        ("REPORT", _) if body.contains("calendar-multiget") && !inside.odd.cannot_read_many => {
            read(inside, body)
        }
        ("REPORT", _) => StatusCode::NOT_IMPLEMENTED.into_response(),
        ("PUT" | "DELETE" | "GET", _) => entry(inside, method, path, headers, body),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Lists the folder of all calendars.
fn home(inside: &Inside, path: &str) -> Response {
    let calendar = |path: &str| {
        let plain = path.replace("%40", "@");
        let token = match inside.odd {
            Oddities {
                says_no_tokens: true, ..
            } => String::new(),
            Oddities {
                cannot_sync: true, ..
            } => {
                format!(
                    "<s:getctag xmlns:s=\"http://calendarserver.org/ns/\">{}</s:getctag>",
                    revision_of(inside, &plain)
                )
            }
            _ => format!(
                "<d:sync-token>\n  urn:{}\n</d:sync-token>",
                revision_of(inside, &plain)
            ),
        };
        format!("<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>{token}")
    };
    let read_only =
        "<d:current-user-privilege-set><d:privilege><d:read/></d:privilege></d:current-user-privilege-set>";
    let holidays = "/sari@example/holidays/";
    let mut body = found(path, "<d:resourcetype><d:collection/></d:resourcetype>");
    body += &found(
        CALENDAR,
        &format!(
            "<d:displayname>Work &amp; duty</d:displayname>{}",
            calendar(CALENDAR)
        ),
    );
    body += &found(holidays, &format!("{}{read_only}", calendar(holidays)));
    for number in 0..inside.more {
        // Without what a folder ends with, as some write it.
        let more = format!("/sari@example/more{number}");
        body += &found(&more, &calendar(&format!("{more}/")));
    }
    xml(207, body)
}

/// The newest revision of a calendar.
fn revision_of(inside: &Inside, calendar: &str) -> u64 {
    let of_it = inside
        .entries
        .iter()
        .filter(|(path, _)| path.starts_with(calendar));
    let newest = of_it.map(|(_, (revision, _))| *revision).max();
    newest.unwrap_or_default().max(inside.tokens_since)
}

fn list(inside: &Inside, calendar: &str, since: Option<u64>) -> Response {
    let mut body = String::new();
    let of_it = inside
        .entries
        .iter()
        .filter(|(path, _)| path.starts_with(calendar));
    for (path, (revision, there)) in of_it {
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
        format!(
            "{body}<d:sync-token>urn:{}</d:sync-token>",
            revision_of(inside, calendar)
        ),
    )
}

fn sync(inside: &Inside, calendar: &str, body: &str) -> Response {
    let token = body
        .split("<D:sync-token>")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap_or_default();
    match token.strip_prefix("urn:").and_then(|token| token.parse().ok()) {
        None => list(inside, calendar, None),
        Some(token) if token >= inside.tokens_since => list(inside, calendar, Some(token)),
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
