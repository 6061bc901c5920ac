//! Roles: the capacity in which somebody acts.

use serde::{Deserialize, Serialize};

/// The capacity in which somebody acts (I4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A browser that holds a time and has not signed in yet.
    Visitor,
    Patient,
    Doctor,
    Admin,
    /// The desk of named clinics: it books, moves and cancels for patients, and has nothing of what runs the clinics.
    Reception,
    /// Janji itself: what happens because time passes.
    System,
}

impl Role {
    pub fn is_staff(self) -> bool {
        matches!(self, Self::Doctor | Self::Admin | Self::Reception)
    }

    /// Whether somebody in this role is at the desk: they act for patients with any doctor, and for doctors who are asked.
    pub fn is_at_desk(self) -> bool {
        matches!(self, Self::Admin | Self::Reception)
    }

    const ALL: [Self; 6] = [
        Self::Visitor,
        Self::Patient,
        Self::Doctor,
        Self::Admin,
        Self::Reception,
        Self::System,
    ];

    /// Reads what [`Role::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Reads a role that somebody of staff can have.
    pub fn parse_staff(text: &str) -> Option<Self> {
        Self::parse(text).filter(|role| role.is_staff())
    }

    /// As the database writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Patient => "patient",
            Self::Doctor => "doctor",
            Self::Admin => "admin",
            Self::Reception => "reception",
            Self::System => "system",
        }
    }
}
