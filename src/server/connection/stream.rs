//! The stream of a connection, which ends when its client is too slow, and the phase that it is in.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::Times;
use crate::server::unreadable::Explaining;

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
