//! Posting to webhooks: to addresses of the public internet alone, and bounded in everything.
//!
//! A name is resolved here, what it leads to is checked, and the connection goes to that very address: nobody can have a name lead
//! elsewhere between the check and the connection. Redirects are not followed, so there is nothing to check again.

use std::{
    error::Error as _,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use engine::webhook::{ANSWER_KEPT, Posted, Poster, Posting, Request, Target, Trouble, is_public};
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect::Policy,
};
use tokio::time::{Instant, timeout_at};

use super::sign::signatures;

/// The time that a request may take, with the look-up of its name and the reading of its answer.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);
/// The length of an answer that is read, in bytes: whoever says more is hung up on.
const MAX_ANSWER: usize = 64 * 1024;

/// A client that goes to addresses of the public internet alone, unless the installation allows others, and follows nobody
/// elsewhere.
///
/// # Errors
/// Where the client cannot be set up.
pub(crate) fn checked_client(allows_private: bool) -> Result<Client, reqwest::Error> {
    // Somebody else may have chosen it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .dns_resolver(Arc::new(Checked { allows_private }))
        // Of the environment: it would look names up itself.
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .https_only(!allows_private)
        .connect_timeout(CONNECTION_TIMEOUT)
        .timeout(TIMEOUT)
        // Each request is to a name that was just looked up.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("Janji/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Whether a request failed because its name leads to an address that is not public.
pub(crate) fn is_not_public(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<NotPublic>() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// Posts over HTTP.
pub struct Http {
    client: Client,
    allows_private: bool,
    timeout: Duration,
}

impl Http {
    /// `allows_private` is for receivers in the clinic's own network: without it, neither these nor plain HTTP.
    ///
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(allows_private: bool) -> Result<Self, reqwest::Error> {
        let client = checked_client(allows_private)?;
        Ok(Self {
            client,
            allows_private,
            timeout: TIMEOUT,
        })
    }

    /// The same with another limit, for tests.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn send(&self, request: &Request) -> Posted {
        // A host that is a number is never looked up, and what the installation allows may have changed.
        let Ok(target) = Target::parse(&request.url, self.allows_private) else {
            return Posted::Failed(Trouble::PrivateAddress);
        };
        // One deadline for both, so that who has said that all is well is not told again for what they say after it.
        let deadline = Instant::now() + self.timeout;
        let sent = self
            .client
            .post(target.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &request.name)
            .header("webhook-timestamp", request.timestamp)
            .header("webhook-signature", signatures(request))
            .body(request.body.clone())
            .send();
        let mut response = match timeout_at(deadline, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Posted::Failed(meaning(&error)),
            Err(_) => return Posted::Failed(Trouble::TimedOut),
        };
        let status = response.status().as_u16();
        let mut answer = Vec::new();
        // The status has come: an answer that breaks off, or never ends, changes nothing.
        while let Ok(Ok(Some(chunk))) = timeout_at(deadline, response.chunk()).await {
            answer.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER - answer.len())]);
            if answer.len() >= MAX_ANSWER {
                break;
            }
        }
        Posted::Answered {
            status,
            answer: beginning(&answer),
        }
    }
}

impl Poster for Http {
    fn post<'a>(&'a self, request: &'a Request) -> Posting<'a> {
        Box::pin(self.send(request))
    }
}

/// The beginning of an answer, as text that can be stored and shown: a stranger wrote it.
fn beginning(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(&answer[..answer.len().min(ANSWER_KEPT)]);
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
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

/// Looks names up, and refuses those that lead to addresses that are not public.
struct Checked {
    allows_private: bool,
}

/// A name leads to an address that is not public.
#[derive(Debug)]
struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to an address that is not public")
    }
}

impl std::error::Error for NotPublic {}

/// The addresses of a name, if all of them are public: one that is not says enough of the others.
fn checked(found: Vec<IpAddr>, allows_private: bool) -> Result<Vec<SocketAddr>, NotPublic> {
    match allows_private || found.iter().copied().all(is_public) {
        // The port is that of the URL.
        true => Ok(found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect()),
        false => Err(NotPublic),
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.allows_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses = checked(found.map(|address| address.ip()).collect(), allows_private)?;
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &[&str]) -> Vec<IpAddr> {
        text.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn a_name_that_leads_inside_as_well_is_refused_as_a_whole() {
        assert!(checked(addresses(&["1.1.1.1"]), false).is_ok());
        assert!(checked(addresses(&["1.1.1.1", "10.0.0.1"]), false).is_err());
        assert!(checked(addresses(&["::ffff:10.0.0.1"]), false).is_err());
        assert!(checked(addresses(&["127.0.0.1"]), true).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_it_is_looked_up() {
        let http = Http::new(false).unwrap();
        // Past what an address says of itself.
        let refused = http.client.post("https://localhost:1/").send().await.unwrap_err();
        assert_eq!(meaning(&refused), Trouble::PrivateAddress, "{refused:?}");
        let allowed = Http::new(true).unwrap();
        let refused = allowed
            .client
            .post("http://localhost:1/")
            .send()
            .await
            .unwrap_err();
        assert_eq!(meaning(&refused), Trouble::Unreachable, "{refused:?}");
    }

    #[test]
    fn an_answer_of_a_stranger_is_cut_and_cleaned() {
        assert_eq!(beginning(b"ok\x00\x1b[1m\n"), "ok  [1m\n");
        assert_eq!(beginning(&vec![b'x'; 5000]).len(), ANSWER_KEPT);
        // A letter that was cut in half is no letter any more.
        assert_eq!(beginning("é".as_bytes().split_at(1).0), "\u{fffd}");
    }
}
