//! What a session remembers, and under which names.

use serde::{Deserialize, Serialize};

/// The typed values of a form that was refused, or that a later step needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub phone: String,
    pub name: String,
    /// For whom it is, of those who share the phone, as [`engine::account::family::Whose`] reads it.
    pub whose: String,
    /// The reason for the appointment.
    pub reason: String,
    pub email: String,
    /// The references of the holds of a visit that is being put together (B7).
    pub parts: Vec<String>,
    /// The reference of the hold that was chosen last, to which the pages lead back.
    pub held: String,
    /// When something was kept last, in seconds since 1970.
    pub(super) kept_at: i64,
}

/// The typed values of a form about an appointment.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept<T> {
    pub reference: String,
    pub typed: T,
    /// In seconds since 1970.
    pub at: i64,
}

/// The code that this browser asked for, and for what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Challenge {
    pub token: String,
    /// The path that follows.
    pub next: String,
}

/// The second step of a sign-in of staff, which this browser has to take.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecondStep {
    pub token: String,
    /// Whether a factor has to be set up, rather than shown.
    pub is_enrolment: bool,
    /// The path that follows.
    pub next: String,
    /// When the first step was taken, in seconds since 1970: after some minutes it is forgotten.
    pub at: i64,
}

/// The browser and the network address that somebody signs in from, for them to recognise.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SignedInFrom {
    /// What the browser says that it is.
    pub agent: String,
    pub address: String,
}

/// A form that was not handled, since nobody was signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unsent {
    /// The page that it was sent from.
    pub page: String,
    /// The path that it was sent to.
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// Whether its page was left by another button than its own, such as that of a language, and not by the end of a session.
    #[serde(default)]
    pub is_unfinished: bool,
    /// When it was kept, in seconds since 1970.
    pub at: i64,
}

pub(super) const SIGNED_IN: &str = "signed_in";

pub(super) const SIGNED_IN_AT: &str = "signed_in_at";

pub(super) const SIGNED_IN_FROM: &str = "signed_in_from";

pub(super) const VISITOR: &str = "visitor";

pub(super) const DRAFT: &str = "draft";

pub(super) const CHALLENGE: &str = "challenge";

pub(super) const SECOND_STEP: &str = "second_step";

pub(super) const PROVED_AT: &str = "proved_at";

pub(super) const CLINIC: &str = "clinic";

pub(super) const UNSENT: &str = "unsent";
