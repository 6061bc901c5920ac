//! Workers that look for something to do again and again, and are woken when there is some.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

use crate::{database::Database, error::AppError};

/// The time after which a worker looks by itself: for what is due by now, what another server wrote and did not do, and
/// what came while PostgreSQL was away.
const PAUSE: Duration = Duration::from_secs(5);

/// Workers of a server, at work. While the installation is a paused copy, none of them does a round.
#[derive(Debug)]
pub struct Workers {
    database: Database,
    stop: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
}

impl Workers {
    /// None yet, for the work of this installation.
    pub fn of(database: &Database) -> Self {
        Self {
            database: database.clone(),
            stop: watch::channel(false).0,
            workers: Vec::new(),
        }
    }

    /// Starts a worker, which does rounds until there is nothing more to do, and then waits to be woken. A round answers with
    /// how much it did. `what` names what it looks at, in lines of the log.
    pub fn add<F, Fut>(&mut self, what: &'static str, wake_up: Arc<Notify>, round: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<usize, AppError>> + Send + 'static,
    {
        let (stopped, database) = (self.stop.subscribe(), self.database.clone());
        let round = Arc::new(round);
        let unless_paused = move || {
            let (database, round) = (database.clone(), round.clone());
            async move {
                match database.is_paused().await? {
                    true => Ok(0),
                    false => round().await,
                }
            }
        };
        self.workers
            .push(tokio::spawn(work(what, wake_up, stopped, unless_paused)));
    }

    /// Lets the workers end: what they are doing comes to its end, and nothing more is begun. Answers whether it did so in
    /// this time.
    pub async fn stop(self, within: Duration) -> bool {
        let _ = self.stop.send(true);
        let all = async {
            for worker in self.workers {
                let _ = worker.await;
            }
        };
        tokio::time::timeout(within, all).await.is_ok()
    }
}

async fn work<F, Fut>(what: &'static str, wake_up: Arc<Notify>, mut stopped: watch::Receiver<bool>, round: F)
where
    F: Fn() -> Fut + Send + 'static,
    Fut: Future<Output = Result<usize, AppError>> + Send + 'static,
{
    loop {
        if *stopped.borrow() {
            return;
        }
        match round().await {
            // There may be more.
            Ok(1..) => continue,
            Ok(0) => {}
            // The outage has its own lines in the log.
            Err(AppError::Unavailable) => tracing::debug!(what, "there was no looking for what is due"),
            Err(error) => tracing::warn!(%error, what, "there was no looking for what is due"),
        }
        tokio::select! {
            () = wake_up.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopped.changed() => {}
        }
    }
}
