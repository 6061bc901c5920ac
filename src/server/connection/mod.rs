//! Connections: how many there may be, and how slow they may be.

mod body;
mod place;
mod stream;

use std::time::Duration;

pub use self::{
    body::{Tracked, Unhurried},
    place::{Connections, Place, numbers, refuse},
    stream::Watched,
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
