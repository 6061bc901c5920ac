//! Clinical notes: what the doctor of an appointment notes about it, for doctors who have to do with the patient. Never for
//! the patient, the desk or an admin.
//!
//! Every version is kept. Whoever writes has the row of the appointment, and names the version that they have read: the second
//! of two editors is told, and loses nothing.

pub mod integrity;
mod read;
mod write;

use jiff::Timestamp;

pub use self::{
    read::{Noted, of_patient, read},
    write::{WriteNote, write},
};

/// The length of a note, in characters.
pub const MAX_NOTE: usize = 5000;

/// A version of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Counts from 1.
    pub version: i32,
    /// The name of whoever wrote it.
    pub written_by: String,
    pub written_at: Timestamp,
    /// Empty where the note was taken out.
    pub text: String,
}

/// The note of an appointment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Newest first.
    pub versions: Vec<Version>,
    /// Whether the reader may write it: the doctor of the appointment.
    pub may_write: bool,
}

impl Note {
    /// The version that holds; 0 where nothing was noted yet.
    pub fn version(&self) -> i32 {
        self.versions.first().map_or(0, |latest| latest.version)
    }

    /// What holds.
    pub fn text(&self) -> &str {
        self.versions.first().map_or("", |latest| latest.text.as_str())
    }
}
