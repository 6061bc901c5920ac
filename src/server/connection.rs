//! Connections: how many there may be, and how slow they may be.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv6Addr},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use super::unreadable::Explaining;
use axum::body::Bytes;
use engine::database::Database;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// How many connections there may be, and how long they may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// 0 is without limit.
    pub overall: usize,
    /// From one IPv4 address or one IPv6 network of 64 bits; 0 is without limit.
    pub per_address: usize,
    pub times: Times,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            overall: 8_192,
            per_address: 256,
            times: Times::default(),
        }
    }
}

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From the connection, or the first byte of a later request, to the end of its headers.
    pub header: Duration,
    /// From the end of the headers to the end of the body.
    pub body: Duration,
    /// Between an answer and the next request. Longer than what proxies keep a connection for, so that it is the proxy who
    /// ends it.
    pub idle: Duration,
    /// For which a client may take nothing of an answer.
    pub write: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(15),
            body: Duration::from_secs(60),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
        }
    }
}

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Overall,
    Address,
}

/// The number of open connections, and of those that were refused by each limit. They are there from the beginning.
pub fn numbers(database: &Database) -> (Gauge, [Counter; 2]) {
    database.statistics().record(|| {
        describe_gauge!("janji_connections", "Connections of clients that are open");
        describe_counter!(
            "janji_connections_refused_total",
            "Connections that were one too many"
        );
        let refused = ["overall", "address"].map(|limit| {
            let counter = counter!("janji_connections_refused_total", "limit" => limit);
            counter.increment(0);
            counter
        });
        let open = gauge!("janji_connections");
        open.increment(0);
        (open, refused)
    })
}

/// The places for connections.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    overall: usize,
    per_address: usize,
    taken: Mutex<Taken>,
    open: Gauge,
    refused: [Counter; 2],
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Connections {
    pub fn new(overall: usize, per_address: usize, database: &Database) -> Self {
        let (open, refused) = numbers(database);
        Self(Arc::new(Inner {
            overall,
            per_address,
            taken: Mutex::default(),
            open,
            refused,
        }))
    }

    /// Gives a connection from this address a place.
    ///
    /// # Errors
    /// The limit that it is over.
    pub fn admit(&self, address: IpAddr) -> Result<Place, Refused> {
        let address = network(address);
        let inner = &self.0;
        let mut taken = inner.taken();
        if inner.overall > 0 && taken.all >= inner.overall {
            inner.refused[0].increment(1);
            return Err(Refused::Overall);
        }
        let count = taken.by_address.get(&address).copied().unwrap_or_default();
        if inner.per_address > 0 && count >= inner.per_address {
            inner.refused[1].increment(1);
            return Err(Refused::Address);
        }
        taken.by_address.insert(address, count + 1);
        taken.all += 1;
        inner.open.increment(1);
        Ok(Place {
            address,
            inner: inner.clone(),
        })
    }
}

impl Inner {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a connection, which is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    address: IpAddr,
    inner: Arc<Inner>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.inner.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
        }
        self.inner.open.decrement(1);
    }
}

/// What counts as one address: whoever has one address of IPv6 has a network of 64 bits of them.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Says no to a connection, as far as that can be said at once.
pub fn refuse(stream: TcpStream, refused: Refused) {
    let answer = match refused {
        Refused::Overall => "503 Service Unavailable",
        Refused::Address => "429 Too Many Requests",
    };
    let answer =
        format!("HTTP/1.1 {answer}\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.try_write(answer.as_bytes());
}

/// What a connection is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// The rest of the headers, until then.
    Header(Instant),
    /// Another request, until then.
    Idle(Instant),
    /// For nothing: the server is about to answer.
    Nothing,
}

/// The phase of a connection, which its stream and its answers share.
#[derive(Clone, Debug)]
pub struct Phase {
    waiting: Arc<Mutex<Waiting>>,
    times: Times,
}

impl Phase {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The headers are there. The answer is under way until what this returns is dropped.
    pub fn begin_answer(&self) -> Answering {
        *self.waiting() = Waiting::Nothing;
        Answering(self.clone())
    }
}

/// An answer that is under way.
#[derive(Debug)]
pub struct Answering(Phase);

impl Drop for Answering {
    fn drop(&mut self) {
        *self.0.waiting() = Waiting::Idle(Instant::now() + self.0.times.idle);
    }
}

/// A stream that ends when its client is too slow.
pub struct Watched {
    stream: Explaining,
    phase: Phase,
    read_timer: Pin<Box<Sleep>>,
    write_timer: Pin<Box<Sleep>>,
    /// Whether the client has taken nothing since the timer was set.
    is_stuck: bool,
}

impl Watched {
    pub fn new(stream: Explaining, times: Times) -> Self {
        let until = Instant::now() + times.header;
        Self {
            stream,
            phase: Phase {
                waiting: Arc::new(Mutex::new(Waiting::Header(until))),
                times,
            },
            read_timer: Box::pin(sleep_until(until)),
            write_timer: Box::pin(sleep_until(until)),
            is_stuck: false,
        }
    }

    pub fn phase(&self) -> Phase {
        self.phase.clone()
    }

    /// Ends a write that has waited for too long.
    fn limited<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.is_stuck = false;
            return written;
        }
        if !std::mem::replace(&mut self.is_stuck, true) {
            let until = Instant::now() + self.phase.times.write;
            self.write_timer.as_mut().reset(until);
        }
        ready!(self.write_timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let watched = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut watched.stream).poll_read(cx, buffer);
        let mut waiting = watched.phase.waiting();
        if read.is_ready() {
            if buffer.filled().len() > before && matches!(*waiting, Waiting::Idle(_)) {
                *waiting = Waiting::Header(Instant::now() + watched.phase.times.header);
            }
            // Whoever sends byte after byte is always ready.
            if let Waiting::Header(until) = *waiting
                && until <= Instant::now()
            {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            return read;
        }
        let (Waiting::Header(until) | Waiting::Idle(until)) = *waiting else {
            return Poll::Pending;
        };
        drop(waiting);
        if watched.read_timer.deadline() != until {
            watched.read_timer.as_mut().reset(until);
        }
        ready!(watched.read_timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let watched = self.get_mut();
        let written = Pin::new(&mut watched.stream).poll_write(cx, bytes);
        watched.limited(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let watched = self.get_mut();
        let written = Pin::new(&mut watched.stream).poll_write_vectored(cx, parts);
        watched.limited(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// The body of a request, which fails when it takes too long as a whole.
#[derive(Debug)]
pub struct Unhurried {
    body: Incoming,
    timer: Pin<Box<Sleep>>,
}

impl Unhurried {
    pub fn new(body: Incoming, time: Duration) -> Self {
        Self {
            body,
            timer: Box::pin(sleep_until(Instant::now() + time)),
        }
    }
}

/// The body of a request did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request took too long")]
pub struct TooSlow;

impl Body for Unhurried {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let unhurried = self.get_mut();
        match Pin::new(&mut unhurried.body).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(Into::into))),
            Poll::Pending => {
                ready!(unhurried.timer.as_mut().poll(cx));
                Poll::Ready(Some(Err(TooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, by whose end the connection waits for another request.
#[derive(Debug)]
pub struct Tracked {
    body: axum::body::Body,
    _answering: Answering,
}

impl Tracked {
    pub fn new(body: axum::body::Body, answering: Answering) -> Self {
        Self {
            body,
            _answering: answering,
        }
    }
}

impl Body for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_is_its_network_and_one_of_ipv4_itself() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::1", "2001:db8:1:2::"),
            ("::1", "::"),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(network(address).to_string(), expected);
        }
    }
}
