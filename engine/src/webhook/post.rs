//! What a worker has posted, by somebody who knows how.

use std::pin::Pin;

use super::{rules::Trouble, secret::SigningSecret};

/// The length of what is kept of an answer, in bytes.
pub const ANSWER_KEPT: usize = 1024;

/// A request to a webhook.
#[derive(Clone, Debug)]
pub struct Request {
    pub url: String,
    /// The same at every attempt.
    pub name: String,
    /// When this attempt is made, in seconds since 1970.
    pub timestamp: i64,
    pub body: String,
    /// Each signs it: the present one, and the one before as long as it is good.
    pub secrets: Vec<SigningSecret>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// There was an answer: its status, and the beginning of its body.
    Answered { status: u16, answer: String },
    /// There was none.
    Failed(Trouble),
}

/// The future of [`Poster::post`].
pub type Posting<'a> = Pin<Box<dyn Future<Output = Posted> + Send + 'a>>;

/// Posts to webhooks. It takes no longer than some seconds, reads no more of an answer than it needs, follows nobody elsewhere,
/// and goes to public addresses alone unless the installation allows others.
pub trait Poster: Send + Sync + 'static {
    fn post<'a>(&'a self, request: &'a Request) -> Posting<'a>;
}
