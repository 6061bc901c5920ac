//! The outcome of an import, line by line.

use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// The outcome of each line. Sessions and idempotency keys store it, so it has no passwords.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Nothing was written.
    pub is_check: bool,
    /// In the order of the lines.
    pub rows: Vec<Reported>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    pub line: usize,
    pub name: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The doctor is there now, or would be.
    Added {
        id: i64,
    },
    /// Somebody signs in with this e-mail address already; the doctor, if it is one. Nothing was changed.
    Already {
        id: Option<i64>,
    },
    /// An earlier line of the same import has the e-mail address.
    Twice {
        line: usize,
    },
    Wrong(Vec<AppError>),
}

impl Outcome {
    /// Whether somebody has to look at the line again.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Twice { .. } | Self::Wrong(_))
    }
}

impl Report {
    pub fn has_failed(&self, line: usize) -> bool {
        self.rows
            .iter()
            .any(|row| row.line == line && row.outcome.is_failure())
    }
}
