//! The workers of the outbox: one for each lane, on every server.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

use super::{
    claim::Lane,
    deliver::{Dispatch, deliver},
    kind::Channel,
    listen::Writer,
};
use crate::error::AppError;

/// The time after which a worker looks by itself: for what is due by now, what another server wrote and did not send, and
/// what came while PostgreSQL was away.
const PAUSE: Duration = Duration::from_secs(5);

/// The outbox of a server, at work.
#[derive(Debug)]
pub struct Outbox {
    stop: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
}

/// The lanes of the outbox, and what wakes each of them.
pub type WakeUps = Vec<(Lane, Arc<Notify>)>;

/// Lets what happens to appointments be said from now on. Answers with what wakes the lanes.
pub fn listen(dispatch: &Dispatch) -> WakeUps {
    let wake_ups: WakeUps = (Lane::ALL.into_iter())
        .map(|lane| (lane, Arc::new(Notify::new())))
        .collect();
    dispatch.database.listen(Arc::new(Writer {
        wake_ups: wake_ups.clone(),
        has_email: dispatch.senders.of(Channel::Email).is_some(),
        has_sms: dispatch.senders.of(Channel::Sms).is_some(),
    }));
    wake_ups
}

impl Outbox {
    /// Starts the workers.
    pub fn start(dispatch: Dispatch, wake_ups: WakeUps) -> Self {
        let (stop, stopped) = watch::channel(false);
        let workers = (wake_ups.into_iter())
            .map(|(lane, wake_up)| tokio::spawn(work(dispatch.clone(), lane, wake_up, stopped.clone())))
            .collect();
        Self { stop, workers }
    }

    /// Lets the workers end: what they are sending is sent and written down, and nothing more is claimed.
    pub async fn stop(self, within: Duration) {
        let _ = self.stop.send(true);
        let all = async {
            for worker in self.workers {
                let _ = worker.await;
            }
        };
        if tokio::time::timeout(within, all).await.is_err() {
            tracing::warn!(
                "a message was still being sent: another server, or this one when it starts again, looks after it"
            );
        }
    }
}

async fn work(dispatch: Dispatch, lane: Lane, wake_up: Arc<Notify>, mut stopped: watch::Receiver<bool>) {
    loop {
        if *stopped.borrow() {
            return;
        }
        match deliver(&dispatch, lane, dispatch.database.now()).await {
            // There may be more.
            Ok(1..) => continue,
            Ok(0) => {}
            // The outage has its own lines in the log.
            Err(AppError::Unavailable) => tracing::debug!("the outbox could not be looked at"),
            Err(error) => tracing::warn!(%error, "the outbox could not be looked at"),
        }
        tokio::select! {
            () = wake_up.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopped.changed() => {}
        }
    }
}
