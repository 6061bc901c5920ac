//! Whether anything leaves this installation: a copy that was restored is paused until somebody releases it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Database;
use crate::error::AppError;

/// The time for which an answer is kept: that much later, a copy that another server has released is at work. A database is
/// paused only as it is restored, while nobody uses it.
const KEPT_FOR: Duration = Duration::from_secs(2);

/// The last answer, and when it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Pause(Arc<Mutex<Option<(bool, Instant)>>>);

impl Database {
    /// Whether this is a restored copy from which nothing is to leave: no message, payment, webhook or calendar. Everything
    /// that tells or asks somebody outside asks this first; [`Workers`](crate::worker::Workers) do.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn is_paused(&self) -> Result<bool, AppError> {
        let kept = *self.pause.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((is_paused, at)) = kept
            && at.elapsed() < KEPT_FOR
        {
            return Ok(is_paused);
        }
        let is_paused = self
            .read("installation.paused", |mut connection| async move {
                let is_paused = sqlx::query_scalar!(
                    r#"select paused_since is not null as "is_paused!" from installation"#
                );
                Ok(is_paused.fetch_one(&mut *connection).await?)
            })
            .await?;
        *self.pause.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((is_paused, Instant::now()));
        Ok(is_paused)
    }

    /// Forgets what was known, after a change by this server.
    pub(crate) fn forget_pause(&self) {
        *self.pause.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
