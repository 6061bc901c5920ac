//! Changes of doctors' days, for pages that are open and read themselves anew.

use std::time::Duration;

use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::watched::Heard;

/// Several changes that come together are told once.
const SETTLE_TIME: Duration = Duration::from_millis(400);

/// A page that waits for changes of these doctors' days.
#[derive(Debug)]
pub struct Changes {
    heard: Receiver<Heard>,
    doctors: Vec<i64>,
}

impl Changes {
    pub(super) fn new(heard: Receiver<Heard>, doctors: Vec<i64>) -> Self {
        Self { heard, doctors }
    }

    /// Waits until something may have changed. `None` where there is nothing more to come.
    pub async fn next(&mut self) -> Option<()> {
        loop {
            match self.heard.recv().await {
                Ok(Heard::Doctor(id)) if !self.doctors.contains(&id) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return None,
            }
        }
        tokio::time::sleep(SETTLE_TIME).await;
        self.heard = self.heard.resubscribe();
        Some(())
    }
}
