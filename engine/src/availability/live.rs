//! Open pages learn that a time has gone (C6): PostgreSQL carries the word between servers, and
//! server-sent events carry it to the browsers.
//!
//! An announcement says only *which doctor's* times changed; they are read anew, once for all pages of this server. In the
//! same way, whoever has a text consultation open hears that something was written in it, and not what.
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
use tokio::sync::{
    broadcast::{self, error::RecvError},
    mpsc,
};

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
const CONSULTATIONS: &str = "janji_consultations";

/// Number of open pages of one address that listen at a time: a household or a waiting room. The pages of others work
/// without.
const MAX_LISTENERS: usize = 50;

/// The number of changes that are announced together.
const BATCH: usize = 64;

/// The pause before what failed is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

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

/// What is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    /// Times of this doctor changed.
    Doctor(i64),
    /// Something was written or seen in the consultation of this appointment.
    Consultation(i64),
}

impl Word {
    fn of(event: &Event) -> Option<Self> {
        match event {
            Event::TimesChanged { doctor_id } | Event::ArrivalChanged { doctor_id, .. } => {
                Some(Self::Doctor(*doctor_id))
            }
            Event::ConsultationWritten { appointment_id, .. }
            | Event::ConsultationSeen { appointment_id } => Some(Self::Consultation(*appointment_id)),
            _ => None,
        }
    }

    /// The channel on which it goes to every server, and what is said there.
    fn said(self) -> (String, String) {
        match self {
            Self::Doctor(id) => (CHANNEL.to_owned(), id.to_string()),
            Self::Consultation(id) => (CONSULTATIONS.to_owned(), id.to_string()),
        }
    }
}

/// Queues what changed for the task that announces it.
struct Announcer(mpsc::Sender<Word>);

impl database::Listener for Announcer {
    fn after_commit(&self, events: &[Event]) {
        for event in events {
            // When even the queue is full, pages learn with the next change; no transaction relies on them.
            if let Some(word) = Word::of(event)
                && self.0.try_send(word).is_err()
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

    /// Hears from now on when something may have changed in the consultation of this appointment.
    pub fn overhear(&self, appointment_id: i64) -> Consultation {
        self.overhear_all(vec![appointment_id], None)
    }

    /// Hears from now on when something may have changed in the consultations of these appointments, or in the days of this
    /// doctor.
    pub fn overhear_all(&self, appointments: Vec<i64>, doctor_id: Option<i64>) -> Consultation {
        Consultation {
            appointments,
            doctor_id,
            heard: self.heard.subscribe(),
        }
    }
}

/// An open page with a text consultation, or with what is new in several.
#[derive(Debug)]
pub struct Consultation {
    appointments: Vec<i64>,
    doctor_id: Option<i64>,
    heard: broadcast::Receiver<Heard>,
}

impl Consultation {
    /// Waits until something may have changed. `None` where there is nothing more to come.
    pub async fn next(&mut self) -> Option<()> {
        loop {
            match self.heard.recv().await {
                Ok(Heard::Consultation(id)) if self.appointments.contains(&id) => return Some(()),
                Ok(Heard::Doctor(id)) if self.doctor_id == Some(id) => return Some(()),
                Ok(Heard::Anything) | Err(RecvError::Lagged(_)) => return Some(()),
                Ok(Heard::Doctor(_) | Heard::Consultation(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// Announces what is queued. What cannot be announced is, as soon as it can be: the page that has not heard of it may hear of
/// nothing else for hours.
async fn send(database: Database, mut announced: mpsc::Receiver<Word>) {
    let mut words = Vec::new();
    let mut is_told = false;
    while !words.is_empty() || announced.recv_many(&mut words, BATCH).await > 0 {
        words.sort_unstable();
        words.dedup();
        let Err(error) = announce(&database, &words).await else {
            words.clear();
            is_told = false;
            continue;
        };
        // An outage has its own lines in the log.
        if error != AppError::Unavailable && !std::mem::replace(&mut is_told, true) {
            tracing::warn!(%error, "changes could not be announced, trying again");
        }
        tokio::time::sleep(RETRY_PAUSE).await;
        while let Ok(word) = announced.try_recv() {
            words.push(word);
        }
    }
}

async fn announce(database: &Database, words: &[Word]) -> Result<(), AppError> {
    let (channels, words): (Vec<String>, Vec<String>) = words.iter().map(|word| word.said()).unzip();
    database
        .write("live.announce", move |mut tx| {
            let (channels, words) = (channels.clone(), words.clone());
            async move {
                sqlx::query!(
                    "select pg_notify(channel, word) from unnest($1::text[], $2::text[]) as said (channel, word)",
                    &channels,
                    &words,
                )
                .fetch_all(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await
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
        tokio::time::sleep(RETRY_PAUSE).await;
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
        .connect_with(database.of_one_connection().await?)
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen_all([CHANNEL, CONSULTATIONS]).await?;
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
            Some(notification) => match (notification.channel(), notification.payload().parse()) {
                (CONSULTATIONS, Ok(appointment_id)) => Heard::Consultation(appointment_id),
                (_, Ok(doctor_id)) => Heard::Doctor(doctor_id),
                (_, Err(_)) => continue,
            },
            None => Heard::Anything,
        };
        // Nobody listening is fine.
        let _ = heard.send(word);
    }
}
