//! Answering requests, from the first to the last.

use std::{io, net::SocketAddr};

use tokio::{net::TcpListener, sync::mpsc};

use super::{AppState, router::router, unreadable::explaining};

/// The word that a server is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// As a service manager says it: with the time for a load balancer to notice.
    InOrder,
    /// As a person at the terminal says it.
    AtOnce,
}

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
    let told = farewell.clone();
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(explaining(listener), service)
        .with_graceful_shutdown(async move { told.draining().await });
    let mut serving = std::pin::pin!(serving.into_future());
    let stop = tokio::select! {
        served = &mut serving => return served,
        stop = next(&mut stops) => stop,
    };
    farewell.leave();
    if stop == Stop::InOrder && !times.pause.is_zero() {
        tracing::info!(
            seconds = times.pause.as_secs_f64(),
            "no longer ready; requests are answered until a load balancer has noticed"
        );
        tokio::select! {
            served = &mut serving => return served,
            () = tokio::time::sleep(times.pause) => {}
            _ = next(&mut stops) => {}
        }
    }
    farewell.drain();
    tokio::select! {
        served = &mut serving => served,
        () = tokio::time::sleep(times.drain) => {
            tracing::warn!(seconds = times.drain.as_secs_f64(), "requests that are still under way are given up");
            Ok(())
        }
        _ = next(&mut stops) => Ok(()),
    }
}

/// The next word; never, where nobody can say it any more.
async fn next(stops: &mut mpsc::UnboundedReceiver<Stop>) -> Stop {
    match stops.recv().await {
        Some(stop) => stop,
        None => std::future::pending().await,
    }
}
