//! The time of a round, and how long a server may take.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{remote::Failed, rules::Trouble};

/// Nothing that is asked of a server takes longer; a lease does.
const REMOTE_TIMEOUT: Duration = Duration::from_secs(60);

/// The time, counted on from when a round began.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    began: Timestamp,
    at: Instant,
}

impl Clock {
    pub fn start(now: Timestamp) -> Self {
        Self {
            began: now,
            at: Instant::now(),
        }
    }

    pub fn began(self) -> Timestamp {
        self.began
    }

    pub fn now(self) -> Timestamp {
        self.began.checked_add(self.at.elapsed()).unwrap_or(self.began)
    }
}

/// What a server answers, if it does so in time.
///
/// # Errors
/// Why it was not done.
pub(super) async fn in_time<T>(asked: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let answered = tokio::time::timeout(REMOTE_TIMEOUT, asked).await;
    answered.unwrap_or(Err(Trouble::TimedOut.into()))
}
