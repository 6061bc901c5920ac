//! Courses: several appointments of one patient with one doctor, by a pattern such as every Tuesday at nine. They are looked at
//! before they are booked, and booked as one visit: all that were chosen, or none.

mod pattern;
mod preview;

pub use self::{
    pattern::{End, MAX_EVERY, Pattern, Unit},
    preview::{Asks, Dated, Preview, Why, preview},
};
pub use crate::visit::MAX_COURSE;
