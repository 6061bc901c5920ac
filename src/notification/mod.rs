//! Messages of the demo, as a page and as JSON.

pub mod api;
pub mod page;
