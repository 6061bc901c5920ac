//! The desk: pages, forms and calls for staff who book for patients.

pub mod access;
pub mod api;
pub mod card;
pub mod files;
pub mod forms;
pub mod merge;
pub mod page;
pub mod stream;

use engine::{account::Caller, error::AppError, time};
use jiff::civil;
use serde::{Deserialize, Serialize};

/// Returns the first path of the caller's desk.
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

/// The date of a URL, of the years that the database and its users know.
fn date_of(text: &str) -> Option<civil::Date> {
    time::date(text).filter(|date| (2000..2200).contains(&date.year()))
}

/// The typed values of a form of the desk, kept when it is refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Typed {
    phone: String,
    name: String,
    /// For whom it is, where several may have the phone.
    whose: String,
    reason: String,
    /// The offer that was chosen.
    offer: String,
    /// The patient with the phone number.
    patient_id: Option<i64>,
    /// When, and why then, where somebody overbooks.
    day: String,
    hours: String,
    because: String,
}

/// The name of the form in a session.
const FORM: &str = "desk";

/// The subject of the form while the patient is not known yet.
const NOBODY_YET: &str = "new";

/// The subject of the form for walk-ins.
const WALK_IN: &str = "walk-in";
