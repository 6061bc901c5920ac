//! Choosing a time, holding it and booking it.
//!
//! A patient *holds* a time and then *submits* the hold, which books it; meanwhile the hold can be *extended* and
//! *released*. Programs and staff *book* at once. A booked appointment can be *rescheduled*. Each verb is a file, and each
//! of them takes its locks through [`locks::Locks`].

mod any;
pub(crate) mod book;
mod extend;
pub(crate) mod hold;
pub mod integrity;
pub(crate) mod limit;
pub(crate) mod locks;
pub(crate) mod open;
pub mod reference;
mod release;
pub(crate) mod reschedule;
mod rules;
pub(crate) mod submit;
mod walk_in;
mod wanted;

pub use self::{
    any::{book_any, hold_any},
    book::{Book, book},
    extend::extend,
    hold::{Hold, hold},
    release::release,
    reschedule::{Reschedule, reschedule},
    rules::Rules,
    submit::{Submit, submit},
    walk_in::{WalkIn, WalksIn, walk_in},
    wanted::Wanted,
};
