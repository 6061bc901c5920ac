//! Places for connections: how many there may be overall, and from one address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use tokio::net::TcpStream;

use engine::database::Database;

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
