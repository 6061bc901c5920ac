//! Asking a running server how it is, as containers and service managers do who have no other program to ask with.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use janji::server::{Config, listens_on};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::failure::Failure;

/// The time in which the server must have answered. `/readyz` gives the database two seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The most that is read of an answer, in bytes.
const MAX_ANSWER: u64 = 16 * 1024;

/// Returns what the server with this configuration says at `/healthz`, or at `/readyz`.
pub(super) async fn health(config: &Config, ready: bool) -> Result<String, Failure> {
    let address = reached_at(listens_on(config)?);
    let path = if ready { "/readyz" } else { "/healthz" };
    let answer = tokio::time::timeout(ANSWER_TIMEOUT, ask(address, path))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .map_err(|error| Failure::NoAnswer(address, error))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    match status.starts_with("HTTP/1.1 200 ") {
        true => Ok(body.to_owned()),
        false if body.is_empty() => Err(Failure::Unwell(address, status.to_owned())),
        false => Err(Failure::Unwell(address, body.trim_end().to_owned())),
    }
}

/// A server that listens everywhere is asked on this machine.
fn reached_at(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn ask(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_this_machine() {
        for (listens, asked) in [
            ("0.0.0.0:3000", "127.0.0.1:3000"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.7:3000", "10.0.0.7:3000"),
        ] {
            assert_eq!(reached_at(listens.parse().unwrap()).to_string(), asked);
        }
    }
}
