//! Bodies: of a request, which has to come in time, and of an answer, by whose end another request is waited for.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::stream::Answering;

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
