//! Words for requests that the HTTP library refuses before any handler sees them: an address of more than 64 KiB, or more
//! than a hundred headers. It answers those with an empty 414 or 431, which is replaced on its way to the socket.

use std::{
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    serve::{Listener, ListenerExt, TapIo},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use super::{
    fields::accepts_html,
    locale::locale,
    refusal::{self, Refused},
};
use crate::fhir;
use engine::i18n::Texts;

/// How much of a request is remembered: of its beginning, where the path is, and of its end, where the headers are.
const MAX_START: usize = 2048;
const MAX_END: usize = 4096;

/// A listener whose connections have words for every refusal.
pub fn explaining(listener: TcpListener) -> TapIo<ExplainingListener, fn(&mut Explaining)> {
    // Only through this adapter does a listener of our own say from where a connection came.
    ExplainingListener(listener).tap_io(|_| {})
}

/// A listener for TCP connections.
#[derive(Debug)]
pub struct ExplainingListener(TcpListener);

impl Listener for ExplainingListener {
    type Io = Explaining;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Explaining, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Explaining::new(stream), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection that puts words into an empty refusal.
pub struct Explaining {
    stream: TcpStream,
    asked: Asked,
    /// What is written instead of an answer, and how much of it was written.
    instead: Option<(Vec<u8>, usize)>,
}

impl Explaining {
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            asked: Asked::default(),
            instead: None,
        }
    }

    /// Writes the words in place of an empty refusal. `None` where the answer is none.
    fn poll_instead(&mut self, context: &mut Context<'_>, answer: &[u8]) -> Option<Poll<io::Result<()>>> {
        if self.instead.is_none() {
            self.asked.is_answered = true;
            let refused = refused(answer)?;
            self.instead = Some((self.asked.words(refused), 0));
        }
        let (words, written) = self.instead.as_mut()?;
        while *written < words.len() {
            match Pin::new(&mut self.stream).poll_write(context, &words[*written..]) {
                Poll::Ready(Ok(0)) => return Some(Poll::Ready(Err(io::ErrorKind::WriteZero.into()))),
                Poll::Ready(Ok(count)) => *written += count,
                Poll::Ready(Err(error)) => return Some(Poll::Ready(Err(error))),
                Poll::Pending => return Some(Poll::Pending),
            }
        }
        self.instead = None;
        Some(Poll::Ready(Ok(())))
    }
}

