//! Group sessions: their pages, forms and calls, and the stream by which open pages learn how many seats are left.

pub mod api;
pub mod forms;
pub mod page;
pub mod stream;
