//! Open pages learn that a time has gone (C6): PostgreSQL carries the word between servers, and
//! server-sent events carry it to the browsers.
//!
//! An announcement says only *which doctor's* times changed; they are read anew, once for all pages of this server.
//! So nothing that arrives late or twice can make a page show something old. The announcement is
//! made after the commit, in batches: inside the transaction, `notify` would make every commit in the
//! database wait for the one before it.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::{broadcast, mpsc};

use super::{
    changes::Changes,
    watched::{Heard, Look, Watched},
};
use crate::{
    database::{self, Database},
    error::AppError,
    event::Event,
};

const CHANNEL: &str = "janji_times";

/// Number of open pages of one address that listen at a time: a household or a waiting room. The pages of others work
/// without.
const MAX_LISTENERS: usize = 50;

/// After how long without a word the line is tried, and how long that may take.
const QUIET_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// Announces changes, and hears of those of every server.
#[derive(Clone, Debug)]
pub struct Live {
    watched: Watched,
    heard: broadcast::Sender<Heard>,
    /// The number of open pages of each address that listen.
    listening: Arc<Mutex<HashMap<String, usize>>>,
}

/// An open page that listens; its place is free again when this is dropped.
#[derive(Debug)]
pub struct Listener {
    address: String,
    listening: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = listening.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                listening.remove(&self.address);
            }
        }
    }
}

/// Queues the doctors whose times changed for the task that announces them.
struct Announcer(mpsc::Sender<i64>);

impl database::Listener for Announcer {
    fn after_commit(&self, events: &[Event]) {
        for event in events {
            // When even the queue is full, pages learn with the next change; no transaction relies on them.
            if let Event::TimesChanged { doctor_id } | Event::ArrivalChanged { doctor_id, .. } = event
                && self.0.try_send(*doctor_id).is_err()
            {
                tracing::warn!("too many changes to announce all of them");
            }
        }
    }
}

impl Live {
    /// Listens to the transactions of this database, and starts the two tasks that carry the word. They end with the
    /// runtime.
    pub fn start(database: Database) -> Self {
        let (announce, announced) = mpsc::channel(1024);
        let (heard, _) = broadcast::channel(256);
        database.listen(Arc::new(Announcer(announce)));
        tokio::spawn(send(database.clone(), announced));
        tokio::spawn(listen(database.clone(), heard.clone()));
        Self {
            watched: Watched::new(database, heard.clone()),
            heard,
            listening: Arc::default(),
        }
    }

    /// Lets an open page of this address listen, unless too many do.
    pub fn admit(&self, address: &str) -> Option<Listener> {
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        let count = listening.entry(address.to_owned()).or_default();
        if *count >= MAX_LISTENERS {
            return None;
        }
        *count += 1;
        Some(Listener {
            address: address.to_owned(),
            listening: self.listening.clone(),
        })
    }

    /// Waits for changes of the days of these doctors.
    pub fn changes(&self, doctors: Vec<i64>) -> Changes {
        Changes::new(self.heard.subscribe(), doctors)
    }

    /// Looks at the times of a doctor, together with every other page that does.
    pub fn look(&self, doctor_id: i64) -> Look {
        self.watched.look(doctor_id)
    }
}

async fn send(database: Database, mut announced: mpsc::Receiver<i64>) {
    let mut batch = Vec::new();
    while announced.recv_many(&mut batch, 64).await > 0 {
        batch.sort_unstable();
        batch.dedup();
        let doctors: Vec<String> = batch.drain(..).map(|doctor_id| doctor_id.to_string()).collect();
        let result = database
            .write("live.announce", move |mut tx| {
                let doctors = doctors.clone();
                async move {
                    sqlx::query!(
                        "select pg_notify($1, doctor) from unnest($2::text[]) as doctor",
                        CHANNEL,
                        &doctors,
                    )
                    .fetch_all(&mut *tx)
                    .await?;
                    tx.commit().await
                }
            })
            .await;
        // An outage has its own lines in the log.
        if let Err(error) = result
            && error != AppError::Unavailable
        {
            tracing::warn!(%error, "changes could not be announced");
        }
    }
}

async fn listen(database: Database, heard: broadcast::Sender<Heard>) {
    let mut is_told = false;
    loop {
        if let Err(error) = hear(&database, &heard, &mut is_told).await {
            // Once for each time that the line is lost, however often it is called again.
            if std::mem::replace(&mut is_told, true) {
                tracing::debug!(%error, "no line for live changes yet, calling again");
            } else {
                tracing::warn!(%error, "lost the line for live changes, calling again");
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn hear(
    database: &Database,
    heard: &broadcast::Sender<Heard>,
    is_told: &mut bool,
) -> Result<(), sqlx::Error> {
    // A connection of its own: the pool is small and for work.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with((*database.pool().connect_options()).clone())
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    *is_told = false;
    // Announcements while nobody listened.
    let _ = heard.send(Heard::Anything);
    loop {
        let Ok(received) = tokio::time::timeout(QUIET_TIMEOUT, listener.try_recv()).await else {
            // Is nothing said, or is nothing heard? A line that went silent is left for another one.
            let asked = sqlx::raw_sql("select 1").execute(&mut listener);
            tokio::time::timeout(CONNECTION_TIMEOUT, asked)
                .await
                .map_err(|_| sqlx::Error::Io(io::ErrorKind::TimedOut.into()))??;
            continue;
        };
        let word = match received? {
            Some(notification) => match notification.payload().parse() {
                Ok(doctor_id) => Heard::Doctor(doctor_id),
                Err(_) => continue,
            },
            None => Heard::Anything,
        };
        // Nobody listening is fine.
        let _ = heard.send(word);
    }
}