impl AsyncRead for Explaining {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.asked.read(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Explaining {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        answer: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.poll_instead(context, answer) {
            Some(written) => written.map_ok(|()| answer.len()),
            None => Pin::new(&mut self.stream).poll_write(context, answer),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first: &[u8] = parts.first().map_or(&[], |part| part);
        match self.poll_instead(context, first) {
            Some(written) => written.map_ok(|()| first.len()),
            None => Pin::new(&mut self.stream).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The status of an answer that is a refusal without a body. None of the handlers' refusals is.
fn refused(answer: &[u8]) -> Option<Refused> {
    let status = match answer.strip_prefix(b"HTTP/1.")?.get(1..5)? {
        b" 414" => StatusCode::URI_TOO_LONG,
        b" 431" => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        _ => return None,
    };
    let head = String::from_utf8_lossy(answer).to_ascii_lowercase();
    (head.contains("\r\ncontent-length: 0\r\n") && head.ends_with("\r\n\r\n")).then_some(Refused(status))
}

/// What was read since the last answer.
#[derive(Default)]
struct Asked {
    start: Vec<u8>,
    end: Vec<u8>,
    is_answered: bool,
}

impl Asked {
    fn read(&mut self, bytes: &[u8]) {
        if std::mem::take(&mut self.is_answered) {
            self.start.clear();
            self.end.clear();
        }
        let room = MAX_START.saturating_sub(self.start.len()).min(bytes.len());
        let (start, rest) = bytes.split_at(room);
        self.start.extend_from_slice(start);
        let rest = &rest[rest.len().saturating_sub(MAX_END)..];
        let over = (self.end.len() + rest.len()).saturating_sub(MAX_END);
        self.end.drain(..over);
        self.end.extend_from_slice(rest);
    }

    /// The headers that decide in what words a refusal is said.
    fn headers(&self) -> HeaderMap {
        let text = [&self.start[..], &self.end].concat();
        let text = String::from_utf8_lossy(&text);
        text.split("\r\n")
            .filter_map(|line| {
                let (name, value) = line.split_once(':')?;
                let name = name.to_ascii_lowercase();
                if !["accept", "accept-language", "cookie"].contains(&&*name) {
                    return None;
                }
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                Some((name, HeaderValue::from_str(value.trim()).ok()?))
            })
            .collect()
    }

    fn path(&self) -> &[u8] {
        self.start.split(|&byte| byte == b' ').nth(1).unwrap_or_default()
    }

    fn is_of_api(&self) -> bool {
        self.path().starts_with(b"/api/")
    }

    fn is_of_fhir(&self) -> bool {
        self.path().starts_with(b"/fhir/")
    }

    /// The whole answer that says a refusal.
    fn words(&self, refused: Refused) -> Vec<u8> {
        let headers = self.headers();
        let problem = || refused.problem(&headers).into_example().unwrap_or_default();
        let (kind, body) = match accepts_html(&headers) && !self.is_of_api() {
            _ if self.is_of_fhir() => (fhir::MEDIA_TYPE, fhir::outcome::of(&problem()).1.to_string()),
            true => (
                "text/html; charset=utf-8",
                page(refused, Texts::of(locale(&headers))),
            ),
            false => ("application/problem+json", problem().to_string()),
        };
        let status = refused.0;
        format!(
            "HTTP/1.1 {} {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
             content-security-policy: {}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n{body}",
            status.as_u16(),
            status.canonical_reason().unwrap_or_default(),
            body.len(),
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        .into_bytes()
    }
}

/// A page without the layout, which needs a request that was read.
fn page(refused: Refused, texts: Texts) -> String {
    let (title, text) = refused.texts().unwrap_or(refusal::UNKNOWN);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Janji</title></head>\
         <body><main><h1>{title}</h1><p>{}</p><p><a href=\"/\">{}</a></p></main></body></html>\n",
        texts.locale().code(),
        texts.text(text),
        texts.text("to-start"),
        title = texts.text(title),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_refusal_is_told_from_every_other_answer() {
        let empty = b"HTTP/1.1 414 URI Too Long\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        assert_eq!(refused(empty).map(|refused| refused.0.as_u16()), Some(414));
        let empty =
            b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(refused(empty).map(|refused| refused.0.as_u16()), Some(431));
        for other in [
            &b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 414 URI Too Long\r\ncontent-length: 20\r\n\r\n",
            b"HTTP/1.1 431",
            b"414",
            b"",
        ] {
            assert!(refused(other).is_none(), "{:?}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn a_refusal_is_said_in_the_language_of_who_asked() {
        let mut asked = Asked::default();
        asked.read(b"GET / HTTP/1.1\r\n\r\n");
        asked.is_answered = true;
        asked.read(b"GET /?q=");
        asked.read(&[b'x'; 70_000]);
        asked.read(b" HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nAccept-Language: de\r\n\r\n");
        let page = String::from_utf8(asked.words(Refused(StatusCode::URI_TOO_LONG))).unwrap();
        assert!(page.starts_with("HTTP/1.1 414 URI Too Long\r\n"), "{page}");
        assert!(page.contains("<html lang=\"de\">"), "{page}");
        let (_, body) = page.split_once("\r\n\r\n").unwrap();
        assert!(page.contains(&format!("content-length: {}\r\n", body.len())));

        let mut asked = Asked::default();
        asked.read(b"GET /api/v1/doctors HTTP/1.1\r\naccept: text/html\r\naccept-language: id\r\n\r\n");
        let problem =
            String::from_utf8(asked.words(Refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE))).unwrap();
        assert!(
            problem.contains("content-type: application/problem+json"),
            "{problem}"
        );
        let (_, body) = problem.split_once("\r\n\r\n").unwrap();
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["status"], 431);

        let mut asked = Asked::default();
        asked.read(b"GET /fhir/r4/Slot HTTP/1.1\r\naccept: text/html\r\n\r\n");
        let outcome = String::from_utf8(asked.words(Refused(StatusCode::URI_TOO_LONG))).unwrap();
        assert!(
            outcome.contains("content-type: application/fhir+json"),
            "{outcome}"
        );
        assert!(
            outcome.contains("\"resourceType\":\"OperationOutcome\""),
            "{outcome}"
        );
    }
}
