//! Rules of recurrence (RFC 5545, 3.3.10), and the dates and times that they make.
//!
//! A rule is about what a clock shows: the first of each month at nine. Which point in time that is, is asked for each time
//! alone.

mod dates;
mod rule;
mod times;

pub use self::{
    rule::Rule,
    times::{Bounds, Looks, times},
};
