//! The waitlist: pages, forms and calls.

pub mod api;
pub mod forms;
pub mod page;
pub mod way;
