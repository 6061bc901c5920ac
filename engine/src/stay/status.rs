//! The status of a stay, and the ways from one to another.

use serde::{Deserialize, Serialize};

/// The status of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its rooms are kept while somebody decides.
    Held,
    Booked,
    /// Its people are in their rooms.
    Arrived,
    /// They are gone again.
    Left,
    Cancelled,
    /// A hold that ran out, and whose rooms somebody else wanted.
    Lapsed,
}

impl Status {
    pub const ALL: [Self; 6] = [
        Self::Held,
        Self::Booked,
        Self::Arrived,
        Self::Left,
        Self::Cancelled,
        Self::Lapsed,
    ];

    /// Reads what [`Status::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// As the database and programs write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Arrived => "arrived",
            Self::Left => "left",
            Self::Cancelled => "cancelled",
            Self::Lapsed => "lapsed",
        }
    }

    /// Whether a stay with this status has its rooms, or had them to its end.
    pub fn has_rooms(self) -> bool {
        matches!(self, Self::Held | Self::Booked | Self::Arrived | Self::Left)
    }

    /// Whether the nights and rooms of a stay with this status can be changed.
    pub fn can_be_changed(self) -> bool {
        matches!(self, Self::Booked | Self::Arrived)
    }

    /// Whether a stay goes from this status to that one.
    pub fn may_become(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Held, Self::Booked | Self::Cancelled | Self::Lapsed)
                // Its rooms are still free.
                | (Self::Lapsed, Self::Booked)
                | (Self::Booked, Self::Arrived | Self::Cancelled)
                // Back, where somebody has clicked in the wrong row.
                | (Self::Arrived, Self::Left | Self::Booked)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_it_is_written() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(Status::parse("gone"), None);
    }

    #[test]
    fn a_stay_walks_from_its_hold_to_its_end() {
        use Status::{Arrived, Booked, Cancelled, Held, Lapsed, Left};
        let legal = [
            (Held, Booked),
            (Held, Cancelled),
            (Held, Lapsed),
            (Lapsed, Booked),
            (Booked, Arrived),
            (Booked, Cancelled),
            (Arrived, Left),
            (Arrived, Booked),
        ];
        for from in Status::ALL {
            for to in Status::ALL {
                assert_eq!(
                    from.may_become(to),
                    legal.contains(&(from, to)),
                    "{from:?} {to:?}"
                );
            }
        }
    }
}
