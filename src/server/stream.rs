//! Streams of events to open pages: who is let in, and how they end.

use std::convert::Infallible;

use axum::{
    http::{HeaderValue, header::RETRY_AFTER},
    response::{
        Response, Sse,
        sse::{Event, KeepAlive, KeepAliveStream},
    },
};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;

use super::{AppState, Farewell, problem};
use engine::{availability::live::Listener, error::AppError, i18n::Locale};

/// The answer to a page that listens.
pub type EventStream = Sse<KeepAliveStream<ReceiverStream<Result<Event, Infallible>>>>;

/// Says an event to a page; an error once it is closed.
pub type Teller = Sender<Result<Event, Infallible>>;

/// A page that was let in.
pub struct Admitted {
    listener: Listener,
    farewell: Farewell,
}

impl Admitted {
    /// Lets a page of this address listen, or nobody where too many of this address do: that is [`one_too_many`].
    pub fn new(state: &AppState, address: &str) -> Option<Self> {
        Some(Self {
            listener: state.live.admit(address)?,
            farewell: state.farewell.clone(),
        })
    }

    /// Answers with the stream. It ends with what tells it, when the page is closed, and when the server is about to end: the
    /// page calls again, and another server answers.
    pub fn listens_to<F, Fut>(self, tell: F) -> EventStream
    where
        F: FnOnce(Teller) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let Self { listener, farewell } = self;
        let (teller, events) = channel(1);
        let telling = tell(teller);
        tokio::spawn(async move {
            let _listener = listener;
            tokio::select! {
                () = telling => {}
                () = farewell.draining() => {}
            }
        });
        Sse::new(ReceiverStream::new(events)).keep_alive(KeepAlive::default())
    }
}

/// The answer to one page too many of an address.
pub fn one_too_many(locale: Locale) -> Response {
    let mut refusal = problem(AppError::RateLimited, locale);
    // Nobody knows when a page is closed.
    refusal
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("60"));
    refusal
}
