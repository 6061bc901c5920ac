//! A client of HTTP that can do what people do to servers: leave in the middle.

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1::{self, SendRequest},
    header::HeaderMap,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, task::JoinHandle};

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, which can be sent as often as need be.
#[derive(Clone, Debug)]
pub struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Ask {
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// A call of the JSON API.
    pub fn json(path: impl Into<String>, body: &Value) -> Self {
        Self {
            method: "POST",
            path: format!("/api/v1{}", path.into()),
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string().into(),
        }
    }

    /// What a provider posts, with its signature in the header of this name.
    pub fn signed(
        path: impl Into<String>,
        body: String,
        (header, signature): (&'static str, String),
    ) -> Self {
        Self {
            method: "POST",
            path: path.into(),
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.into(),
        }
        .header(header, signature)
    }

    /// A form, sent the way a program does, which is told by status and problem+json.
    pub fn form(name: &str, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        Self {
            method: "POST",
            path: format!("/form/{name}"),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: pairs.join("&").into(),
        }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key.to_owned())
    }

    pub fn cookie(self, cookie: &str) -> Self {
        if cookie.is_empty() {
            return self;
        }
        self.header("cookie", cookie.to_owned())
    }

    fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    headers: HeaderMap,
    pub body: Bytes,
    pub took: Duration,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of an error.
    pub fn code(&self) -> String {
        match self.json()["code"].as_str() {
            Some(code) => code.to_owned(),
            None => format!("HTTP {}", self.status),
        }
    }

    pub fn location(&self) -> &str {
        self.text("location")
    }

    /// Whether it says when to come back.
    pub fn has_retry_after(&self) -> bool {
        !self.text("retry-after").is_empty()
    }

    /// The session that a browser would remember.
    pub fn session(&self) -> Option<String> {
        let cookie = self.text("set-cookie").split(';').next()?;
        cookie.starts_with("janji=").then(|| cookie.to_owned())
    }

    fn text(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing was sent.
    Unreachable,
    /// The server went away, or the network did.
    Lost,
    TimedOut,
    /// We went away.
    Left,
}

/// A connection that is open.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        // Closes the socket, whatever is on its way.
        self.driver.abort();
    }
}

/// Somebody who sends one request at a time, and keeps the connection to each server.
#[derive(Default)]
pub struct Client {
    lines: HashMap<SocketAddr, Line>,
}

impl Client {
    /// Sends a request and waits for the answer.
    pub async fn send(&mut self, server: SocketAddr, ask: &Ask) -> Result<Answer, Silence> {
        self.send_and_leave(server, ask, None).await
    }

    /// Sends a request and hangs up after a while, without waiting for the answer.
    pub async fn send_and_leave(
        &mut self,
        server: SocketAddr,
        ask: &Ask,
        leave_after: Option<Duration>,
    ) -> Result<Answer, Silence> {
        let mut line = match self.lines.remove(&server) {
            Some(line) if !line.sender.is_closed() => line,
            _ => open(server).await.ok_or(Silence::Unreachable)?,
        };
        let started = Instant::now();
        let limit = leave_after.unwrap_or(PATIENCE);
        let result = tokio::time::timeout(limit, exchange(&mut line, server, ask, started)).await;
        match result {
            Ok(Some(answer)) => {
                self.lines.insert(server, line);
                Ok(answer)
            }
            Ok(None) => Err(Silence::Lost),
            Err(_) if leave_after.is_some() => Err(Silence::Left),
            Err(_) => Err(Silence::TimedOut),
        }
    }
}

async fn open(server: SocketAddr) -> Option<Line> {
    let connecting = tokio::time::timeout(Duration::from_secs(5), TcpStream::connect(server));
    let stream = connecting.await.ok()?.ok()?;
    stream.set_nodelay(true).ok()?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driver = tokio::spawn(async move {
        // What went wrong is told to whoever waits for an answer.
        let _ = connection.await;
    });
    Some(Line { sender, driver })
}

async fn exchange(line: &mut Line, server: SocketAddr, ask: &Ask, started: Instant) -> Option<Answer> {
    let mut request = Request::builder()
        .method(ask.method)
        .uri(&ask.path)
        .header("host", server.to_string());
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(ask.body.clone())).ok()?;
    line.sender.ready().await.ok()?;
    let response = line.sender.send_request(request).await.ok()?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    Some(Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
        took: started.elapsed(),
    })
}
