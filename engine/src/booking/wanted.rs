//! A time of a doctor that somebody wants to book.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A time of a doctor: numbers only, so that an error can carry it in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// [`Wanted::ANY`] for any doctor who offers the service.
    pub doctor_id: i64,
    /// [`Wanted::ANY`] for any clinic.
    pub clinic_id: i64,
    pub service_id: i64,
    /// Seconds since 1970 in UTC.
    pub starts_at: i64,
}

impl Wanted {
    /// An id that nobody has.
    pub const ANY: i64 = 0;

    pub fn starts_at(self) -> Timestamp {
        // A number out of range is no time of any plan, and neither is the beginning of 1970.
        Timestamp::from_second(self.starts_at.max(0)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
