//! Real servers of Janji on a PostgreSQL of their own, driven over HTTP: the search for what breaks (`script/torture`),
//! and what the figures share with it (`script/bench`).

pub mod client;
pub mod disk;
pub mod measure;
pub mod postgres;
pub mod proxy;
pub mod run;
pub mod server;
pub mod world;

use std::error::Error;

use tokio::signal::unix::{SignalKind, signal};

/// Nobody tells these failures apart: they end the program.
pub type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Waits for a signal that tells a program to stop: what it has started and its folder are then removed in order.
pub async fn told_to_stop() {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    );
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = signals else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}
