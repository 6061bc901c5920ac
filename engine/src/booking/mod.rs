//! Choosing a time, holding it and booking it.

mod any;
mod book;
mod claim;
mod composite;
mod hold;
pub mod integrity;
mod keep;
pub mod reference;
mod release;
mod reschedule;
mod submit;
mod submit_visit;
mod walk_in;
mod wanted;

use self::claim::*;
pub use self::{
    any::{book_any, hold_any},
    book::{Book, LATE_MINUTES, book},
    composite::{BookVisit, MAX_SEGMENTS, Visit, book_visit, cancel_visit},
    hold::{Hold, hold},
    keep::{keep, may_keep_until},
    release::release,
    reschedule::{Reschedule, reschedule},
    submit::{Submit, submit},
    submit_visit::{SubmitVisit, submit_visit},
    walk_in::{WalkIn, walk_in},
};
pub use wanted::Wanted;
