//! The workers of the outbox: one for each lane, on every server.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

use super::{
    claim::Lane,
    deliver::{Desk, deliver},
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
pub type Alarms = Vec<(Lane, Arc<Notify>)>;

/// Lets what happens to appointments be said from now on. Answers with what wakes the lanes.
pub fn listen(desk: &Desk) -> Alarms {
    let alarms: Alarms = (Lane::ALL.into_iter())
        .map(|lane| (lane, Arc::new(Notify::new())))
        .collect();
    desk.database.listen(Arc::new(Writer {
        alarms: alarms.clone(),
        has_email: desk.senders.of(Channel::Email).is_some(),
        has_sms: desk.senders.of(Channel::Sms).is_some(),
    }));
    alarms
}

impl Outbox {
    /// Starts the workers.
    pub fn start(desk: Desk, alarms: Alarms) -> Self {
        let (stop, stopped) = watch::channel(false);
        let workers = (alarms.into_iter())
            .map(|(lane, alarm)| tokio::spawn(work(desk.clone(), lane, alarm, stopped.clone())))
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

async fn work(desk: Desk, lane: Lane, alarm: Arc<Notify>, mut stopped: watch::Receiver<bool>) {
    loop {
        if *stopped.borrow() {
            return;
        }
        match deliver(&desk, lane, desk.database.now()).await {
            // There may be more.
            Ok(1..) => continue,
            Ok(0) => {}
            // The outage has its own lines in the log.
            Err(AppError::Unavailable) => tracing::debug!("the outbox could not be looked at"),
            Err(error) => tracing::warn!(%error, "the outbox could not be looked at"),
        }
        tokio::select! {
            () = alarm.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopped.changed() => {}
        }
    }
}
