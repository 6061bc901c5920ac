//! The one clock of an installation: that of the database.
//!
//! Several servers decide about the same times, and their own clocks may be wrong. So *now* is the time of the database.
//! The statement that begins a transaction answers with it, which costs no round trip of its own; between two answers a
//! server counts on by a clock that nobody sets. Where an answer and the count differ by more than [`TOLERANCE`], the
//! machine has slept, or the clock of the database was set: what was decided by the count is not done, and the next request
//! has the right time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

/// Difference between count and answer up to which a transaction is begun.
pub(super) const TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// Difference between the clocks of the server and of the database beyond which the server says so and runs no worker.
pub const MAX_CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_secs(5);

/// An answer that took longer says too little to count on from it.
const MAX_ROUND_TRIP: Duration = Duration::from_millis(500);

/// The statement that asks for the time of the database, in microseconds since 1970: that at which the transaction began.
macro_rules! now {
    () => {
        "select (extract(epoch from now()) * 1000000)::bigint"
    };
}
pub(super) use now;

/// The time in an answer to [`now`].
pub(super) fn timestamp(microseconds: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(microseconds).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The count of the database's time.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The last answer that was taken over, and when it came.
    reading: Option<(Timestamp, Instant)>,
    /// The time by which the server's own clock is ahead.
    ahead: SignedDuration,
    /// The time by which a test has the server's own clock wrong.
    shift: SignedDuration,
}

impl State {
    /// The server's own clock.
    fn own(&self) -> Timestamp {
        let own = Timestamp::now();
        own.checked_add(self.shift).unwrap_or(own)
    }

    /// The time of the database; before it has been asked, that of the server.
    fn at(&self, instant: Instant) -> Timestamp {
        match self.reading {
            Some((database, read_at)) => {
                let since = instant.saturating_duration_since(read_at);
                let before = read_at.saturating_duration_since(instant);
                database
                    .checked_add(since)
                    .and_then(|time| time.checked_sub(before))
                    .unwrap_or(database)
            }
            None => self.own(),
        }
    }
}

impl Clock {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Timestamp {
        self.state().at(Instant::now())
    }

    /// The time by which the server's own clock is ahead of the database's; negative where it is behind.
    pub fn ahead(&self) -> SignedDuration {
        self.state().ahead
    }

    /// Moves the server's own clock, and forgets what the database has said.
    pub fn shift(&self, by: SignedDuration) {
        let mut state = self.state();
        state.shift = by;
        state.reading = None;
    }

    /// Takes over an answer of the database, and says whether the count before it was right.
    pub fn read(&self, database: Timestamp, sent_at: Instant) -> bool {
        let received_at = Instant::now();
        let round_trip = received_at.saturating_duration_since(sent_at);
        let read_at = sent_at + round_trip / 2;
        let mut state = self.state();
        let unsure = SignedDuration::try_from(round_trip / 2).unwrap_or(SignedDuration::MAX);
        let difference = database.duration_since(state.at(read_at)).abs();
        let is_right = difference <= TOLERANCE.saturating_add(unsure);
        if !is_right || state.reading.is_none() || round_trip <= MAX_ROUND_TRIP {
            state.ahead = state.own().duration_since(database) - unsure;
            state.reading = Some((database, read_at));
        }
        is_right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    #[test]
    fn a_server_whose_clock_is_wrong_has_the_time_of_the_database() {
        for shift in [HOUR, -HOUR, HOUR * 48, -HOUR * 48] {
            let clock = Clock::default();
            clock.shift(shift);
            let database = Timestamp::now();
            assert!(!clock.read(database, Instant::now()));
            assert!(clock.now().duration_since(database).abs() < SignedDuration::from_secs(1));
            assert!((clock.ahead() - shift).abs() < SignedDuration::from_secs(1));
            assert!(clock.read(Timestamp::now(), Instant::now()));
        }
    }

    #[test]
    fn a_clock_of_the_database_that_was_set_is_noticed_once() {
        let clock = Clock::default();
        assert!(clock.read(Timestamp::now(), Instant::now()));
        assert!(!clock.read(Timestamp::now() + HOUR, Instant::now()));
        assert!(clock.read(Timestamp::now() + HOUR, Instant::now()));
    }

    #[test]
    fn a_slow_answer_does_not_move_the_count() {
        let clock = Clock::default();
        assert!(clock.read(Timestamp::now(), Instant::now()));
        let before = clock.now();
        let sent_at = Instant::now().checked_sub(Duration::from_secs(8)).unwrap();
        assert!(clock.read(before - SignedDuration::from_secs(5), sent_at));
        assert!(clock.now() >= before);
    }
}
