//! The workers of the outbox: one for each lane, on every server.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::{
    claim::Lane,
    deliver::{Dispatch, deliver},
    kind::Channel,
    listen::Writer,
};
use crate::worker::Workers;

/// The outbox of a server, at work.
#[derive(Debug)]
pub struct Outbox(Workers);

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
    pub fn start(dispatch: &Dispatch, wake_ups: WakeUps) -> Self {
        let mut workers = Workers::of(&dispatch.database);
        for (lane, wake_up) in wake_ups {
            let dispatch = dispatch.clone();
            workers.add("outbox", wake_up, move || {
                let dispatch = dispatch.clone();
                async move { deliver(&dispatch, lane, dispatch.database.now()).await }
            });
        }
        Self(workers)
    }

    /// Lets the workers end: what they are sending is sent and written down, and nothing more is claimed.
    pub async fn stop(self, within: Duration) {
        if !self.0.stop(within).await {
            tracing::warn!(
                "a message was still being sent: another server, or this one when it starts again, looks after it"
            );
        }
    }
}
