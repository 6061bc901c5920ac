//! Busy elsewhere is busy here: what a doctor has in other calendars takes its times (X3).
//!
//! Each object of a calendar is read when it has changed there, by [`put`]. Kept of it are the times that it takes, as far ahead as
//! anything can be booked, and for a series what says when it recurs: written anew from what was understood, without a word of
//! what it is. So the worker can work out the next day of every series by itself, by [`extend`], without asking whoever has the
//! calendar, be it away or unlinked in the meantime.
//!
//! The list of times and a booking read these times in the statement in which they read the appointments of the doctor. Writing
//! them takes the doctor's lock as an absence does: a booking that is under way commits first and is told of as a conflict, or it
//! comes later and finds the time busy.

mod extend;
pub mod integrity;
mod put;
mod read;
#[cfg(test)]
mod table;
mod times;

pub use self::{
    extend::{extend, give_back, tidy},
    put::{forget, gone, put},
    read::{Conflict, Trouble, Under, calendars_at, conflicts, conflicts_in, troubles},
    times::{Times, times_of, window},
};

use crate::caldav::foreign::Unread;

/// What became of an object of a calendar elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It takes times, if only past ones.
    Busy,
    /// It takes none.
    Free,
    /// It is an appointment of ours.
    Own,
    /// It has more times than are kept: the first ones are.
    TooMany,
    /// It could not be understood: what was known of it before stands.
    Unread(Unread),
}

impl State {
    /// As the database and the keys of texts have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Free => "free",
            Self::Own => "own",
            Self::TooMany => "too_many",
            Self::Unread(Unread::TooLarge) => "too_large",
            Self::Unread(Unread::Malformed) => "malformed",
            Self::Unread(Unread::UnknownZone) => "unknown_zone",
            Self::Unread(Unread::UnknownRule) => "unknown_rule",
        }
    }
}
