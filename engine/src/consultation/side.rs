//! The two people of a consultation.

use crate::account::role::Role;

/// One of the two people of a consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The patient, or the holder of the phone who acts for them.
    Patient,
    Doctor,
}

impl Side {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Doctor => "doctor",
        }
    }

    /// Reads the word that [`Side::as_str`] writes.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Patient, Self::Doctor]
            .into_iter()
            .find(|side| side.as_str() == word)
    }

    pub fn other(self) -> Self {
        match self {
            Self::Patient => Self::Doctor,
            Self::Doctor => Self::Patient,
        }
    }

    pub fn role(self) -> Role {
        match self {
            Self::Patient => Role::Patient,
            Self::Doctor => Role::Doctor,
        }
    }
}
