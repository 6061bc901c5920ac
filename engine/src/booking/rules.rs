//! The clinic's rules about time limits: how long a hold lasts, and how long a request waits for its answer.

use jiff::Timestamp;

use crate::time::{Range, plus_minutes};

/// Factor by which a hold can be extended altogether, so that nobody sits on a time.
const MAX_HOLDS: i64 = 3;

/// The limits that the clinic sets on holds and requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Length of a hold from when it is placed or extended, in minutes (B5).
    pub hold_minutes: i64,
    /// Time in which a doctor answers a request, in minutes.
    pub answer_minutes: i64,
    /// The number of requests that a patient may have open at once; 0 is no limit.
    pub open_requests: u32,
    /// The number of requests and appointments together that a patient may have ahead; 0 is no limit.
    pub open_appointments: u32,
    /// Whether staff said that the patient may have more of the service than its limits allow.
    pub over_limit: bool,
}

impl Rules {
    /// These rules for staff who say whether the limits of the service count.
    #[must_use]
    pub fn with_limit_exceeded(self, over_limit: bool) -> Self {
        Self { over_limit, ..self }
    }

    /// The longest time that a hold can be extended to, from the moment it was placed; in minutes.
    pub fn max_hold_minutes(self) -> i64 {
        MAX_HOLDS * self.hold_minutes
    }

    /// The end of a hold that is placed now.
    pub fn held_until(self, now: Timestamp) -> Timestamp {
        plus_minutes(now, self.hold_minutes)
    }

    /// The moment until which a hold that was placed at `created_at` may be extended.
    pub fn may_be_held_until(self, created_at: Timestamp) -> Timestamp {
        plus_minutes(created_at, self.max_hold_minutes())
    }

    /// The moment until which a request for this time waits for its answer: its start at the latest.
    pub(crate) fn answer_until(self, time: Range, now: Timestamp) -> Timestamp {
        plus_minutes(now, self.answer_minutes).min(time.start)
    }
}
