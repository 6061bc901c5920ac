//! The desk: pages, forms and calls for staff who book for patients.

pub mod api;
pub mod forms;
pub mod page;

use engine::{account::Caller, error::AppError};
use serde::{Deserialize, Serialize};

/// Where the pages of a caller's desk begin.
///
/// # Errors
/// `NOT_FOUND` for who has none.
pub fn base_of(caller: &Caller) -> Result<&'static str, AppError> {
    match caller {
        Caller::Admin { .. } => Ok("/admin"),
        Caller::Doctor { .. } => Ok("/doctor"),
        Caller::Patient { .. } => Err(AppError::NotFound),
    }
}

/// What was typed into a form of the desk, so that no refusal makes anybody type it again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Typed {
    phone: String,
    name: String,
    reason: String,
    /// The offer that was chosen.
    offer: String,
    /// Whom the phone number belongs to.
    patient_id: Option<i64>,
    /// When, and why then, where somebody overbooks.
    day: String,
    hours: String,
    because: String,
}

/// Under which name a session keeps it.
const FORM: &str = "desk";

/// About whom it is, where that is not known yet.
const NOBODY_YET: &str = "new";

/// Likewise, of who walks in.
const WALK_IN: &str = "walk-in";
