//! Answering requests, from the first to the last.

use std::{convert::Infallible, io, net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};
use tower::Service;

use super::{
    AppState, Farewell,
    connection::{Connections, Place, Times, Tracked, Unhurried, Watched, refuse},
    router::router,
    unreadable::Explaining,
};

/// The word that a server is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// As a service manager says it: with the time for a load balancer to notice.
    InOrder,
    /// As a person at the terminal says it.
    AtOnce,
}

/// The pause after a connection could not be taken, as when the process has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Answers requests until the word comes. Then the server is unready first, later takes no more requests, and lets those
/// that are under way come to their end. A second word is that of somebody who does not want to wait.
///
/// # Errors
/// Those of the listener.
pub async fn serve_until(
    listener: TcpListener,
    state: AppState,
    mut stops: mpsc::UnboundedReceiver<Stop>,
) -> io::Result<()> {
    let (farewell, times) = (state.farewell.clone(), state.config.operation.farewell);
    let serving = serve(listener, state);
    let mut serving = std::pin::pin!(serving);
    let stop = tokio::select! {
        () = &mut serving => return Ok(()),
        stop = next(&mut stops) => stop,
    };
    farewell.leave();
    if stop == Stop::InOrder && !times.pause.is_zero() {
        tracing::info!(
            seconds = times.pause.as_secs_f64(),
            "no longer ready; requests are answered until a load balancer has noticed"
        );
        tokio::select! {
            () = &mut serving => return Ok(()),
            () = tokio::time::sleep(times.pause) => {}
            _ = next(&mut stops) => {}
        }
    }
    farewell.drain();
    tokio::select! {
        () = &mut serving => Ok(()),
        () = tokio::time::sleep(times.drain) => {
            tracing::warn!(seconds = times.drain.as_secs_f64(), "requests that are still under way are given up");
            Ok(())
        }
        _ = next(&mut stops) => Ok(()),
    }
}

/// Takes connections until the server drains, and ends when the last of them has ended.
async fn serve(listener: TcpListener, state: AppState) {
    let limits = state.config.operation.connections;
    // Behind a proxy, every connection comes from the proxy.
    let per_address = match state.config.trust_proxy {
        true => 0,
        false => limits.per_address,
    };
    let connections = Connections::new(limits.overall, per_address, &state.database);
    let farewell = state.farewell.clone();
    let router = router(state);
    // Each connection has a receiver; when the last one is gone, all have ended.
    let (open, _) = watch::channel(());
    loop {
        let (stream, peer) = tokio::select! {
            () = farewell.draining() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_of_the_caller(&error) => continue,
                Err(error) => {
                    tracing::error!(%error, "a connection could not be taken");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        match connections.admit(peer.ip()) {
            Ok(place) => {
                let (router, farewell, open) = (router.clone(), farewell.clone(), open.subscribe());
                let times = limits.times;
                tokio::spawn(async move {
                    answer(stream, peer, place, times, router, farewell).await;
                    drop(open);
                });
            }
            Err(refusal) => refuse(stream, refusal),
        }
    }
    drop(listener);
    open.closed().await;
}

/// Whether the connection was gone before it was taken.
fn is_of_the_caller(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Answers the requests of a connection, one after the other.
async fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    times: Times,
    router: Router,
    farewell: Farewell,
) {
    // A page is written in several parts, and nobody waits for the next one.
    let _ = stream.set_nodelay(true);
    let watched = Watched::new(Explaining::new(stream), times);
    let phase = watched.phase();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut router = router.clone();
        let request_is_whole = phase.begin_answer();
        let mut request: Request = request.map(|body| Body::new(Unhurried::new(body, times.body)));
        request.extensions_mut().insert(ConnectInfo(peer));
        async move {
            let response: Response = match router.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            Ok::<_, Infallible>(response.map(|body| Tracked::new(body, request_is_whole)))
        }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            // The time-outs of headers are those of `Watched`, which tells an idle connection from a slow one.
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(watched), service)
    );
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = farewell.draining() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(place);
}

/// The next word; never, where nobody can say it any more.
async fn next(stops: &mut mpsc::UnboundedReceiver<Stop>) -> Stop {
    match stops.recv().await {
        Some(stop) => stop,
        None => std::future::pending().await,
    }
}
