//! One request to a server of calendars: to a public address unless the installation allows others, bounded in everything.

use std::time::Duration;

use engine::{
    caldav::{Access, Failed, Trouble},
    error::Field,
    webhook::Target,
};
use jiff::SignedDuration;
use reqwest::{
    Client, Method, Response,
    header::{ETAG, LOCATION, RETRY_AFTER},
};
use tokio::time::{Instant, timeout_at};

use super::address::resolved;
use crate::webhook::post::{checked_client, is_not_public};

/// The time that a request may take, with the look-up of its name and the reading of its answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The length of an answer, in bytes: whoever says more is hung up on.
const MAX_ANSWER: usize = 1024 * 1024;

/// The same of a list of names, which a large calendar makes long.
const MAX_LIST: usize = 16 * 1024 * 1024;

/// The number of addresses that one leads to, one after the other.
const MAX_REDIRECTS: usize = 5;

/// Asks over HTTP.
#[derive(Clone)]
pub struct Http {
    client: Client,
    allows_private: bool,
    timeout: Duration,
}

/// A request.
#[derive(Clone, Debug, Default)]
pub(super) struct Question<'a> {
    pub method: &'static str,
    pub url: &'a str,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// Whether it asks for names alone: of those there may be many.
    pub is_list: bool,
}

impl Question<'_> {
    /// The length of an answer that is read.
    fn most(&self) -> usize {
        match self.is_list {
            true => MAX_LIST,
            false => MAX_ANSWER,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub body: String,
    /// Where it came from, after what was followed.
    pub url: String,
}

impl Http {
    /// `allows_private` is for servers in the clinic's own network: without it, neither these nor plain HTTP.
    ///
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(allows_private: bool) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: checked_client(allows_private)?,
            allows_private,
            timeout: TIMEOUT,
        })
    }

    /// The same with another limit, for tests.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Asks, and is led on where only something is looked for: every address on the way is checked like the first one.
    pub(super) async fn ask(&self, access: &Access, question: &Question<'_>) -> Result<Answer, Failed> {
        let mut url = question.url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            let (answer, location) = self.ask_once(access, question, &url).await?;
            match location {
                Some(location) if question.method == "PROPFIND" => {
                    url = resolved(&url, &location).ok_or(Trouble::Unreadable)?;
                }
                _ => return Ok(answer),
            }
        }
        Err(Trouble::Refused.into())
    }

    async fn ask_once(
        &self,
        access: &Access,
        question: &Question<'_>,
        url: &str,
    ) -> Result<(Answer, Option<String>), Failed> {
        // A host that is a number is never looked up, and what the installation allows may have changed.
        let target = Target::of_field(Field::CalendarServer, url, self.allows_private);
        let target = target.map_err(|_| Trouble::PrivateAddress)?;
        let method = Method::from_bytes(question.method.as_bytes()).map_err(|_| Trouble::Refused)?;
        let mut request = self
            .client
            .request(method, target.as_str())
            .timeout(self.timeout)
            .basic_auth(&access.username, Some(access.password.expose()))
            .body(question.body.clone());
        for (name, value) in &question.headers {
            request = request.header(*name, value);
        }
        let deadline = Instant::now() + self.timeout;
        let response = match timeout_at(deadline, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(meaning(&error).into()),
            Err(_) => return Err(Trouble::TimedOut.into()),
        };
        let status = response.status().as_u16();
        let header = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (etag, location) = (header(ETAG), header(LOCATION));
        let wait = header(RETRY_AFTER).and_then(|value| wait_of(&value));
        match status {
            401 => return Err(Trouble::Unauthorized.into()),
            429 | 503 => {
                return Err(Failed {
                    trouble: Trouble::Busy,
                    wait,
                });
            }
            _ => {}
        }
        let answer = Answer {
            status,
            etag,
            body: read(response, deadline, question.most()).await?,
            url: url.to_owned(),
        };
        Ok((
            answer,
            location.filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308)),
        ))
    }
}

/// Reads an answer, which neither may be too long nor take too long.
async fn read(mut response: Response, deadline: Instant, most: usize) -> Result<String, Failed> {
    let mut body = Vec::new();
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() > most => {
                return Err(Trouble::TooLong.into());
            }
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return String::from_utf8(body).map_err(|_| Trouble::Unreadable.into()),
            Ok(Err(error)) => return Err(meaning(&error).into()),
            Err(_) => return Err(Trouble::TimedOut.into()),
        }
    }
}

/// What a failure means. The error itself may repeat the address, so nobody is told of it.
fn meaning(error: &reqwest::Error) -> Trouble {
    if is_not_public(error) {
        return Trouble::PrivateAddress;
    }
    match error.is_timeout() {
        true => Trouble::TimedOut,
        false => Trouble::Unreachable,
    }
}

/// The time for which a server wants to be left alone, in seconds. A date is not read: servers of calendars say seconds, and
/// without them they are left alone for longer and longer.
fn wait_of(value: &str) -> Option<SignedDuration> {
    value
        .trim()
        .parse::<u32>()
        .ok()
        .map(|seconds| SignedDuration::from_secs(seconds.into()))
}
