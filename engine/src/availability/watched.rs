//! The doctors whose times are looked at: one read for each of them and each change, however many pages are open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use metrics::{counter, describe_counter};
use tokio::sync::{
    Notify,
    broadcast::{self, error::RecvError},
    watch,
};

use super::busy::{Busy, busy};
use crate::database::Database;

/// Several changes that come together are told once.
const SETTLE_TIME: Duration = Duration::from_millis(150);

/// The age up to which a page that is opened is told what others were told: holds lapse without a word.
const FRESH_TIME: Duration = Duration::from_secs(1);

/// An announcement to those who read for pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Times of this doctor changed.
    Doctor(i64),
    /// Something changed in the text consultation of this appointment.
    Consultation(i64),
    /// The line was down: anything may have changed.
    Anything,
}

/// What was read, and when.
type Reading = Option<(Arc<Busy>, Instant)>;

#[derive(Clone, Debug)]
struct Doctor {
    readings: Arc<watch::Sender<Reading>>,
    wanted: Arc<Notify>,
}

/// The doctors whose times are looked at.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    database: Database,
    heard: broadcast::Sender<Heard>,
    doctors: Arc<Mutex<HashMap<i64, Doctor>>>,
}

impl Watched {
    pub(super) fn new(database: Database, heard: broadcast::Sender<Heard>) -> Self {
        database.statistics().record(|| {
            describe_counter!(
                "janji_live_reads_total",
                "Reads of what is busy, for all open pages of a doctor at once"
            );
            counter!("janji_live_reads_total").increment(0);
        });
        Self {
            database,
            heard,
            doctors: Arc::default(),
        }
    }

    fn doctors(&self) -> MutexGuard<'_, HashMap<i64, Doctor>> {
        self.doctors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the times of a doctor from now on.
    pub(super) fn look(&self, doctor_id: i64) -> Look {
        let mut doctors = self.doctors();
        let (doctor, is_new) = match doctors.get(&doctor_id) {
            Some(doctor) => (doctor.clone(), false),
            None => {
                let doctor = Doctor {
                    readings: Arc::new(watch::channel(None).0),
                    wanted: Arc::default(),
                };
                doctors.insert(doctor_id, doctor.clone());
                (doctor, true)
            }
        };
        let look = Look {
            readings: doctor.readings.subscribe(),
            wanted: doctor.wanted.clone(),
            is_first: true,
        };
        drop(doctors);
        if is_new {
            // Before the first read, so that no change is missed between the two.
            let heard = self.heard.subscribe();
            tokio::spawn(self.clone().read(doctor_id, doctor, heard));
        }
        look
    }

    /// Reads at every change, until nobody looks any more.
    async fn read(self, doctor_id: i64, doctor: Doctor, mut heard: broadcast::Receiver<Heard>) {
        loop {
            self.database
                .statistics()
                .record(|| counter!("janji_live_reads_total").increment(1));
            match busy(&self.database, doctor_id, self.database.now()).await {
                Ok(busy) => {
                    doctor
                        .readings
                        .send_replace(Some((Arc::new(busy), Instant::now())));
                }
                // Pages keep what they have until the database is back.
                Err(error) => tracing::debug!(%error, "open pages could not be told what is busy"),
            }
            loop {
                tokio::select! {
                    () = doctor.readings.closed() => {
                        let mut doctors = self.doctors();
                        // Somebody may have come meanwhile.
                        if doctor.readings.receiver_count() == 0 {
                            doctors.remove(&doctor_id);
                            return;
                        }
                    }
                    () = doctor.wanted.notified() => break,
                    word = heard.recv() => match word {
                        Ok(Heard::Doctor(id)) if id != doctor_id => {}
                        Ok(Heard::Consultation(_)) => {}
                        Ok(_) | Err(RecvError::Lagged(_)) => {
                            tokio::time::sleep(SETTLE_TIME).await;
                            break;
                        }
                        Err(RecvError::Closed) => {
                            self.doctors().remove(&doctor_id);
                            return;
                        }
                    },
                }
            }
        }
    }
}

/// A page that looks at the times of a doctor.
#[derive(Debug)]
pub struct Look {
    readings: watch::Receiver<Reading>,
    wanted: Arc<Notify>,
    is_first: bool,
}

impl Look {
    /// Waits for what is busy: at once for the first time, and then whenever it may have changed. It is always the whole of
    /// it. `None` where there is nothing more to come.
    pub async fn next(&mut self) -> Option<Arc<Busy>> {
        if std::mem::take(&mut self.is_first) {
            let reading = self.readings.borrow_and_update().clone();
            match reading {
                Some((busy, read_at)) if read_at.elapsed() < FRESH_TIME => return Some(busy),
                Some(_) => self.wanted.notify_one(),
                // It is being read for the first time.
                None => {}
            }
        }
        loop {
            self.readings.changed().await.ok()?;
            let reading = self.readings.borrow_and_update().clone();
            if let Some((busy, _)) = reading {
                return Some(busy);
            }
        }
    }
}
