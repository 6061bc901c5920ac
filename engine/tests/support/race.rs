//! Races: everybody is released at once, by a barrier or by a lock.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use sqlx::Connection;
use tokio::sync::Barrier;

use super::app::{CROWD, TestApp};
use engine::error::{AppError, Refusal};

/// Every booking and every move comes to its doctor first. They share it: when it is free, all of them go on at once.
pub const DOCTORS: &str = "select from doctors for update";
/// Every booking and every move comes to the hours of its doctor, one after the other; see [`TestApp::first_booked`].
pub const HOURS: &str = "select from calendar_hours for update";
/// Every change comes to its appointment.
pub const APPOINTMENTS: &str = "select from appointments for update";

impl TestApp {
    /// Releases everybody at once, and answers with what became of each, in their order. Connections
    /// are there before: nobody is late for having to open one.
    pub async fn race<T, Fut>(&self, racers: Vec<Fut>) -> Vec<T>
    where
        T: Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        self.assert_room_for(racers.len());
        let mut connections = Vec::new();
        for _ in 0..self.pool_size.min(u32::try_from(racers.len()).unwrap()) {
            connections.push(self.database.pool().acquire().await.unwrap());
        }
        drop(connections);
        let start = Arc::new(Barrier::new(racers.len()));
        let racers: Vec<_> = racers
            .into_iter()
            .map(|racer| {
                let start = start.clone();
                tokio::spawn(async move {
                    start.wait().await;
                    racer.await
                })
            })
            .collect();
        let mut results = Vec::new();
        for racer in racers {
            results.push(racer.await.unwrap());
        }
        results
    }

    /// Releases everybody by a lock that all of them come to, and answers like [`Self::race`]. `gate` takes the lock, and
    /// gives it back when they wait there, as many as there are connections. Those of a wave come before those of the next,
    /// but for those who share the lock.
    pub async fn race_behind<T, Fut>(&self, gate: &'static str, waves: Vec<Vec<Fut>>) -> Vec<T>
    where
        T: Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        self.assert_room_for(waves.iter().map(Vec::len).sum());
        let mut keeper = self.connection().await;
        let mut gate_of_keeper = keeper.begin().await.unwrap();
        sqlx::raw_sql(gate).execute(&mut *gate_of_keeper).await.unwrap();
        let (mut racers, mut waiting) = (Vec::new(), 0);
        for wave in waves {
            waiting += i64::try_from(wave.len()).unwrap();
            racers.extend(wave.into_iter().map(tokio::spawn));
            self.until_waiting(waiting.min(i64::from(self.pool_size))).await;
        }
        gate_of_keeper.rollback().await.unwrap();
        let mut results = Vec::new();
        for racer in racers {
            results.push(racer.await.unwrap());
        }
        results
    }

    /// Fails where so many would wait for connections instead of for each other.
    fn assert_room_for(&self, racers: usize) {
        let wanted = u32::try_from(racers).unwrap().min(CROWD);
        assert!(
            self.pool_size >= wanted,
            "{racers} at once are for TestApp::crowded()"
        );
    }

    /// Makes the rows of this hour that its first booking makes, so that others wait at them.
    pub async fn first_booked(&self, hour: Timestamp) {
        sqlx::query(
            "insert into calendar_hours (doctor_id, starts_at)
             select id, to_timestamp($1::bigint) from doctors on conflict do nothing",
        )
        .bind(hour.as_second())
        .execute(&mut *self.spare().await)
        .await
        .unwrap();
    }

    /// Waits until this many transactions wait for a lock.
    pub async fn until_waiting(&self, count: i64) {
        let mut connection = self.connection().await;
        let look = async {
            loop {
                let waiting: i64 = sqlx::query_scalar(
                    "select count(*) from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock'",
                )
                .fetch_one(&mut connection)
                .await
                .unwrap();
                if waiting >= count {
                    return;
                }
                // Whoever looks all the time keeps those from a core for whom it waits.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), look)
            .await
            .expect("nobody waits");
    }
}

/// Why a booking failed, if that is why.
pub fn refusal<T>(result: &Result<T, AppError>) -> Option<Refusal> {
    match result {
        Err(AppError::BookingFailed { reason, .. }) => Some(*reason),
        _ => None,
    }
}

/// The results of a race in which one wins; everybody else's errors.
pub fn one_winner<T: Clone + std::fmt::Debug>(results: &[Result<T, AppError>]) -> (T, Vec<AppError>) {
    let winners: Vec<&T> = results.iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    let losers = results
        .iter()
        .filter_map(|result| result.as_ref().err().copied())
        .collect();
    (winners[0].clone(), losers)
}
