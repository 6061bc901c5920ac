//! A message that a worker has.

use jiff::Timestamp;

use super::kind::{Channel, Kind};
use crate::i18n::Locale;

/// A message that this worker has.
#[derive(Clone)]
pub struct Claimed {
    pub id: i64,
    pub kind: Kind,
    pub channel: Channel,
    pub recipient: String,
    pub locale: Locale,
    /// Written already, where its kind is.
    pub subject: String,
    pub body: String,
    /// Whether its text is erased once it is sent.
    pub is_secret: bool,
    pub appointment_id: Option<i64>,
    pub version: Option<i32>,
    pub starts_at: Option<Timestamp>,
    pub patient_id: Option<i64>,
    pub staff_id: Option<i64>,
    /// The offer of the waitlist that is spoken of.
    pub offer_id: Option<i64>,
    /// The stay that is spoken of.
    pub stay_id: Option<i64>,
    /// The payment that is spoken of.
    pub payment_id: Option<i64>,
    pub day: Option<jiff::civil::Date>,
    pub not_after: Timestamp,
    /// With this one.
    pub attempts: i32,
    pub created_at: Timestamp,
    /// The name of the claim.
    pub claim: String,
}

impl Claimed {
    /// The name of the message for providers. A database that was made anew counts from one again, but not at the same time.
    pub fn name(&self) -> String {
        format!("{}.{}", self.id, self.created_at.as_microsecond())
    }
}

/// Hides to whom it goes and what it says.
impl std::fmt::Debug for Claimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Claimed({}, {})", self.id, self.kind.as_str())
    }
}
